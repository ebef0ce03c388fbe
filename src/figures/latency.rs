//! Durations as an HDR histogram: three significant digits, in microseconds, as wide as what is recorded.

use std::borrow::Cow;
use std::fmt;
use std::io::Read;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use flate2::read::ZlibDecoder;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Deserializer as HdrReader, Serializer as _, V2DeflateSerializer};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::number::float;

/// Significant decimal digits of every value.
const DIGITS: u8 = 3;
/// Anything longer is recorded as this: a day, in microseconds.
const LONGEST_US: u64 = 86_400_000_000;
/// Bytes of a histogram when it is inflated: more than the widest can have.
const MOST_BYTES: u64 = 1 << 20;
/// More than can ever be counted; the sum of any histogram's counts stays far below what 64 bits hold.
const MOST_COUNT: u64 = 1 << 53;
/// How an inflated histogram begins in this encoding (V2), and how a deflated one does.
const COOKIES: [u32; 2] = [0x1c84_9303 | 0x10, 0x1c84_9304 | 0x10];

/// Durations, counted by size. A new one takes no memory but its own few bytes.
///
/// As JSON: `{"count":…,"min_ms":…,"mean_ms":…,"p50_ms":…,"p90_ms":…,"p95_ms":…,"p99_ms":…,"p99_9_ms":…,"max_ms":…,"hdr":"…"}`, where
/// `hdr` is the base64 of the V2 deflated encoding that the tools of HdrHistogram read; `null` figures and an empty `hdr`
/// if nothing was recorded. It is read back from `hdr` alone.
#[derive(Clone, Default)]
pub struct Latency(Form);

#[derive(Clone, Default)]
enum Form {
    #[default]
    Empty,
    Open(Histogram<u64>),
    /// V2, deflated: a hundredth of the memory.
    Packed(Box<[u8]>),
}

/// Why bytes are no histogram of durations.
#[derive(Debug, thiserror::Error)]
pub enum LatencyError {
    /// The text is not base64.
    #[error("a histogram has to be base64: {0}")]
    Text(#[from] base64::DecodeError),
    /// The bytes are not V2 or V2 deflated, or are cut off.
    #[error("these bytes are no HDR histogram (V2, deflated): {0}")]
    Bytes(String),
}

impl Latency {
    /// Nothing recorded.
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts one duration. One of more than a day counts as a day.
    pub fn record(&mut self, duration: Duration) {
        self.record_us(u64::try_from(duration.as_micros()).unwrap_or(LONGEST_US));
    }

    /// Counts one duration in microseconds.
    pub fn record_us(&mut self, us: u64) {
        if let Some(histogram) = self.histogram_mut() {
            // It grows by itself, up to LONGEST_US: no value is out of its range.
            let _ = histogram.record(us.min(LONGEST_US));
        }
    }

    /// Adds every duration of the other one, exactly.
    pub fn add(&mut self, other: &Self) {
        let Some(others) = other.histogram() else { return };
        if let Some(histogram) = self.histogram_mut() {
            // It grows by itself, so all of the others fit.
            let _ = histogram.add(&*others);
        }
    }

    /// Lets go of most of the memory: good for one that nobody records in any more. All else goes on working.
    pub fn pack(&mut self) {
        if let Form::Open(histogram) = &self.0 {
            self.0 = encoded(histogram).map_or(Form::Empty, |bytes| Form::Packed(bytes.into()));
        }
    }

    /// How many durations there are.
    pub fn count(&self) -> u64 {
        self.histogram().map_or(0, |histogram| histogram.len())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        matches!(self.0, Form::Empty)
    }

    /// The duration that this share (0 to 1) of all do not exceed: 0.5 is the median. `None` if there is none.
    pub fn at(&self, quantile: f64) -> Option<Duration> {
        let histogram = self.histogram()?;
        Some(Duration::from_micros(histogram.value_at_quantile(quantile.clamp(0.0, 1.0)).min(histogram.max())))
    }

    /// Several quantiles at once; `None` if nothing was recorded.
    pub fn several(&self, quantiles: &[f64]) -> Option<Vec<Duration>> {
        let histogram = self.histogram()?;
        let at = |quantile: &f64| histogram.value_at_quantile(quantile.clamp(0.0, 1.0)).min(histogram.max());
        Some(quantiles.iter().map(at).map(Duration::from_micros).collect())
    }

    /// Their mean; `None` if there is none.
    pub fn mean(&self) -> Option<Duration> {
        self.histogram().map(|histogram| Duration::from_secs_f64(histogram.mean() / 1e6))
    }

    /// The longest; `None` if there is none.
    pub fn max(&self) -> Option<Duration> {
        self.histogram().map(|histogram| Duration::from_micros(histogram.max()))
    }

    /// The shortest; `None` if there is none.
    pub fn min(&self) -> Option<Duration> {
        self.histogram().map(|histogram| Duration::from_micros(histogram.min()))
    }

    /// The sum of all durations in seconds, as exact as the buckets are.
    pub fn sum_s(&self) -> f64 {
        self.histogram().map_or(0.0, |histogram| histogram.mean() * float(histogram.len()) / 1e6)
    }

    /// Each size that was recorded (the longest that counts as it), the shortest first, with its count.
    pub fn sizes(&self) -> Vec<(Duration, u64)> {
        let Some(histogram) = self.histogram() else { return Vec::new() };
        let size = |value: u64, count| (Duration::from_micros(histogram.highest_equivalent(value)), count);
        histogram.iter_recorded().map(|at| size(at.value_iterated_to(), at.count_at_value())).collect()
    }

    /// The histogram itself, in microseconds; `None` if nothing was recorded.
    pub fn histogram(&self) -> Option<Cow<'_, Histogram<u64>>> {
        match &self.0 {
            Form::Empty => None,
            Form::Open(histogram) => Some(Cow::Borrowed(histogram)),
            // Only what was encoded, or read once already, is kept packed.
            Form::Packed(bytes) => decoded(bytes).ok().map(Cow::Owned),
        }
    }

    /// V2, deflated, as base64; empty if nothing was recorded.
    pub fn hdr(&self) -> String {
        match &self.0 {
            Form::Empty => String::new(),
            Form::Open(histogram) => encoded(histogram).map_or_else(String::new, |bytes| BASE64_STANDARD.encode(bytes)),
            Form::Packed(bytes) => BASE64_STANDARD.encode(bytes),
        }
    }

    /// What [`Self::hdr`] gave, or another tool.
    ///
    /// # Errors
    /// If the text is not base64, or its bytes no histogram of that encoding with three digits.
    pub fn from_hdr(text: &str) -> Result<Self, LatencyError> {
        if text.is_empty() {
            return Ok(Self::new());
        }
        let bytes = BASE64_STANDARD.decode(text)?;
        let mut read = Self::new();
        let histogram = decoded(&bytes)?;
        if !histogram.is_empty() {
            // Anew, so that the packed form is the one that this version makes.
            read.0 = Form::Open(histogram);
            read.pack();
        }
        Ok(read)
    }

    fn histogram_mut(&mut self) -> Option<&mut Histogram<u64>> {
        if !matches!(self.0, Form::Open(_)) {
            // Three digits are always allowed.
            let mut open = Histogram::new(DIGITS).ok()?;
            if let Some(packed) = self.histogram() {
                open.add(&*packed).ok()?;
            }
            self.0 = Form::Open(open);
        }
        match &mut self.0 {
            Form::Open(histogram) => Some(histogram),
            Form::Empty | Form::Packed(_) => None,
        }
    }
}

fn encoded(histogram: &Histogram<u64>) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    // Into memory, which takes it all.
    V2DeflateSerializer::new().serialize(histogram, &mut bytes).ok()?;
    Some(bytes)
}

/// Reads V2, deflated or not; whatever the bytes claim, no more memory is taken than a histogram of ours needs.
fn decoded(bytes: &[u8]) -> Result<Histogram<u64>, LatencyError> {
    let bad = |what: &str| LatencyError::Bytes(what.to_owned());
    let word = |bytes: &[u8], at: usize| {
        let word = bytes.get(at..at + 4).and_then(|word| word.try_into().ok()).map(u32::from_be_bytes);
        word.ok_or_else(|| bad("it is cut off"))
    };
    let [plain, deflated] = COOKIES;
    let mut inflated = Vec::new();
    let whole = if word(bytes, 0)? == deflated {
        let payload = bytes.get(8..).unwrap_or_default();
        let read = ZlibDecoder::new(payload).take(MOST_BYTES).read_to_end(&mut inflated);
        read.map_err(|error| bad(&error.to_string()))?;
        &inflated
    } else {
        bytes
    };
    // cookie, length of the counts, offset, digits, lowest (8 bytes), highest (8 bytes), ratio (8 bytes)
    if word(whole, 0)? != plain {
        return Err(bad("it begins otherwise"));
    }
    let counts = whole.len().saturating_sub(40);
    if usize::try_from(word(whole, 4)?).ok() != Some(counts) {
        return Err(bad("its length is not what it says"));
    }
    let high = (u64::from(word(whole, 24)?) << 32) | u64::from(word(whole, 28)?);
    if word(whole, 12)? != u32::from(DIGITS) || high > LONGEST_US * 2 {
        return Err(bad("it is not one of three digits and at most two days in microseconds"));
    }
    let histogram: Histogram<u64> =
        HdrReader::new().deserialize(&mut &whole[..]).map_err(|error| bad(&error.to_string()))?;
    let total = histogram.iter_recorded().try_fold(0_u64, |sum, at| sum.checked_add(at.count_at_value()));
    if total.is_none_or(|total| total > MOST_COUNT) {
        return Err(bad("it counts more than can be"));
    }
    Ok(histogram)
}

impl PartialEq for Latency {
    fn eq(&self, other: &Self) -> bool {
        self.sizes() == other.sizes()
    }
}

impl fmt::Debug for Latency {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Latency").field("count", &self.count()).field("sizes", &self.sizes()).finish()
    }
}

/// The quantiles that are written.
const WRITTEN: [f64; 5] = [0.5, 0.9, 0.95, 0.99, 0.999];

#[derive(Serialize)]
struct Written {
    count: u64,
    min_ms: Option<f64>,
    mean_ms: Option<f64>,
    p50_ms: Option<f64>,
    p90_ms: Option<f64>,
    p95_ms: Option<f64>,
    p99_ms: Option<f64>,
    p99_9_ms: Option<f64>,
    max_ms: Option<f64>,
    hdr: String,
}

impl Serialize for Latency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let histogram = self.histogram();
        let ms = |of: &dyn Fn(&Histogram<u64>) -> f64| {
            let us = histogram.as_ref().map(|histogram| of(histogram))?;
            Some((us * 1e3).round() / 1e6)
        };
        let at = |place: usize| {
            let quantile = WRITTEN.get(place).copied().unwrap_or(1.0);
            ms(&|histogram| float(histogram.value_at_quantile(quantile).min(histogram.max())))
        };
        let written = Written {
            count: self.count(),
            min_ms: ms(&|histogram| float(histogram.min())),
            mean_ms: ms(&Histogram::mean),
            p50_ms: at(0),
            p90_ms: at(1),
            p95_ms: at(2),
            p99_ms: at(3),
            p99_9_ms: at(4),
            max_ms: ms(&|histogram| float(histogram.max())),
            hdr: self.hdr(),
        };
        written.serialize(serializer)
    }
}

#[derive(Deserialize)]
struct Kept {
    hdr: String,
}

impl<'de> Deserialize<'de> for Latency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Kept { hdr } = Kept::deserialize(deserializer)?;
        Self::from_hdr(&hdr).map_err(D::Error::custom)
    }
}

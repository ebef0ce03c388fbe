//! Seconds put together: as many spans of equal length as a plot has room for. Counts become rates, histograms are added, and of memory
//! and lateness the largest is taken.

use std::time::Duration;

use crate::figures::number::{float, whole};
use crate::figures::{Latency, Second};

/// As many points as a line has at the most.
const MOST: u64 = 300;

/// A span of seconds.
#[derive(Debug, Clone, Default)]
pub(super) struct Span {
    /// Its first second.
    pub(super) from_s: u64,
    /// How many seconds were counted in it.
    counted: u64,
    sum: Second,
    /// p50, p90, p99 and the longest of its round trips.
    pub(super) round_trip: Option<[Duration; 4]>,
}

/// The seconds of a run in spans.
#[derive(Debug)]
pub(super) struct Spans {
    /// How long each is, in seconds.
    pub(super) length_s: u64,
    /// Those in which anything was counted, in order.
    pub(super) spans: Vec<Span>,
}

impl Spans {
    pub(super) fn of(seconds: &[Second]) -> Self {
        let last = seconds.iter().map(|second| second.at_s).max().unwrap_or_default();
        let length_s = (last / MOST).saturating_add(1);
        let mut spans: Vec<Span> = Vec::new();
        let mut round_trip = Latency::new();
        for second in seconds {
            let from_s = second.at_s / length_s * length_s;
            if spans.last().is_none_or(|span| span.from_s != from_s) {
                close(spans.last_mut(), &mut round_trip);
                spans.push(Span { from_s, ..Span::default() });
            }
            if let Some(span) = spans.last_mut() {
                span.add(second);
                round_trip.add(&second.round_trip);
            }
        }
        close(spans.last_mut(), &mut round_trip);
        Self { length_s, spans }
    }

    /// When the last one ends.
    pub(super) fn end_s(&self) -> u64 {
        self.spans.last().map_or(0, |span| span.from_s.saturating_add(self.length_s))
    }

    /// The middle of a span.
    pub(super) fn middle(&self, span: &Span) -> f64 {
        float(span.from_s) + float(self.length_s) / 2.0
    }
}

fn close(span: Option<&mut Span>, round_trip: &mut Latency) {
    let found = std::mem::take(round_trip);
    let quantiles = found.several(&[0.5, 0.9, 0.99, 1.0]);
    if let (Some(span), Some([p50, p90, p99, max])) = (span, quantiles.as_deref()) {
        span.round_trip = Some([*p50, *p90, *p99, *max]);
    }
}

impl Span {
    fn add(&mut self, second: &Second) {
        let sum = &mut self.sum;
        self.counted += 1;
        let counts = [
            (&mut sum.connects, second.connects),
            (&mut sum.connect_failures, second.connect_failures),
            (&mut sum.drops, second.drops),
            (&mut sum.intended, second.intended),
            (&mut sum.started, second.started),
            (&mut sum.missed, second.missed),
            (&mut sum.ok, second.ok),
            (&mut sum.plugin_errors, second.plugin_errors),
            (&mut sum.timeouts, second.timeouts),
            (&mut sum.errors, second.errors),
            (&mut sum.crossed, second.crossed),
            (&mut sum.lost, second.lost),
        ];
        for (sum, count) in counts {
            *sum = sum.saturating_add(count);
        }
        // Of what is so at one time the latest is taken, or the largest.
        sum.connected = second.connected;
        sum.in_flight = sum.in_flight.max(second.in_flight);
        sum.pending = sum.pending.max(second.pending);
        sum.hub_rss_bytes = sum.hub_rss_bytes.max(second.hub_rss_bytes);
        sum.harness_rss_bytes = sum.harness_rss_bytes.max(second.harness_rss_bytes);
        sum.lag_max_ms = sum.lag_max_ms.max(second.lag_max_ms);
        sum.harness_cpu += second.harness_cpu;
        if let Some(cpu) = second.hub_cpu {
            *sum.hub_cpu.get_or_insert_default() += cpu;
        }
    }

    /// A count of its seconds as a rate.
    pub(super) fn per_s(&self, count: impl Fn(&Second) -> u64) -> f64 {
        float(count(&self.sum)) / float(self.counted.max(1))
    }

    /// What was so at one time in it.
    pub(super) fn at_most(&self, value: impl Fn(&Second) -> u64) -> f64 {
        float(value(&self.sum))
    }

    /// What was so at one time in it, if that is known.
    pub(super) fn known(&self, value: impl Fn(&Second) -> Option<u64>) -> Option<f64> {
        value(&self.sum).map(float)
    }

    /// The mean of a sum over its seconds.
    pub(super) fn mean(&self, value: impl Fn(&Second) -> Option<f64>) -> Option<f64> {
        value(&self.sum).map(|sum| sum / float(self.counted.max(1)))
    }

    /// How late the harness was at the most, in seconds.
    pub(super) fn lag_s(&self) -> f64 {
        float(whole(self.sum.lag_max_ms * 1e3)) / 1e6
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_run_is_put_together_in_spans_with_mean_rates_and_exact_histograms() {
        let second = |at_s| {
            let mut second = Second { at_s, started: at_s % 2 * 10, connected: at_s, ..Second::default() };
            second.round_trip.record(Duration::from_millis(at_s));
            second
        };
        let spans = Spans::of(&(0..1_200).map(second).collect::<Vec<_>>());
        assert_eq!((spans.length_s, spans.spans.len(), spans.end_s()), (4, 300, 1_200));
        let last = spans.spans.last().expect("a last one");
        assert!((last.per_s(|second| second.started) - 5.0).abs() < 1e-9);
        assert!((last.at_most(|second| second.connected) - 1_199.0).abs() < 1e-9);
        assert_eq!(last.round_trip.map(|at| at[3].as_millis()), Some(1_199));
    }

    #[test]
    fn nothing_has_no_spans_and_the_far_future_does_not_take_the_memory_of_a_century() {
        assert_eq!(Spans::of(&[]).end_s(), 0);
        let far = [Second::default(), Second { at_s: u64::MAX, ..Second::default() }];
        assert_eq!(Spans::of(&far).spans.len(), 2);
    }
}

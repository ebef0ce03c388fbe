//! Round trips by size, on a logarithmic axis.

use std::fmt::Write as _;

use super::plot::{Frame, Key, SIZE, frame};
use super::scale::Scale;
use super::text::{escaped, short};
use crate::figures::number::{float, float_of};
use crate::figures::units::{count, digits, seconds, time};
use crate::figures::{Latency, LoadReport};

/// Bars, about.
const BARS: usize = 48;

/// The figure; nothing if no call was answered.
pub(super) fn figure(report: &LoadReport) -> String {
    let (intended, actual) = (&report.totals.round_trip, &report.totals.round_trip_actual);
    let bounds = || [intended, actual].into_iter().filter_map(|of| Some((of.min()?, of.max()?)));
    let least = bounds().map(|(least, _)| least).min();
    let most = bounds().map(|(_, most)| most).max();
    let (Some(least), Some(most)) = (least, most) else { return String::new() };
    let x = Scale::logarithmic(least.as_secs_f64().max(1e-6), most.as_secs_f64());
    let bars = counted(intended, &x);
    let outline = counted(actual, &x);
    let highest = bars.iter().chain(&outline).copied().max().unwrap_or_default();
    let y = Scale::from_zero(float(highest), 4.0, false);
    let width = SIZE / float_of(BARS);
    let top = |number: u64| short((1.0 - y.place(float(number))) * SIZE);
    let mut drawing = String::from("<path class=\"fill look0\" d=\"");
    for (place, number) in bars.iter().enumerate().filter(|(_, number)| **number > 0) {
        let (from, to) = (float_of(place) * width, float_of(place + 1) * width);
        // Writing to a String cannot fail.
        let _ = write!(
            drawing,
            "M{} {SIZE}V{}H{}V{SIZE}Z",
            short(from + width * 0.06),
            top(*number),
            short(to - width * 0.06)
        );
    }
    drawing.push_str("\"/>\n");
    if !actual.is_empty() {
        let mut path = format!("M0 {SIZE}");
        for (place, number) in outline.iter().enumerate() {
            let _ = write!(path, "V{}H{}", top(*number), short(float_of(place + 1) * width));
        }
        let _ = writeln!(drawing, "<path class=\"line look1\" d=\"{path}\"/>");
    }
    let mut above = String::new();
    for (name, quantile) in [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999)] {
        let Some(value) = intended.at(quantile) else { continue };
        let place = x.place(value.as_secs_f64());
        let _ = writeln!(drawing, "<path class=\"mark\" d=\"M{} 0V{SIZE}\"/>", short(place * SIZE));
        let side = if place > 0.7 { "before" } else { "behind" };
        let (left, text) = (short(place * 100.0), escaped(&format!("{name} {}", time(value))));
        let _ = writeln!(
            above,
            "<span class=\"mark {side} {}\" style=\"left:{left}%\">{text}</span>",
            name.replace('.', "-")
        );
    }
    let mut legend =
        vec![Key { name: "from the intended start", look: 0, bar: true, whole: Some(count(intended.count())) }];
    if !actual.is_empty() {
        legend.push(Key { name: "from the actual start", look: 1, bar: false, whole: None });
    }
    frame(&Frame {
        title: "Round trips by size",
        note: "how many calls took how long; the axis is logarithmic",
        legend: &legend,
        x: &x.marks(seconds),
        y: &y.marks(digits),
        drawing: &drawing,
        above: &above,
        read_out: &read_out(&bars, &outline, !actual.is_empty(), &x),
    })
}

/// How many durations fall into each bar; its bounds are equally far apart on the axis.
fn counted(latency: &Latency, x: &Scale) -> Vec<u64> {
    let mut bars = vec![0_u64; BARS];
    for (size, number) in latency.sizes() {
        let place = crate::figures::number::whole((x.place(size.as_secs_f64()) * float_of(BARS)).floor());
        let place = usize::try_from(place).unwrap_or(BARS).min(BARS - 1);
        if let Some(bar) = bars.get_mut(place) {
            *bar += number;
        }
    }
    bars
}

/// What the script shows: for each bar its middle, its bounds, and the counts.
fn read_out(bars: &[u64], outline: &[u64], both: bool, x: &Scale) -> String {
    let bound = |place: usize| seconds(x.value(float_of(place) / float_of(BARS)));
    let points: Vec<serde_json::Value> = bars
        .iter()
        .zip(outline)
        .enumerate()
        .map(|(place, (intended, actual))| {
            let middle = (float_of(place) + 0.5) / float_of(BARS);
            let counts: Vec<String> =
                [Some(intended), both.then_some(actual)].into_iter().flatten().map(|number| count(*number)).collect();
            let middle = short(middle).parse::<f64>().unwrap_or_default();
            serde_json::json!([middle, format!("{} to {}", bound(place), bound(place + 1)), counts])
        })
        .collect();
    serde_json::Value::from(points).to_string()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn every_duration_falls_into_a_bar() {
        let mut latency = Latency::new();
        for ms in [1, 2, 3, 50, 1_000] {
            latency.record(Duration::from_millis(ms));
        }
        let x = Scale::logarithmic(0.001, 1.0);
        let bars = counted(&latency, &x);
        assert_eq!(bars.iter().sum::<u64>(), 5);
        assert_eq!((bars.first(), bars.last()), (Some(&1), Some(&1)));
    }
}

//! From values to places on an axis, and the round values that are marked on it.

use crate::figures::number::float;

/// An axis from one value to another; places on it are shares from 0 to 1.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scale {
    from: f64,
    to: f64,
    logarithmic: bool,
    /// The values that are marked.
    pub(super) ticks: Vec<f64>,
}

impl Scale {
    /// From 0 to at least `most`, to the next round value: about `steps` steps of 1, 2 or 5 times a power of ten (of two for
    /// bytes).
    pub(super) fn from_zero(most: f64, steps: f64, binary: bool) -> Self {
        let most = if most.is_finite() && most > 0.0 { most } else { 1.0 };
        let step = if binary { binary_step(most / steps) } else { round_step(most / steps) };
        let number = (most / step - 1e-9).ceil().max(1.0);
        let count = crate::figures::number::whole(number);
        let ticks = (0..=count.min(50)).map(|place| float(place) * step).collect();
        Self { from: 0.0, to: step * number, logarithmic: false, ticks }
    }

    /// From the power of ten (or 2 or 5 times one) at or below `least` to that at or above `most`; both positive.
    pub(super) fn logarithmic(least: f64, most: f64) -> Self {
        let least = if least.is_finite() && least > 0.0 { least } else { 1.0 };
        let most = if most.is_finite() && most > least { most } else { least * 10.0 };
        let mut all = Vec::new();
        let mut decade = 10_f64.powf(least.log10().floor());
        while decade <= most * 10.0 && all.len() < 100 {
            all.extend([decade, decade * 2.0, decade * 5.0]);
            decade *= 10.0;
        }
        let near = 1.0 + 1e-9;
        let first = all.iter().rposition(|tick| *tick <= least * near).unwrap_or(0);
        let end = all.iter().position(|tick| *tick * near >= most).unwrap_or(all.len().saturating_sub(1));
        let mut ticks: Vec<f64> = all.get(first..=end.max(first)).unwrap_or_default().to_vec();
        let (from, to) = (ticks.first().copied().unwrap_or(least), ticks.last().copied().unwrap_or(most));
        if ticks.len() > 8 {
            let is_decade = |tick: &f64| (tick.log10() - tick.log10().round()).abs() < 1e-6;
            ticks.retain(is_decade);
        }
        Self { from, to: if to > from { to } else { from * 10.0 }, logarithmic: true, ticks }
    }

    /// Seconds of a run: from `from` to `to`, marked at whole seconds, minutes, hours or days.
    pub(super) fn of_time(from: f64, to: f64) -> Self {
        const STEPS: [f64; 20] = [
            1.0,
            2.0,
            5.0,
            10.0,
            15.0,
            30.0,
            60.0,
            120.0,
            300.0,
            600.0,
            900.0,
            1_800.0,
            3_600.0,
            7_200.0,
            14_400.0,
            21_600.0,
            43_200.0,
            86_400.0,
            604_800.0,
            2_592_000.0,
        ];
        let length = (to - from).max(1.0);
        let step = STEPS.into_iter().find(|step| length / step <= 6.0).unwrap_or(length / 5.0);
        let first = (from / step).ceil();
        let places = (0..10_u32).map(|place| (first + f64::from(place)) * step);
        Self {
            from,
            to: from + length,
            logarithmic: false,
            ticks: places.take_while(|tick| *tick <= to + 1e-9).collect(),
        }
    }

    /// Where a value lies, cut to the axis; what is no number lies at its beginning.
    pub(super) fn place(&self, value: f64) -> f64 {
        let share = if self.logarithmic {
            (value.max(f64::MIN_POSITIVE).ln() - self.from.ln()) / (self.to.ln() - self.from.ln())
        } else {
            (value - self.from) / (self.to - self.from)
        };
        if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) }
    }
}

impl Scale {
    /// The places of the ticks, and what stands there; nothing has no unit.
    pub(super) fn marks(&self, shown: impl Fn(f64) -> String) -> Vec<(f64, String)> {
        let text = |tick: f64| if tick == 0.0 { "0".to_owned() } else { shown(tick) };
        self.ticks.iter().map(|tick| (self.place(*tick), text(*tick))).collect()
    }

    /// The value at a place: the reverse of [`Self::place`].
    pub(super) fn value(&self, place: f64) -> f64 {
        if self.logarithmic {
            (self.from.ln() + place * (self.to.ln() - self.from.ln())).exp()
        } else {
            self.from + place * (self.to - self.from)
        }
    }
}

/// The next larger of 1, 2 and 5 times a power of ten.
fn round_step(about: f64) -> f64 {
    let power = 10_f64.powf(about.log10().floor());
    let round = [1.0, 2.0, 5.0, 10.0].into_iter().map(|factor| factor * power);
    round.into_iter().find(|step| *step >= about * (1.0 - 1e-9)).unwrap_or(power * 10.0)
}

/// The next larger power of two.
fn binary_step(about: f64) -> f64 {
    2_f64.powf(about.max(1.0).log2().ceil())
}

/// A time of a run for an axis that is marked every `step` seconds: `90 s`, `5 min`, `2 h`.
pub(super) fn clock(seconds: f64, longest: f64) -> String {
    let (unit, name) = match longest {
        longest if longest <= 180.0 => (1.0, "s"),
        longest if longest <= 3.0 * 3_600.0 => (60.0, "min"),
        longest if longest <= 3.0 * 86_400.0 => (3_600.0, "h"),
        _ => (86_400.0, "d"),
    };
    format!("{} {name}", super::text::short((seconds / unit * 100.0).round() / 100.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_contain_what_is_shown() {
        assert_eq!(Scale::from_zero(930.0, 4.0, false).ticks, [0.0, 500.0, 1_000.0]);
        assert_eq!(Scale::from_zero(0.031, 4.0, false).ticks, [0.0, 0.01, 0.02, 0.03, 0.04]);
        assert_eq!(Scale::from_zero(0.0, 4.0, false).ticks, [0.0, 0.5, 1.0]);
        assert_eq!(Scale::from_zero(100.0, 4.0, true).ticks, [0.0, 32.0, 64.0, 96.0, 128.0]);
        assert_eq!(Scale::logarithmic(0.003, 0.04).ticks, [0.002, 0.005, 0.01, 0.02, 0.05]);
        assert_eq!(Scale::logarithmic(0.001, 9.0).ticks.len(), 5);
        assert_eq!(Scale::of_time(0.0, 36.0).ticks, [0.0, 10.0, 20.0, 30.0]);
        assert_eq!(Scale::of_time(0.0, 1.0).ticks, [0.0, 1.0]);
        let day = Scale::of_time(0.0, 86_400.0);
        assert_eq!(day.ticks.len(), 7);
    }

    #[test]
    fn a_place_is_a_share_of_the_axis() {
        let scale = Scale::from_zero(100.0, 4.0, false);
        assert!((scale.place(50.0) - 0.5).abs() < 1e-9);
        assert!((scale.place(500.0) - 1.0).abs() < 1e-9);
        let scale = Scale::logarithmic(1.0, 100.0);
        assert!((scale.place(10.0) - 0.5).abs() < 1e-9);
        assert!(scale.place(0.0).abs() < 1e-9);
    }

    #[test]
    fn times_are_shown_in_one_unit() {
        assert_eq!(
            [(90.0, 100.0), (90.0, 600.0), (5_400.0, 20_000.0)].map(|(at, most)| clock(at, most)),
            ["90 s", "1.5 min", "1.5 h"]
        );
        assert_eq!(clock(86_400.0, 1e6), "1 d");
    }
}

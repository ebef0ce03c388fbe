//! What a run comes to: thresholds judged, and one word with its reasons.

use super::number::float;
use super::report::{LoadReport, LoadResult, LoadWord};
use super::threshold::Threshold;
use super::units::{count, counted};

impl LoadReport {
    /// Judges the thresholds and says what the run comes to, in [`Self::thresholds`] and [`Self::result`].
    ///
    /// It is invalid if the harness was at fault; else it failed if a plugin was missing, a call was lost, crossed or
    /// answered twice, a guarantee is broken, or a threshold does not hold; else it is partial if it ended before its time.
    pub fn conclude(&mut self, thresholds: &[Threshold]) {
        let measured = self.measured();
        let judged = thresholds.iter().map(|threshold| threshold.judge(&measured)).collect();
        self.thresholds = judged;
        let early = self.partial.as_ref().map(|why| format!("it ended before its time: {why}"));
        let failures = self.failures();
        let word = match (self.harness.faults.is_empty(), failures.is_empty(), &early) {
            (false, ..) => LoadWord::Invalid,
            (true, false, _) => LoadWord::Failed,
            (true, true, Some(_)) => LoadWord::Partial,
            (true, true, None) => LoadWord::Passed,
        };
        let faults = self.harness.faults.iter().cloned();
        self.result = LoadResult { word, reasons: faults.chain(failures).chain(early).collect() };
    }

    /// Why it fails.
    fn failures(&self) -> Vec<String> {
        let totals = &self.totals;
        let mut failures = Vec::new();
        if totals.plugins_connected < totals.plugins_asked {
            let asked = counted(totals.plugins_asked, "plugin");
            failures.push(match totals.plugins_connected {
                0 => format!("none of {asked} was connected"),
                connected => format!("only {} of {asked} were connected", count(connected)),
            });
        }
        let answered = totals.ok.saturating_add(totals.plugin_errors);
        if totals.calls_intended > 0 && totals.calls_started == 0 && self.partial.is_none() {
            failures.push(format!("none of {} was made", counted(totals.calls_intended, "call")));
        } else if totals.calls_started > 0 && answered == 0 && totals.unexpected_failures() > 0 {
            failures.push(format!("none of {} was answered", counted(totals.calls_started, "call")));
        }
        let nothing = [totals.plugins_asked, totals.connects, totals.calls_intended, totals.commands_received];
        if nothing.iter().all(|number| *number == 0) && self.partial.is_none() {
            failures.push("nothing happened: no plugin was to connect, and no call to be made".to_owned());
        }
        let mishaps = [
            (totals.lost, "answer", "lost"),
            (totals.crossed, "answer", "crossed"),
            (totals.answered_twice, "call", "answered twice"),
        ];
        for (number, what, how) in mishaps.into_iter().filter(|(number, ..)| *number > 0) {
            failures.push(format!("{} {how}", counted(number, what)));
        }
        for finding in &self.findings {
            failures.push(format!("{} is broken ({})", finding.guarantee, counted(finding.count, "time")));
        }
        for judged in self.thresholds.iter().filter(|judged| !judged.held) {
            failures.push(format!("{} is {}, wanted {}", judged.name, judged.shown, judged.wanted));
        }
        failures
    }

    /// How long calls were made, in seconds: as asked, or less if the run ended before.
    pub fn calling_s(&self) -> f64 {
        let calls = |second: &&super::Second| second.intended > 0 || second.started > 0;
        let first = self.seconds.iter().find(calls).map(|second| second.at_s);
        let last = self.seconds.iter().rev().find(calls).map(|second| second.at_s);
        match (first, last) {
            (Some(first), Some(last)) => float(last.saturating_sub(first).saturating_add(1)).min(self.asked.duration_s),
            _ => self.asked.duration_s,
        }
    }
}

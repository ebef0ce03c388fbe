//! Reports of runs that never were, and might have been. No clock, no machine: the same bytes each time.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use hubproof::figures::{
    ActionFigures, Asked, Collisions, Harness, HubFigures, IdCounts, Latency, LoadFinding, LoadReport, LoadResult,
    MachineFigures, Prediction, SCHEMA, Second, TargetFigures, Threshold, Totals,
};

/// Numbers that look drawn: a linear congruential generator, and nothing that depends on a machine's arithmetic.
pub(super) struct Draws(u64);

impl Draws {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// From 0 to `below`, that excluded.
    pub(super) fn below(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below.max(1)
    }

    /// Mostly small, seldom much larger: microseconds.
    fn skewed(&mut self, typical: u64) -> u64 {
        let product = (0..3).fold(1_000_000_u64, |product, _| product * (400 + self.below(1_600)) / 1_000);
        let tail = if self.below(400) == 0 { 4 + self.below(8) } else { 1 };
        typical * product / 1_000_000 * tail
    }
}

fn us(us: u64) -> Duration {
    Duration::from_micros(us)
}

const ACTIONS: [(&str, u64); 3] = [("VINTED_SYNC", 9_000), ("VINTED_PUBLISH", 14_000), ("VINTED_DELETE", 4_000)];

/// A run of 36 seconds: 1,000 plugins join, 500 calls a second for half a minute, and in the middle 300 plugins are dropped.
pub(super) fn passed() -> LoadReport {
    run(1)
}

/// The same with another seed, made once for all tests: it takes a while.
pub(super) fn run(seed: u64) -> LoadReport {
    static MADE: Mutex<BTreeMap<u64, LoadReport>> = Mutex::new(BTreeMap::new());
    MADE.lock().expect("no test fails while it makes one").entry(seed).or_insert_with(|| make(seed, 36)).clone()
}

/// The first `length` seconds of it.
fn make(seed: u64, length: u64) -> LoadReport {
    let mut report = blank();
    report.seed = seed;
    report.command = format!("hubproof load scenarios/thousand-plugins.toml --seed {seed}");
    let mut draws = Draws::new(seed);
    let mut ids = IdCounts::new(1_000);
    let mut totals = Totals { plugins_asked: 1_000, ..Totals::default() };
    let mut actions: BTreeMap<String, ActionFigures> = BTreeMap::new();
    let mut connected = 0;
    for at_s in 0..length {
        let mut second = Second { at_s, ..Second::default() };
        second.phase =
            ["connecting", "calling", "draining"][usize::from(at_s >= 4) + usize::from(at_s >= 34)].to_owned();
        if at_s < 4 {
            second.connects = 250;
        } else if at_s == 18 {
            second.drops = 300;
            connected -= 300;
        } else if (19..22).contains(&at_s) {
            second.connects = 100;
            totals.reconnects += 100;
        }
        connected += second.connects;
        second.connected = connected;
        totals.connects += second.connects;
        totals.dropped_by_us += second.drops;
        totals.plugins_connected = totals.plugins_connected.max(connected);
        for _ in 0..second.connects {
            totals.connect_time.record(us(draws.skewed(4_000)));
        }
        if (4..34).contains(&at_s) {
            (second.intended, second.started) = (500, 500);
            for call in 0..500 {
                let (action, typical) = ACTIONS[if call % 10 < 6 { 0 } else { usize::from(call % 10 == 9) + 1 }];
                let of = actions.entry(action.to_owned()).or_default();
                of.calls += 1;
                ids.observe(draws.below(1_000), 1_790_000_000_000 + at_s * 1_000 + call * 2);
                let gone = matches!(at_s, 18 | 19) && draws.below(10) < 3;
                if gone {
                    *totals.errors.entry("not_connected".to_owned()).or_default() += 1;
                    (of.errors, second.errors) = (of.errors + 1, second.errors + 1);
                    continue;
                }
                totals.commands_received += 1;
                totals.responses_sent += 1;
                let (plugin, hub) = (draws.skewed(typical), draws.skewed(if at_s == 18 { 1_900 } else { 900 }));
                let late = draws.skewed(60);
                totals.plugin_time.record(us(plugin));
                if draws.below(250) == 0 {
                    (of.plugin_errors, second.plugin_errors) = (of.plugin_errors + 1, second.plugin_errors + 1);
                    totals.plugin_errors += 1;
                    continue;
                }
                (of.ok, second.ok, totals.ok) = (of.ok + 1, second.ok + 1, totals.ok + 1);
                second.round_trip.record(us(plugin + hub + late));
                for (round_trip, actual, overhead) in [
                    (&mut totals.round_trip, &mut totals.round_trip_actual, &mut totals.hub_overhead),
                    (&mut of.round_trip, &mut of.round_trip_actual, &mut of.hub_overhead),
                ] {
                    round_trip.record(us(plugin + hub + late));
                    actual.record(us(plugin + hub));
                    overhead.record(us(hub));
                }
            }
            second.in_flight = 4 + draws.below(9);
            second.pending = Some(second.in_flight - draws.below(3));
        }
        second.hub_rss_bytes = Some(23_000_000 + second.connected * 21_000 + at_s * 90_000 + draws.below(300_000));
        second.harness_rss_bytes = 19_000_000 + second.connected * 11_500 + draws.below(200_000);
        let busy = f64::from(u32::try_from(second.started + second.connects).unwrap_or_default()) / 1_000.0;
        second.hub_cpu = Some((busy * 0.9 * 1_000.0).round() / 1_000.0 + 0.02);
        second.harness_cpu = (busy * 0.6 * 1_000.0).round() / 1_000.0 + 0.03;
        let lag = draws.skewed(700);
        report.harness.lag.record(us(lag));
        second.lag_max_ms = f64::from(u32::try_from(lag).unwrap_or_default()) / 1_000.0;
        second.round_trip.pack();
        report.seconds.push(second);
    }
    totals.calls_started = actions.values().map(|of| of.calls).sum();
    totals.calls_intended = totals.calls_started;
    totals.expected_failures = totals.errors.values().sum();
    totals.pending_at_end = Some(0);
    totals.collisions =
        Collisions { seen: 0, in_flight: 0, scheme: "documented".to_owned(), predicted: Some(ids.predicted()) };
    (report.totals, report.actions, report.ran_s) = (totals, actions, 36.2);
    report.asked = Asked {
        plugins: 1_000,
        connect_rate: 250.0,
        duration_s: 30.0,
        rate: "constant 500/s".to_owned(),
        calls: 15_000,
        timeout_s: 10.0,
        commands: "control".to_owned(),
        answers: "own".to_owned(),
    };
    report.harness = Harness {
        lag: std::mem::take(&mut report.harness.lag),
        missed: 0,
        cpu_s: 10.9,
        cpu_share: 0.151,
        rss_peak_bytes: 31_100_000,
        rss_per_plugin_bytes: Some(11_512),
        queue_peak: 3,
        queue_overflows: 0,
        faults: Vec::new(),
    };
    report.hub = Some(HubFigures {
        rss_bytes: Some(46_800_000),
        rss_peak_bytes: Some(47_200_000),
        rss_per_plugin_bytes: Some(21_040),
        cpu_s: Some(15.6),
        source: "process".to_owned(),
    });
    let thresholds = thresholds(&[
        ("round_trip.p99", "< 80ms"),
        ("action.VINTED_SYNC.round_trip.p99", "< 60ms"),
        ("lost", "== 0"),
        ("crossed", "== 0"),
        ("rate", ">= 495/s"),
        ("harness.rss_per_plugin", "< 16KiB"),
        ("failed", "< 0.1%"),
    ]);
    report.conclude(&thresholds);
    report
}

/// A run that found the hub wrong, with names and witnesses that want to be more than text.
pub(super) fn failed() -> LoadReport {
    let mut report = passed();
    report.profile = "collision-storm <script>alert(1)</script>".to_owned();
    report.target.variant = Some("as-documented".to_owned());
    report.command = "hubproof load collision-storm --variant as-documented --seed 1".to_owned();
    let totals = &mut report.totals;
    (totals.crossed, totals.lost, totals.answered_twice) = (31, 12, 2);
    (totals.timeouts, totals.plugins_connected) = (43, 996);
    totals.errors.insert("http_500".to_owned(), 7);
    totals.connect_failures.insert("refused".to_owned(), 9);
    totals.connect_failures.insert("reset".to_owned(), 4);
    let mut prediction = Prediction::new();
    (0..30).for_each(|_| prediction.add(150));
    totals.collisions =
        Collisions { seen: 38, in_flight: 31, predicted: Some(prediction.predicted()), ..totals.collisions.clone() };
    totals.dropped_by_hub = 5;
    totals.ghosts = 3;
    for second in report.seconds.iter_mut().filter(|second| second.at_s % 5 == 2 && second.started > 0) {
        (second.crossed, second.timeouts, second.lost) = (4, 7, 2);
    }
    if let Some(of) = report.actions.get_mut("VINTED_SYNC") {
        (of.crossed, of.lost, of.timeouts) = (31, 12, 43);
    }
    report.findings = vec![
        LoadFinding {
            guarantee: "CORR-3".to_owned(),
            text: "expected an id that is not in flight\ngot req_17_1790000012345_4711 for two calls at once"
                .to_owned(),
            user: Some("17".to_owned()),
            count: 31,
        },
        LoadFinding {
            guarantee: "CORR-4".to_owned(),
            text: "expected the answer of its own plugin, got \"<img src=x onerror=alert(1)>\" & more".to_owned(),
            user: Some("\"><b>".to_owned()),
            count: 31,
        },
    ];
    let thresholds = thresholds(&[("round_trip.p99", "< 20ms"), ("lost", "== 0"), ("rate", ">= 495/s")]);
    report.conclude(&thresholds);
    report
}

/// A run in which the harness was too slow.
pub(super) fn invalid() -> LoadReport {
    let mut report = passed();
    report.profile = "ten-thousand-plugins".to_owned();
    (report.totals.calls_missed, report.harness.missed) = (420, 420);
    report.totals.calls_intended += 420;
    for second in report.seconds.iter_mut().filter(|second| second.at_s >= 20 && second.started > 0) {
        (second.missed, second.intended) = (30, second.intended + 30);
    }
    report.harness.queue_overflows = 3;
    report.harness.cpu_share = 0.97;
    report.harness.faults = vec![
        "420 calls were not sent when they were due: ask for a lower rate, or use a machine with more processors"
            .to_owned(),
        "the harness took 97 % of all processors".to_owned(),
    ];
    report.conclude(&thresholds(&[("missed", "== 0")]));
    report
}

/// A run that was interrupted after ten seconds of calls.
pub(super) fn partial() -> LoadReport {
    let mut report = make(1, 14);
    report.ran_s = 14.0;
    report.partial = Some("interrupted".to_owned());
    report.conclude(&thresholds(&[("lost", "== 0")]));
    report
}

/// Plugins that only listened: nobody called.
pub(super) fn listening() -> LoadReport {
    let mut report = passed();
    report.profile = "listening".to_owned();
    report.command = "hubproof load listening --commands none".to_owned();
    report.asked =
        Asked { calls: 0, rate: "none".to_owned(), commands: "none".to_owned(), ..std::mem::take(&mut report.asked) };
    report.target.control = None;
    let connect_time = std::mem::take(&mut report.totals.connect_time);
    report.totals =
        Totals { plugins_asked: 1_000, plugins_connected: 1_000, connects: 1_000, connect_time, ..Totals::default() };
    report.actions.clear();
    report.hub = None;
    for second in &mut report.seconds {
        *second = Second {
            at_s: second.at_s,
            phase: second.phase.clone(),
            connected: (second.at_s.min(3) + 1) * 250,
            connects: if second.at_s < 4 { 250 } else { 0 },
            harness_rss_bytes: second.harness_rss_bytes,
            harness_cpu: 0.03,
            lag_max_ms: second.lag_max_ms,
            ..Second::default()
        };
    }
    report.conclude(&[]);
    report
}

/// A run of which nothing is known but that it was begun.
pub(super) fn blank() -> LoadReport {
    LoadReport {
        schema: SCHEMA,
        hubproof: "0.1.0".to_owned(),
        profile: "thousand-plugins".to_owned(),
        seed: 1,
        command: String::new(),
        runs: 1,
        target: TargetFigures {
            name: "hubproof reference hub".to_owned(),
            version: Some("0.1.0".to_owned()),
            url: "http://127.0.0.1:41300".to_owned(),
            control: Some("http://127.0.0.1:41300".to_owned()),
            built_in: true,
            variant: None,
        },
        machine: MachineFigures {
            cpus: 2,
            cpu_model: Some("Some Processor 2.50GHz".to_owned()),
            memory_bytes: Some(25_200_000_000),
            open_files: Some(20_000),
            kernel: Some("Linux 6.1.0".to_owned()),
        },
        asked: Asked::default(),
        result: LoadResult::default(),
        partial: None,
        started_unix_s: 1_790_000_000.25,
        ran_s: 0.0,
        totals: Totals::default(),
        actions: BTreeMap::new(),
        seconds: Vec::new(),
        thresholds: Vec::new(),
        findings: Vec::new(),
        harness: Harness { lag: Latency::new(), ..Harness::default() },
        hub: None,
    }
}

pub(super) fn thresholds(pairs: &[(&str, &str)]) -> Vec<Threshold> {
    pairs.iter().map(|(name, text)| Threshold::parse(name, text).expect("a threshold")).collect()
}

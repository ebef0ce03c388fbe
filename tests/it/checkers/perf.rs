//! PERF: speed, as far as it is promised.

use hubproof::contract::control::ErrorKind;
use serde_json::{Value, json};

use super::stream::Found::{Broken, Held, NotExercised, Untold};
use super::stream::{Call, Case, Stream, failure, success};

/// A run of the job, two seconds after it began.
fn run(s: &mut Stream) -> Call {
    let socket = s.home(1);
    s.job();
    let call = s.process(1);
    s.received(socket, call);
    s.at(2000).answered(socket, call, json!({}));
    call
}

pub(crate) const CASES: &[Case] = &[
    Case {
        id: "PERF-2",
        title: "the duration is the caller's, rounded up or less by the tolerance",
        run: |s| {
            let call = run(s);
            s.result(call, success(0, 2001));
            s.at(0);
            let call = run(s);
            s.result(call, success(0, 1990));
            Held(2)
        },
    },
    Case {
        id: "PERF-2",
        title: "a failure tells its duration too",
        run: |s| {
            s.job();
            let call = s.process(1);
            let mut result = failure("User 1 not connected via WebSocket");
            result["duration_ms"] = json!(5);
            s.at(5).result(call, result);
            Held(1)
        },
    },
    Case {
        id: "PERF-2",
        title: "the duration is half of it",
        run: |s| {
            let call = run(s);
            Broken(vec![call.no, s.result(call, success(0, 1000))])
        },
    },
    Case {
        id: "PERF-2",
        title: "the duration is longer than the caller waited",
        run: |s| {
            let call = run(s);
            Broken(vec![call.no, s.result(call, success(0, 2002))])
        },
    },
    Case {
        id: "PERF-2",
        title: "the duration is short, but so late may the harness have been",
        run: |s| {
            let call = run(s);
            s.late_harness(500);
            s.result(call, success(0, 1600));
            Untold
        },
    },
    Case {
        id: "PERF-2",
        title: "there is no duration, or none that is one, or no job",
        run: |s| {
            for duration in [json!(null), json!("2000"), json!(-1)] {
                let call = run(s);
                let mut result = success(0, 0);
                result["duration_ms"] = duration;
                s.result(call, result);
            }
            let call = s.process(1);
            s.result(call, Value::Null);
            NotExercised
        },
    },
    Case {
        id: "PERF-3",
        title: "nothing is pending, and memory is what it was",
        run: |s| {
            let (socket, call) = (s.home(1), s.call(1));
            s.received(socket, call);
            s.answered(socket, call, 1);
            s.value(call, 1);
            s.weighed(0, None);
            s.weighed(0, Some(100 << 20));
            s.weighed(0, Some(150 << 20));
            Held(3)
        },
    },
    Case {
        id: "PERF-3",
        title: "a call that has ended is pending",
        run: |s| {
            let call = s.call(1);
            s.failed(call, ErrorKind::NotConnected, "User 1 not connected via WebSocket");
            Broken(vec![s.weighed(1, None)])
        },
    },
    Case {
        id: "PERF-3",
        title: "memory has doubled",
        run: |s| {
            let call = s.call(1);
            s.failed(call, ErrorKind::NotConnected, "User 1 not connected via WebSocket");
            let first = s.weighed(0, Some(100 << 20));
            Broken(vec![first, s.weighed(0, Some(200 << 20))])
        },
    },
    Case {
        id: "PERF-3",
        title: "there was no call, or one is in flight",
        run: |s| {
            s.weighed(1, None);
            s.call(1);
            s.weighed(1, None);
            NotExercised
        },
    },
];

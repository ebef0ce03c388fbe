//! JOB: runs of one job that meet, that are cancelled, or that lose a page on the way.

use hubproof::contract::control::JobStatus;
use hubproof::event::{EventNo, SocketId};
use serde_json::{Value, json};

use super::stream::Found::{Broken, Held, NotExercised};
use super::stream::{Call, Case, Stream, failure, of_job, retried, success};

/// A run of the job of user 1 whose command has come.
fn under_way(s: &mut Stream) -> (SocketId, Call, EventNo) {
    let socket = s.home(1);
    let call = s.process(1);
    (socket, call, s.received(socket, call))
}

/// A run that is cancelled while it is under way, and where that was asked for.
fn cancelled(s: &mut Stream) -> (SocketId, Call, EventNo) {
    s.job();
    let (socket, call, _) = under_way(s);
    let asked = s.job_cancelled();
    s.job_seen(JobStatus::Cancelled);
    (socket, call, asked)
}

fn broken_off() -> Value {
    json!({ "success": false, "error": "Vinted API error 502" })
}

pub(crate) const CASES: &[Case] = &[
    Case {
        id: "JOB-11",
        title: "a second processor finds nothing while the only job runs",
        run: |s| {
            s.job();
            let (socket, first, _) = under_way(s);
            let second = s.process(1);
            s.result(second, Value::Null);
            s.answered(socket, first, json!({ "imported": 3, "updated": 0 }));
            s.result(first, success(3, 0));
            Held(1)
        },
    },
    Case {
        id: "JOB-11",
        title: "a second processor takes another job",
        run: |s| {
            s.job();
            s.job_of(2, 1, "sync", None);
            let (socket, first, _) = under_way(s);
            let (_, second, _) = under_way(s);
            for call in [first, second] {
                s.answered(socket, call, json!({ "imported": 3, "updated": 0 }));
            }
            s.result(second, of_job(2, success(3, 0)));
            s.result(first, success(3, 0));
            Held(1)
        },
    },
    Case {
        id: "JOB-11",
        title: "a second processor runs the job while the first one does",
        run: |s| {
            s.job();
            let (socket, first, one) = under_way(s);
            let (_, second, two) = under_way(s);
            for call in [first, second] {
                s.answered(socket, call, json!({ "imported": 3, "updated": 0 }));
                s.result(call, success(3, 0));
            }
            Broken(vec![one, two])
        },
    },
    Case {
        id: "JOB-11",
        title: "the job is run again when its timeout may be over, or for reasons of the target's own",
        run: |s| {
            s.job();
            let (_, first, _) = under_way(s);
            s.at(10_000);
            let (socket, second, _) = under_way(s);
            s.result(first, failure("Plugin command timeout after 10s"));
            s.responded(socket, second, broken_off());
            s.result(second, retried(2, true, failure("Vinted API error 502")));
            let (_, third, _) = under_way(s);
            let (_, fourth, _) = under_way(s);
            s.result(third, retried(3, false, failure("the queue was cleared")));
            s.answered(socket, fourth, json!({ "imported": 3, "updated": 0 }));
            s.result(fourth, success(3, 0));
            NotExercised
        },
    },
    Case {
        id: "JOB-12",
        title: "a job that was cancelled while it ran is cancelled when its run is over",
        run: |s| {
            let (socket, call, _) = cancelled(s);
            s.result(call, retried(1, false, failure("the job was cancelled")));
            s.answered(socket, call, json!({ "imported": 3 }));
            s.job_seen(JobStatus::Cancelled);
            Held(1)
        },
    },
    Case {
        id: "JOB-12",
        title: "a run that goes on may end with no result, and the job is cancelled all the same",
        run: |s| {
            let (socket, call, _) = cancelled(s);
            s.answered(socket, call, json!({ "imported": 3 }));
            s.result(call, Value::Null);
            s.job_seen(JobStatus::Cancelled);
            Held(1)
        },
    },
    Case {
        id: "JOB-12",
        title: "the end of its run completes a job that was cancelled",
        run: |s| {
            let (socket, call, asked) = cancelled(s);
            s.answered(socket, call, json!({ "imported": 3, "updated": 0 }));
            s.result(call, success(3, 0));
            Broken(vec![asked, s.job_seen(JobStatus::Completed)])
        },
    },
    Case {
        id: "JOB-12",
        title: "a job that was cancelled is run again",
        run: |s| {
            let (_, call, asked) = cancelled(s);
            s.result(call, failure("the job was cancelled"));
            let (socket, again, _) = under_way(s);
            s.answered(socket, again, json!({ "imported": 3, "updated": 0 }));
            Broken(vec![asked, s.result(again, success(3, 0))])
        },
    },
    Case {
        id: "JOB-12",
        title: "a job is cancelled while it waits, or too late",
        run: |s| {
            s.job();
            s.job_cancelled();
            s.job_seen(JobStatus::Cancelled);
            s.job_of(2, 1, "sync", None);
            let (socket, call, _) = under_way(s);
            s.answered(socket, call, json!({ "imported": 3, "updated": 0 }));
            s.result(call, of_job(2, success(3, 0)));
            s.job_cancelled();
            s.job_seen(JobStatus::Cancelled);
            s.job_seen(JobStatus::Cancelled);
            NotExercised
        },
    },
    Case {
        id: "JOB-13",
        title: "a sync whose second page fails is a failure",
        run: |s| {
            s.job();
            let (socket, call, _) = under_way(s);
            s.page(socket, Some(200));
            s.page(socket, None);
            s.responded(socket, call, broken_off());
            s.result(call, failure("Vinted API error 502"));
            Held(1)
        },
    },
    Case {
        id: "JOB-13",
        title: "a sync whose second page fails is a success",
        run: |s| {
            s.job();
            let (socket, call, _) = under_way(s);
            s.page(socket, Some(200));
            let page = s.page(socket, Some(502));
            s.responded(socket, call, broken_off());
            Broken(vec![page, s.result(call, success(96, 0))])
        },
    },
    Case {
        id: "JOB-13",
        title: "every page comes, at the second try if need be, or the plugin says that all is well",
        run: |s| {
            s.job();
            let (socket, call, _) = under_way(s);
            s.page(socket, Some(502));
            s.page(socket, Some(200));
            s.responded(socket, call, broken_off());
            s.result(call, failure("Vinted API error 502"));
            let (_, call, _) = under_way(s);
            s.page(socket, Some(502));
            s.answered(socket, call, json!({ "imported": 3, "updated": 0 }));
            s.result(call, success(3, 0));
            NotExercised
        },
    },
];

//! JOB: who is next, and how often a job is tried.

use hubproof::contract::control::JobStatus;
use hubproof::event::EventNo;
use serde_json::json;

use super::stream::Found::{Broken, Held, NotExercised};
use super::stream::{Call, Case, Stream, failure, of_job, retried, success};

/// The next job of user 1 is processed, and it is this one.
fn processed(s: &mut Stream, job: u64) -> (Call, EventNo) {
    let (socket, call) = (s.home(1), s.process(1));
    s.received(socket, call);
    s.answered(socket, call, json!({ "imported": 0 }));
    (call, s.result(call, of_job(job, success(0, 0))))
}

/// An attempt at the job fails, and the result counts it like this.
fn attempt(s: &mut Stream, retry_count: u64, will_retry: bool) -> (Call, EventNo) {
    let call = s.process(1);
    (call, s.result(call, retried(retry_count, will_retry, failure("User 1 not connected via WebSocket"))))
}

pub(crate) const CASES: &[Case] = &[
    Case {
        id: "JOB-6",
        title: "the most urgent job comes first, then the oldest",
        run: |s| {
            for (id, priority) in [(1, Some(4)), (2, None), (3, Some(1)), (4, Some(3))] {
                s.job_of(id, 1, "sync", priority);
            }
            for job in [3, 2, 4, 1] {
                processed(s, job);
            }
            Held(3)
        },
    },
    Case {
        id: "JOB-6",
        title: "a less urgent job comes first",
        run: |s| {
            s.job_of(1, 1, "sync", Some(1));
            s.job_of(2, 1, "sync", Some(4));
            let (call, end) = processed(s, 2);
            Broken(vec![call.no, end])
        },
    },
    Case {
        id: "JOB-6",
        title: "the younger of two equally urgent jobs comes first",
        run: |s| {
            s.job_of(1, 1, "sync", Some(3));
            s.job_of(2, 1, "sync", None);
            let (call, end) = processed(s, 2);
            Broken(vec![call.no, end])
        },
    },
    Case {
        id: "JOB-6",
        title: "one job waits, or two processors take one each, or the other is another user's",
        run: |s| {
            s.job_of(1, 1, "sync", Some(1));
            s.job_of(2, 2, "sync", Some(1));
            processed(s, 1);
            s.job_of(3, 1, "sync", Some(4));
            s.job_of(4, 1, "sync", Some(1));
            let (one, two) = (s.process(1), s.process(1));
            s.result(one, of_job(3, success(0, 0)));
            s.result(two, of_job(4, success(0, 0)));
            NotExercised
        },
    },
    Case {
        id: "JOB-7",
        title: "three attempts, each told, and then the job has failed",
        run: |s| {
            s.job();
            attempt(s, 1, true);
            attempt(s, 2, true);
            attempt(s, 3, false);
            s.job_seen(JobStatus::Failed);
            Held(2)
        },
    },
    Case {
        id: "JOB-7",
        title: "a job is given up after two attempts",
        run: |s| {
            s.job();
            attempt(s, 1, true);
            let (call, end) = attempt(s, 2, false);
            Broken(vec![call.no, end])
        },
    },
    Case {
        id: "JOB-7",
        title: "a job is to be tried a fourth time",
        run: |s| {
            s.job();
            attempt(s, 1, true);
            attempt(s, 2, true);
            let (call, end) = attempt(s, 3, true);
            Broken(vec![call.no, end])
        },
    },
    Case {
        id: "JOB-7",
        title: "a job has not failed after its last attempt",
        run: |s| {
            s.job();
            attempt(s, 1, true);
            attempt(s, 2, true);
            attempt(s, 3, false);
            Broken(vec![s.job_seen(JobStatus::Pending)])
        },
    },
    Case {
        id: "JOB-7",
        title: "a job succeeds at its second attempt",
        run: |s| {
            s.job();
            attempt(s, 1, true);
            processed(s, 1);
            NotExercised
        },
    },
    Case {
        id: "JOB-9",
        title: "the error names the unknown action",
        run: |s| {
            s.job_of(1, 1, "dance", None);
            let call = s.process(1);
            s.result(call, failure("Unknown action: dance_vinted"));
            Held(1)
        },
    },
    Case {
        id: "JOB-9",
        title: "the error does not name it",
        run: |s| {
            s.job_of(1, 1, "dance", None);
            let call = s.process(1);
            Broken(vec![call.no, s.result(call, failure("Unknown action"))])
        },
    },
    Case {
        id: "JOB-9",
        title: "every action is known",
        run: |s| {
            s.job();
            attempt(s, 1, true);
            NotExercised
        },
    },
    Case {
        id: "JOB-14",
        title: "a user's job is run while another user's waits",
        run: |s| {
            s.job_of(1, 11, "sync", Some(1));
            s.job_of(2, 1, "sync", Some(4));
            processed(s, 2);
            Held(1)
        },
    },
    Case {
        id: "JOB-14",
        title: "another user's job is run",
        run: |s| {
            s.job_of(1, 11, "sync", Some(1));
            s.job_of(2, 1, "sync", Some(4));
            let (call, end) = processed(s, 1);
            Broken(vec![call.no, end])
        },
    },
    Case {
        id: "JOB-14",
        title: "nobody else has a job",
        run: |s| {
            s.job();
            processed(s, 1);
            NotExercised
        },
    },
];

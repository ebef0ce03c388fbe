//! A target's clock that is advanced: what it decides (TIME-7, JOB-10), and what it must not be mistaken for.

use hubproof::contract::control::{ErrorKind, JobStatus};
use serde_json::{Value, json};

use super::stream::Found::{Broken, Held, NotExercised, Untold};
use super::stream::{Call, Case, Stream, failure, success};

/// A sync that names no timeout is processed, and its command has come.
fn syncing(s: &mut Stream) -> Call {
    let socket = s.home(1);
    s.job_without_timeout(1, "sync");
    let call = s.process(1);
    s.received(socket, call);
    call
}

fn timeout(seconds: u64) -> Value {
    failure(&format!("Plugin command timeout after {seconds}s"))
}

/// A call that names no timeout, and whose command has come.
fn publishing(s: &mut Stream) -> Call {
    let (socket, call) = (s.home(1), s.call_without_timeout(1, "VINTED_PUBLISH"));
    let mut command = Stream::command(call);
    command["action"] = json!("VINTED_PUBLISH");
    s.received_as(socket, call, vec![command]);
    call
}

pub(crate) const CASES: &[Case] = &[
    Case {
        id: "TIME-7",
        title: "a job ends as soon as the clock has reached its default",
        run: |s| {
            let call = syncing(s);
            s.advanced(290);
            s.at(100).advanced(20);
            s.at(110).result(call, timeout(300));
            Held(1)
        },
    },
    Case {
        id: "TIME-7",
        title: "calls and jobs wait for their whole default, and the job shows it",
        run: |s| {
            let call = publishing(s);
            s.at(60_010).failed(call, ErrorKind::Timeout, "Plugin command timeout after 60s");
            s.job_without_timeout(1, "orders");
            s.job_shown(1, json!(180.0));
            s.job_shown(1, Value::Null);
            Held(2)
        },
    },
    Case {
        id: "TIME-7",
        title: "a job shows another timeout",
        run: |s| {
            let created = s.job_without_timeout(1, "sync");
            Broken(vec![created, s.job_shown(1, json!(60))])
        },
    },
    Case {
        id: "TIME-7",
        title: "a job ends before the clock has reached its default",
        run: |s| {
            let call = syncing(s);
            s.advanced(290);
            Broken(vec![call.no, s.at(100).result(call, timeout(300))])
        },
    },
    Case {
        id: "TIME-7",
        title: "a job's text names another timeout",
        run: |s| {
            let call = syncing(s);
            s.advanced(310);
            Broken(vec![call.no, s.at(10).result(call, timeout(309))])
        },
    },
    Case {
        id: "TIME-7",
        title: "a call has not ended long after its default",
        run: |s| {
            let call = publishing(s);
            s.advanced(70);
            s.at(10).overdue(call);
            Broken(vec![call.no, s.at(5000).overdue(call)])
        },
    },
    Case {
        id: "TIME-7",
        title: "the harness is as late as the end is",
        run: |s| {
            let call = publishing(s);
            s.advanced(70);
            s.late_harness(100);
            s.at(3050).failed(call, ErrorKind::Timeout, "Plugin command timeout after 60s");
            Untold
        },
    },
    Case {
        id: "TIME-7",
        title: "timeouts were asked for, a call for a sync left it to the target, and another was answered",
        run: |s| {
            let (socket, own) = (s.home(1), s.call(1));
            let sync = s.call_without_timeout(1, "VINTED_SYNC");
            s.received(socket, own);
            s.received(socket, sync);
            s.advanced(60);
            s.timed_out(own);
            s.failed(sync, ErrorKind::Timeout, "Plugin command timeout after 60s");
            let call = publishing(s);
            s.answered(socket, call, 1);
            s.value(call, 1);
            s.job();
            s.job_shown(1, json!(10));
            NotExercised
        },
    },
    Case {
        id: "TIME-2",
        title: "a call ends as soon as the clock has reached its timeout, whoever advanced it",
        run: |s| {
            let (socket, call) = (s.home(1), s.call(1));
            s.received(socket, call);
            s.at(1000).advanced(6);
            s.at(4000).timed_out(call);
            Held(1)
        },
    },
    Case {
        id: "TIME-2",
        title: "a call waits on although the clock has passed its timeout",
        run: |s| {
            let (socket, call) = (s.home(1), s.call(1));
            s.received(socket, call);
            s.at(1000).advanced(60);
            Broken(vec![call.no, s.at(4000).timed_out(call)])
        },
    },
    Case {
        id: "TIME-2",
        title: "the clock was advanced before the call's command had come",
        run: |s| {
            let (socket, call) = (s.home(1), s.call(1));
            s.advanced(6);
            s.received(socket, call);
            s.at(10_000).timed_out(call);
            Held(1)
        },
    },
    Case {
        id: "LIFE-1",
        title: "a call whose plugin left ends as soon as the clock has reached its timeout",
        run: |s| {
            let (socket, call) = (s.home(1), s.call(1));
            s.received(socket, call);
            s.leave(socket);
            s.advanced(60);
            s.at(5).timed_out(call);
            Held(1)
        },
    },
    Case {
        id: "CORR-4",
        title: "an answer was sent just before the clock passed the call's timeout",
        run: |s| {
            let (socket, call) = (s.home(1), s.call(1));
            s.received(socket, call);
            s.answered(socket, call, 1);
            s.advanced(60);
            s.at(5).timed_out(call);
            Untold
        },
    },
    Case {
        id: "PERF-2",
        title: "the clock was advanced while the job ran: its duration may have that in it",
        run: |s| {
            for duration_ms in [50, 20_050] {
                let socket = s.home(1);
                s.at(0).job();
                let call = s.process(1);
                s.received(socket, call);
                s.advanced(20);
                s.at(50).answered(socket, call, json!({}));
                s.result(call, success(0, duration_ms));
            }
            Held(2)
        },
    },
    Case {
        id: "JOB-10",
        title: "a job is seen to wait, to run and to expire in its time",
        run: |s| {
            s.job();
            s.advanced(3500);
            s.job_seen(JobStatus::Pending);
            s.advanced(200);
            s.job_seen(JobStatus::Expired);
            let call = s.process(1);
            s.result(call, Value::Null);
            // What is known to have expired is not asked about again.
            s.job_seen(JobStatus::Expired);
            Held(2)
        },
    },
    Case {
        id: "JOB-10",
        title: "a job that nobody looked at since is not run, a younger one is",
        run: |s| {
            s.home(1);
            s.job();
            s.advanced(3700);
            let call = s.process(1);
            s.result(call, Value::Null);
            s.job_of(2, 1, "sync", None);
            s.advanced(3500);
            let call = s.process(1);
            s.result(call, super::stream::of_job(2, success(0, 0)));
            Held(2)
        },
    },
    Case {
        id: "JOB-10",
        title: "a job waits for ever",
        run: |s| {
            let created = s.job_without_timeout(1, "sync");
            s.advanced(3700);
            Broken(vec![created, s.job_seen(JobStatus::Pending)])
        },
    },
    Case {
        id: "JOB-10",
        title: "a job is run that has expired",
        run: |s| {
            let created = s.job_without_timeout(1, "sync");
            s.advanced(3700);
            let call = s.process(1);
            Broken(vec![created, s.result(call, success(0, 0))])
        },
    },
    Case {
        id: "JOB-10",
        title: "a job expires too early",
        run: |s| {
            let created = s.job_without_timeout(1, "sync");
            s.advanced(1900);
            Broken(vec![created, s.job_seen(JobStatus::Expired)])
        },
    },
    Case {
        id: "JOB-10",
        title: "jobs are of about an hour, have just been made, or ended otherwise",
        run: |s| {
            s.job();
            s.job_seen(JobStatus::Pending);
            s.advanced(3595);
            s.job_seen(JobStatus::Pending);
            s.at(9000).job_seen(JobStatus::Expired);
            s.job();
            s.job_seen(JobStatus::Cancelled);
            s.advanced(4000);
            s.job_seen(JobStatus::Cancelled);
            let call = s.process(1);
            s.result(call, Value::Null);
            NotExercised
        },
    },
    Case {
        id: "JOB-8",
        title: "the only job has expired",
        run: |s| {
            s.job();
            s.advanced(3700);
            let call = s.process(1);
            s.result(call, Value::Null);
            Held(1)
        },
    },
    Case {
        id: "JOB-8",
        title: "a job runs that has expired, or it has not quite",
        run: |s| {
            s.job();
            s.advanced(3700);
            let call = s.process(1);
            s.result(call, success(0, 0));
            s.job();
            s.advanced(3600);
            let call = s.process(1);
            s.result(call, Value::Null);
            NotExercised
        },
    },
    Case {
        id: "JOB-6",
        title: "of two jobs the more urgent one has expired",
        run: |s| {
            s.home(1);
            s.job_of(1, 1, "sync", Some(1));
            s.advanced(3000);
            s.job_of(2, 1, "sync", Some(4));
            s.job_of(3, 1, "sync", Some(3));
            s.advanced(700);
            let call = s.process(1);
            s.result(call, super::stream::of_job(3, success(0, 0)));
            Held(1)
        },
    },
    Case {
        id: "JOB-6",
        title: "of two jobs the more urgent one may have expired, and then another runs that has",
        run: |s| {
            s.home(1);
            s.job_of(1, 1, "sync", Some(1));
            s.job_of(2, 1, "sync", Some(3));
            s.advanced(3000);
            s.job_of(3, 1, "sync", Some(4));
            s.advanced(600);
            let call = s.process(1);
            s.result(call, super::stream::of_job(3, success(0, 0)));
            s.advanced(600);
            let call = s.process(1);
            s.result(call, super::stream::of_job(2, success(0, 0)));
            NotExercised
        },
    },
];

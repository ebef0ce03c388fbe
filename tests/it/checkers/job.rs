//! JOB: the job layer, as its results and commands show it.

use hubproof::contract::control::{ErrorKind, JobStatus};
use hubproof::event::EventNo;
use serde_json::{Value, json};

use super::stream::Found::{Broken, Held, NotExercised, Untold};
use super::stream::{Call, Case, Stream, failure, retried, success};

/// A run of the job whose plugin answered with this, and its answer.
fn run(s: &mut Stream, response: Value) -> (Call, EventNo) {
    let socket = s.home(1);
    s.job();
    let call = s.process(1);
    s.received(socket, call);
    let answer = s.responded(socket, call, response);
    (call, answer)
}

fn counted() -> Value {
    json!({ "success": true, "data": { "imported": 3, "updated": 0 } })
}

fn refused() -> Value {
    json!({ "success": false, "error": "Vinted API error" })
}

/// A result without one of its members.
fn without(mut result: Value, name: &str) -> Value {
    result.as_object_mut().and_then(|members| members.remove(name)).expect("a member");
    result
}

pub(crate) const CASES: &[Case] = &[
    Case {
        id: "JOB-1",
        title: "a job succeeds and is completed",
        run: |s| {
            let (call, _) = run(s, counted());
            s.result(call, success(3, 0));
            s.job_seen(JobStatus::Completed);
            Held(2)
        },
    },
    Case {
        id: "JOB-1",
        title: "a result may show the full code as its action",
        run: |s| {
            let (call, _) = run(s, counted());
            let mut result = success(3, 0);
            result["action"] = json!("sync_vinted");
            s.result(call, result);
            Held(1)
        },
    },
    Case {
        id: "JOB-1",
        title: "the result has no duration",
        run: |s| {
            let (call, _) = run(s, counted());
            Broken(vec![s.result(call, without(success(3, 0), "duration_ms"))])
        },
    },
    Case {
        id: "JOB-1",
        title: "the result has another marketplace",
        run: |s| {
            let (call, _) = run(s, counted());
            let mut result = success(3, 0);
            result["marketplace"] = json!("ebay");
            Broken(vec![s.result(call, result)])
        },
    },
    Case {
        id: "JOB-1",
        title: "the result names a job that does not exist",
        run: |s| {
            let (call, _) = run(s, counted());
            let mut result = success(3, 0);
            result["job_id"] = json!(7);
            Broken(vec![s.result(call, result)])
        },
    },
    Case {
        id: "JOB-1",
        title: "the job is not completed",
        run: |s| {
            let (call, _) = run(s, counted());
            s.result(call, success(3, 0));
            let seen = s.job_seen(JobStatus::Pending);
            Broken(vec![seen])
        },
    },
    Case {
        id: "JOB-1",
        title: "a job fails and waits again",
        run: |s| {
            let (call, _) = run(s, refused());
            s.result(call, failure("Vinted API error"));
            s.job_seen(JobStatus::Pending);
            NotExercised
        },
    },
    Case {
        id: "JOB-2",
        title: "the command is the handler's, with the shop",
        run: |s| {
            let (call, _) = run(s, counted());
            s.result(call, success(3, 0));
            Held(1)
        },
    },
    Case {
        id: "JOB-2",
        title: "the command lacks the shop",
        run: |s| {
            let socket = s.join(1);
            s.job();
            let call = s.process(1);
            let mut command = Stream::command(call);
            command["payload"] = json!({});
            let received = s.received_as(socket, call, vec![command]);
            s.responded(socket, call, counted());
            s.result(call, success(3, 0));
            Broken(vec![call.no, received])
        },
    },
    Case {
        id: "JOB-2",
        title: "the command lacks a part of the input, which only the control API asks for",
        run: |s| {
            let socket = s.join(1);
            s.job_with(json!({"item_id": 5}));
            let call = s.process(1);
            s.received(socket, call);
            s.responded(socket, call, counted());
            s.result(call, success(3, 0));
            Untold
        },
    },
    Case {
        id: "JOB-2",
        title: "no command is sent",
        run: |s| {
            s.job();
            let call = s.process(1);
            s.result(call, failure("User 1 not connected via WebSocket"));
            NotExercised
        },
    },
    Case {
        id: "JOB-3",
        title: "a failure of the plugin and one of the hub become results",
        run: |s| {
            s.job();
            let call = s.process(1);
            s.result(call, failure("User 1 not connected via WebSocket"));
            let (call, _) = run(s, refused());
            s.result(call, failure("Vinted API error"));
            Held(2)
        },
    },
    Case {
        id: "JOB-3",
        title: "a failure is reported as a success",
        run: |s| {
            let (call, _) = run(s, refused());
            Broken(vec![call.no, s.result(call, success(0, 0))])
        },
    },
    Case {
        id: "JOB-3",
        title: "a failure has no text",
        run: |s| {
            let (call, _) = run(s, refused());
            Broken(vec![call.no, s.result(call, without(failure("x"), "error"))])
        },
    },
    Case {
        id: "JOB-3",
        title: "a failure is thrown",
        run: |s| {
            let (call, _) = run(s, refused());
            Broken(vec![call.no, s.failed(call, ErrorKind::Internal, "Vinted API error")])
        },
    },
    Case {
        id: "JOB-3",
        title: "every job succeeds",
        run: |s| {
            let (call, _) = run(s, counted());
            s.result(call, success(3, 0));
            NotExercised
        },
    },
    Case {
        id: "JOB-4",
        title: "not connected, the plugin's error and a timeout can be read",
        run: |s| {
            s.job();
            let call = s.process(1);
            s.result(call, failure("User 1 not connected via WebSocket"));
            let (call, _) = run(s, refused());
            s.result(call, failure("the plugin said: Vinted API error"));
            let socket = s.home(1);
            let call = s.process(1);
            s.received(socket, call);
            let result = retried(2, true, failure("Plugin command timeout after 10s"));
            s.at(10_000).result(call, result);
            Held(3)
        },
    },
    Case {
        id: "JOB-4",
        title: "the plugin's error is lost",
        run: |s| {
            let (call, _) = run(s, refused());
            Broken(vec![call.no, s.result(call, failure("job failed"))])
        },
    },
    Case {
        id: "JOB-4",
        title: "the timeout is lost",
        run: |s| {
            let socket = s.join(1);
            s.job();
            let call = s.process(1);
            s.received(socket, call);
            Broken(vec![call.no, s.at(10_000).result(call, failure("job failed"))])
        },
    },
    Case {
        id: "JOB-4",
        title: "a job succeeds, and an unknown error may have any text",
        run: |s| {
            let (call, _) = run(s, counted());
            s.result(call, success(3, 0));
            let (call, _) = run(s, json!({ "success": false }));
            s.result(call, failure("anything"));
            NotExercised
        },
    },
    Case {
        id: "JOB-5",
        title: "both counts are the plugin's, numbers as doubles",
        run: |s| {
            let (call, _) = run(s, json!({ "success": true, "data": { "imported": 3.0, "updated": 0 } }));
            s.result(call, success(3, 0));
            Held(2)
        },
    },
    Case {
        id: "JOB-5",
        title: "a count is another",
        run: |s| {
            let (call, answer) = run(s, counted());
            Broken(vec![answer, s.result(call, success(0, 0))])
        },
    },
    Case {
        id: "JOB-5",
        title: "the plugin counted nothing",
        run: |s| {
            let (call, _) = run(s, json!({ "success": true, "data": {} }));
            s.result(call, success(0, 0));
            NotExercised
        },
    },
    Case {
        id: "JOB-8",
        title: "without a job the result is null",
        run: |s| {
            s.join(2);
            s.job();
            let call = s.process(2);
            s.result(call, Value::Null);
            Held(1)
        },
    },
    Case {
        id: "JOB-8",
        title: "without a job there is a result",
        run: |s| {
            let call = s.process(1);
            Broken(vec![call.no, s.result(call, json!({ "success": true, "result": {} }))])
        },
    },
    Case {
        id: "JOB-8",
        title: "without a job there is a command",
        run: |s| {
            let (socket, call) = (s.join(1), s.process(1));
            s.received(socket, call);
            Broken(vec![call.no, s.result(call, Value::Null)])
        },
    },
    Case {
        id: "JOB-8",
        title: "the user has a job, whether or not it may be run",
        run: |s| {
            s.job();
            let call = s.process(1);
            s.result(call, Value::Null);
            NotExercised
        },
    },
];

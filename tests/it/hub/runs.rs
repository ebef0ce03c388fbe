//! What a run of a job comes to (JOB-1 to JOB-5, JOB-7, JOB-9, PERF-2).

use hubproof::contract::control::{JobBody, JobStatus};
use serde_json::{Value, json};

use super::rig::{Rig, job_of};

/// Runs a job whose plugin answers with this after 1.5 seconds, and returns its result.
fn run(job: JobBody, response: Value) -> Value {
    let mut rig = Rig::new();
    let conn = rig.join(1);
    rig.create(job);
    let (token, seen) = rig.process();
    let mut response = response;
    response["request_id"] = seen.command()["request_id"].clone();
    rig.at(1.5).respond(conn, response).result(token)
}

#[test]
fn a_job_that_succeeds_has_just_these_members() {
    let result = run(job_of("publish"), json!({ "success": true, "data": { "vinted_id": 987 } }));
    let expected = json!({
        "job_id": 1,
        "marketplace": "vinted",
        "action": "publish",
        "success": true,
        "result": { "success": true, "data": { "vinted_id": 987 } },
        "duration_ms": 1500,
    });
    assert_eq!(result, expected);
}

#[test]
fn a_job_that_fails_has_just_these_members() {
    let result = run(job_of("publish"), json!({ "success": false, "error": "Vinted API error" }));
    let expected = json!({
        "job_id": 1,
        "marketplace": "vinted",
        "action": "publish",
        "success": false,
        "error": "Vinted API error",
        "will_retry": true,
        "retry_count": 1,
        "duration_ms": 1500,
    });
    assert_eq!(result, expected);
}

#[test]
fn a_sync_tells_what_the_plugin_counted_and_0_where_it_did_not() {
    let data = json!({ "imported": 3, "updated": 4, "more": 5 });
    let result = run(job_of("sync"), json!({ "success": true, "data": data }));
    assert_eq!(result["result"], json!({ "success": true, "imported": 3, "updated": 4 }));
    let result = run(job_of("sync"), json!({ "success": true }));
    assert_eq!(result["result"], json!({ "success": true, "imported": 0, "updated": 0 }));
}

#[test]
fn the_command_of_a_job_is_its_handler_s_with_the_input_and_the_shop() {
    for (action, command) in [
        ("publish", "VINTED_PUBLISH"),
        ("update", "VINTED_UPDATE"),
        ("delete", "VINTED_DELETE"),
        ("sync", "VINTED_SYNC"),
        ("orders", "VINTED_ORDERS"),
    ] {
        let mut rig = Rig::new();
        rig.join(1);
        rig.create(JobBody { input: Some(json!({ "a": 1 })), ..job_of(action) });
        let (_, seen) = rig.process();
        assert_eq!(seen.command()["action"], command);
        assert_eq!(seen.command()["payload"], json!({ "a": 1, "shop_id": 123 }));
    }
}

#[test]
fn a_job_without_a_shop_has_none_in_its_command() {
    let mut rig = Rig::new();
    rig.join(1);
    rig.create(JobBody { shop_id: None, ..job_of("sync") });
    assert_eq!(rig.process().1.command()["payload"], json!({}));
}

#[test]
fn a_job_is_tried_three_times_in_all_and_tells_so() {
    let mut rig = Rig::new();
    let conn = rig.join(1);
    let job = rig.create(job_of("sync"));
    for (count, will_retry, status) in
        [(1, true, JobStatus::Pending), (2, true, JobStatus::Pending), (3, false, JobStatus::Failed)]
    {
        let (token, seen) = rig.process();
        let id = seen.command()["request_id"].clone();
        let error = format!("failure {count}");
        let result = rig.respond(conn, json!({ "request_id": id, "success": false, "error": error })).result(token);
        assert_eq!((&result["retry_count"], &result["will_retry"]), (&json!(count), &json!(will_retry)));
        let view = rig.job(job);
        assert_eq!((view.status, view.retry_count, view.error), (status, Some(count), Some(json!(error))));
    }
    let (token, seen) = rig.process();
    assert_eq!((seen.result(token), seen.emits().len()), (Value::Null, 0));
}

#[test]
fn a_job_may_succeed_after_failures() {
    let mut rig = Rig::new();
    let job = rig.create(job_of("sync"));
    for _ in 0..2 {
        let (token, seen) = rig.process();
        assert_eq!(seen.result(token)["error"], "User 1 not connected via WebSocket");
    }
    let conn = rig.join(1);
    let (token, seen) = rig.process();
    let id = seen.emits()[0].1.clone();
    assert_eq!(rig.answer(conn, &id, json!({})).result(token)["success"], true);
    let view = rig.job(job);
    assert_eq!((view.status, view.retry_count), (JobStatus::Completed, Some(2)));
}

#[test]
fn every_kind_of_failure_can_be_read_in_the_result() {
    let mut rig = Rig::new();
    rig.create(JobBody { timeout_s: Some(json!(3)), ..job_of("sync") });
    let conn = rig.join(1);
    let (token, _) = rig.process();
    let timeout = rig.at(3.0).tick().result(token);
    assert_eq!((&timeout["error"], &timeout["duration_ms"]), (&json!("Plugin command timeout after 3s"), &json!(3000)));
    let (token, _) = rig.process();
    assert_eq!(rig.leave(conn).result(token)["error"], "User 1 disconnected before the response came");
    let (token, seen) = rig.process();
    assert_eq!(seen.result(token)["error"], "User 1 not connected via WebSocket");
    assert_eq!(seen.result(token)["retry_count"], 3);
}

#[test]
fn an_action_that_no_handler_takes_fails_with_its_full_name() {
    let mut rig = Rig::new();
    rig.join(1);
    rig.create(job_of("dance"));
    rig.create(JobBody { marketplace: "ebay".to_owned(), ..job_of("sync") });
    for full in ["dance_vinted", "dance_vinted", "dance_vinted", "sync_ebay"] {
        let (token, seen) = rig.process();
        assert_eq!(seen.result(token)["error"], format!("Unknown action: {full}"));
        assert!(seen.emits().is_empty());
    }
}

#[test]
fn a_job_whose_timeout_makes_no_sense_fails_and_says_why() {
    let mut rig = Rig::new();
    rig.join(1);
    rig.create(JobBody { timeout_s: Some(json!(-1)), ..job_of("sync") });
    let (token, seen) = rig.process();
    let error = "timeout_s must be a number of seconds above 0 and at most 86400, not -1";
    assert_eq!(seen.result(token)["error"], error);
}

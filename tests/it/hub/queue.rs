//! Who is next in the job queue, and how jobs leave it (JOB-6, JOB-8, JOB-10 to JOB-12, JOB-14).

use hubproof::contract::control::{JobBody, JobStatus, ProcessBody, Refusal, Reply, Request};
use hubproof::contract::user::UserId;
use hubproof::hub::Input;
use serde_json::{Value, json};

use super::rig::{Rig, job_of, process_of};

/// The jobs that are processed one after the other, each answered at once.
fn order(rig: &mut Rig, wanted: &ProcessBody) -> Vec<u64> {
    let conn = rig.join(1);
    let mut order = Vec::new();
    loop {
        let (token, seen) = rig.ask(Request::ProcessNext(wanted.clone()));
        if seen.reply(token) == Some(&Reply::JobResult(Value::Null)) {
            return order;
        }
        let id = seen.emits()[0].1.clone();
        let result = rig.answer(conn, &id, json!({})).result(token);
        order.push(result["job_id"].as_u64().expect("a job's id"));
    }
}

fn any() -> ProcessBody {
    ProcessBody { user_id: UserId::from(1), shop_id: None, marketplace: None }
}

#[test]
fn jobs_are_numbered_from_1_and_wait() {
    let mut rig = Rig::new();
    assert_eq!([rig.create(job_of("sync")), rig.create(job_of("sync"))], [1, 2]);
    let view = rig.job(1);
    assert_eq!((view.status, view.retry_count, view.timeout_s), (JobStatus::Pending, Some(0), Some(json!(300))));
    assert_eq!(view.error, None);
}

#[test]
fn the_timeout_of_a_job_is_its_own_or_its_action_s() {
    let mut rig = Rig::new();
    let own = rig.create(JobBody { timeout_s: Some(json!(3)), ..job_of("sync") });
    assert_eq!(rig.job(own).timeout_s, Some(json!(3)));
    for (action, seconds) in [("publish", 60), ("update", 60), ("delete", 60), ("sync", 300), ("orders", 180)] {
        let job = rig.create(job_of(action));
        assert_eq!(rig.job(job).timeout_s, Some(json!(seconds)), "{action}");
    }
    let unknown = rig.create(job_of("dance"));
    assert_eq!(rig.job(unknown).timeout_s, None);
}

#[test]
fn a_job_that_does_not_exist_is_not_found() {
    let mut rig = Rig::new();
    for request in [Request::Job(7), Request::CancelJob(7)] {
        assert_eq!(rig.reply(request), Reply::Refused(Refusal::no_such_job(7)));
    }
}

#[test]
fn the_most_urgent_job_comes_first_and_of_these_the_oldest() {
    let mut rig = Rig::new();
    for priority in [Some(4), None, Some(1), Some(3), Some(1), Some(2)] {
        rig.create(JobBody { priority, ..job_of("sync") });
    }
    assert_eq!(order(&mut rig, &any()), [3, 5, 6, 2, 4, 1]);
}

#[test]
fn only_jobs_of_the_user_are_run_and_only_that_user_s_sockets_get_commands() {
    let mut rig = Rig::new();
    let (own, _) = (rig.join(11), rig.join(1));
    rig.create(job_of("sync"));
    let theirs = rig.create(JobBody { user_id: UserId::from(11), ..job_of("sync") });
    let (token, seen) = rig.ask(process_of(11));
    assert_eq!(seen.reached(), [own]);
    let id = seen.emits()[0].1.clone();
    assert_eq!(rig.answer(own, &id, json!({})).result(token)["job_id"], theirs);
    let (token, seen) = rig.ask(process_of(11));
    assert_eq!((seen.result(token), seen.emits().len()), (Value::Null, 0));
}

#[test]
fn a_processor_may_want_jobs_of_one_shop_and_marketplace() {
    let mut rig = Rig::new();
    rig.create(JobBody { shop_id: Some(json!(1)), ..job_of("sync") });
    rig.create(JobBody { shop_id: Some(json!(2)), ..job_of("sync") });
    rig.create(JobBody { shop_id: None, ..job_of("sync") });
    rig.create(JobBody { marketplace: "ebay".to_owned(), ..job_of("sync") });
    assert_eq!(order(&mut rig, &ProcessBody { marketplace: Some("nowhere".to_owned()), ..any() }), [0; 0]);
    let wanted = ProcessBody { shop_id: Some(json!(2)), marketplace: Some("vinted".to_owned()), ..any() };
    assert_eq!(order(&mut rig, &wanted), [2, 3]);
}

#[test]
fn a_job_without_a_shop_takes_on_its_processor_s_for_that_run() {
    let mut rig = Rig::new();
    let conn = rig.join(1);
    rig.create(JobBody { shop_id: None, ..job_of("sync") });
    for shop in [5, 6] {
        let wanted = ProcessBody { shop_id: Some(json!(shop)), ..any() };
        let (_, seen) = rig.ask(Request::ProcessNext(wanted));
        assert_eq!(seen.command()["payload"], json!({ "shop_id": shop }));
        let id = seen.emits()[0].1.clone();
        rig.respond(conn, json!({ "request_id": id, "success": false }));
    }
}

#[test]
fn without_a_pending_job_there_is_no_result_and_no_command() {
    let mut rig = Rig::new();
    rig.join(1);
    let (token, seen) = rig.process();
    assert_eq!(seen.0.len(), 1);
    assert_eq!(seen.result(token), Value::Null);
}

#[test]
fn a_job_is_not_run_twice_at_once() {
    let mut rig = Rig::new();
    let conn = rig.join(1);
    let job = rig.create(job_of("sync"));
    let (first, seen) = rig.process();
    assert_eq!(rig.job(job).status, JobStatus::Running);
    let (second, nothing) = rig.process();
    assert_eq!((nothing.result(second), nothing.emits().len()), (Value::Null, 0));
    let id = seen.emits()[0].1.clone();
    assert_eq!(rig.answer(conn, &id, json!({})).result(first)["success"], true);
    assert_eq!(rig.job(job).status, JobStatus::Completed);
}

#[test]
fn a_job_whose_processor_goes_away_is_put_back_and_the_run_counts_as_none() {
    let mut rig = Rig::new();
    let conn = rig.join(1);
    let job = rig.create(job_of("sync"));
    let (token, seen) = rig.process();
    let id = seen.emits()[0].1.clone();
    assert!(rig.give(Input::Abandon { token }).replies().is_empty());
    let view = rig.job(job);
    assert_eq!((view.status, view.retry_count), (JobStatus::Pending, Some(0)));
    assert!(rig.answer(conn, &id, json!({})).replies().is_empty());
    let (_, seen) = rig.process();
    assert_ne!(seen.emits()[0].1, id);
}

#[test]
fn a_pending_job_expires_after_an_hour_and_not_before() {
    let mut rig = Rig::new();
    let job = rig.at(5.0).create(job_of("sync"));
    assert_eq!(rig.at(3605.0).job(job).status, JobStatus::Pending);
    assert_eq!(rig.at(3605.001).job(job).status, JobStatus::Expired);
    rig.join(1);
    let (token, seen) = rig.process();
    assert_eq!((seen.result(token), seen.emits().len()), (Value::Null, 0));
}

#[test]
fn a_job_expires_on_an_advanced_clock_too_and_whether_or_not_anybody_looks() {
    let mut rig = Rig::new();
    rig.join(1);
    let job = rig.create(job_of("sync"));
    rig.ask(Request::Advance(3600.5));
    let (token, seen) = rig.process();
    assert_eq!(seen.result(token), Value::Null);
    assert_eq!(rig.job(job).status, JobStatus::Expired);
    let unseen = rig.create(job_of("sync"));
    rig.ask(Request::Advance(3600.5));
    assert_eq!(rig.cancel(unseen), JobStatus::Expired);
}

#[test]
fn a_job_that_runs_or_has_ended_does_not_expire() {
    let mut rig = Rig::new();
    let conn = rig.join(1);
    let job = rig.create(JobBody { timeout_s: Some(json!(86_400)), ..job_of("sync") });
    let (_, seen) = rig.process();
    assert_eq!(rig.at(3700.0).job(job).status, JobStatus::Running);
    let id = seen.emits()[0].1.clone();
    rig.answer(conn, &id, json!({}));
    assert_eq!(rig.at(9000.0).job(job).status, JobStatus::Completed);
}

#[test]
fn a_pending_job_that_is_cancelled_is_not_run() {
    let mut rig = Rig::new();
    rig.join(1);
    let job = rig.create(job_of("sync"));
    assert_eq!(rig.cancel(job), JobStatus::Cancelled);
    let (token, seen) = rig.process();
    assert_eq!((seen.result(token), seen.emits().len()), (Value::Null, 0));
    assert_eq!(rig.cancel(job), JobStatus::Cancelled);
}

#[test]
fn a_job_that_is_cancelled_while_it_runs_ends_at_once_and_stays_cancelled() {
    let mut rig = Rig::new();
    let conn = rig.join(1);
    let job = rig.create(job_of("sync"));
    let (token, seen) = rig.process();
    let id = seen.emits()[0].1.clone();
    let (_, seen) = rig.ask(Request::CancelJob(job));
    let result = seen.result(token);
    assert_eq!((&result["success"], &result["will_retry"]), (&json!(false), &json!(false)));
    assert_eq!((rig.job(job).status, rig.pending().len()), (JobStatus::Cancelled, 0));
    assert!(rig.answer(conn, &id, json!({})).replies().is_empty());
    assert_eq!(rig.job(job).status, JobStatus::Cancelled);
}

#[test]
fn a_job_that_has_ended_cannot_be_cancelled() {
    let mut rig = Rig::new();
    rig.create(job_of("sync"));
    assert_eq!(order(&mut rig, &any()), [1]);
    assert_eq!(rig.cancel(1), JobStatus::Completed);
}

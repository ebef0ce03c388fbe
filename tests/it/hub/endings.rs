//! Calls that are reset, given up or shut down (TIME-5, TIME-8, LIFE-9).

use hubproof::contract::control::{ErrorKind, Refusal, Reply, Request};
use hubproof::contract::user::UserId;
use hubproof::hub::{Input, Output};
use serde_json::json;

use super::rig::{End, Rig, Sent, call_of, job_of};

fn call_to(rig: &mut Rig, user: u64) -> Sent {
    rig.sent(Request::Call(call_of(user, None)))
}

fn reset() -> End {
    Err((ErrorKind::Internal, "the hub was reset".to_owned()))
}

#[test]
fn calls_in_flight_are_listed_in_their_order_for_everybody_and_for_one_user() {
    let mut rig = Rig::new();
    let (conn, _) = (rig.join(1), rig.join(2));
    let (first, second, third) = (call_to(&mut rig, 1), call_to(&mut rig, 2), call_to(&mut rig, 1));
    assert_eq!(rig.pending(), [first.id.clone(), second.id.clone(), third.id.clone()]);
    assert_eq!(rig.pending_of(Some(1)), [first.id.clone(), third.id.clone()]);
    assert_eq!(rig.pending_of(Some(3)), [""; 0]);
    rig.answer(conn, &first.id, json!(1));
    assert_eq!(rig.pending(), [second.id, third.id]);
}

#[test]
fn a_reset_ends_every_call_and_forgets_every_job_but_no_connection() {
    let mut rig = Rig::new();
    let (conn, _) = (rig.join(1), rig.join(2));
    let job = rig.create(job_of("sync"));
    let (first, second) = (call_to(&mut rig, 1), call_to(&mut rig, 2));
    let (token, seen) = rig.ask(Request::Reset(None));
    assert_eq!([seen.end(first.token), seen.end(second.token)], [Some(reset()), Some(reset())]);
    assert_eq!(seen.reply(token), Some(&Reply::Done));
    assert_eq!((rig.pending().len(), rig.deadline(), rig.hub.connections()), (0, None, 2));
    assert_eq!(rig.reply(Request::Job(job)), Reply::Refused(Refusal::no_such_job(job)));
    assert!(rig.create(job_of("sync")) > job, "an id names one job only");
    assert!(rig.answer(conn, &first.id, json!(1)).replies().is_empty());
}

#[test]
fn a_reset_of_one_user_leaves_everybody_else_alone() {
    let mut rig = Rig::new();
    rig.join(1);
    rig.join(11);
    let job = rig.create(job_of("sync"));
    let (own, other) = (call_to(&mut rig, 11), call_to(&mut rig, 1));
    let (_, seen) = rig.ask(Request::Reset(Some(UserId::from(11))));
    assert_eq!(seen.end(own.token), Some(reset()));
    assert_eq!(rig.pending(), [other.id]);
    assert_eq!(rig.job(job).job_id, job);
}

#[test]
fn a_reset_ends_a_running_job_s_call_with_a_failure() {
    let mut rig = Rig::new();
    rig.join(1);
    rig.create(job_of("sync"));
    let (token, _) = rig.process();
    let (_, seen) = rig.ask(Request::Reset(None));
    assert_eq!(seen.result(token)["error"], "the hub was reset");
}

#[test]
fn a_reset_of_everybody_forgets_the_draws_that_were_fed() {
    for (user, forgotten) in [(None, true), (Some(UserId::from(1)), false)] {
        let mut rig = Rig::new();
        rig.join(1);
        let fed = "req_1_1700000000000_1000".to_owned();
        rig.ask(Request::FeedRequestIds(vec![fed.clone()]));
        rig.ask(Request::Reset(user));
        assert_eq!(rig.call().id != fed, forgotten);
    }
}

#[test]
fn a_draw_in_flight_or_handed_out_before_is_discarded_and_after_a_reset_it_is_taken_again() {
    let mut rig = Rig::new();
    let conn = rig.join(1);
    let fed = "req_1_1700000000000_1000".to_owned();
    for reset in [true, false] {
        rig.ask(Request::FeedRequestIds(vec![fed.clone(), fed.clone()]));
        let (first, second) = (rig.call(), rig.call());
        assert_eq!(first.id == fed, reset, "{}", first.id);
        assert_ne!(second.id, fed);
        rig.answer(conn, &first.id, json!(1));
        if !reset {
            continue;
        }
        rig.ask(Request::FeedRequestIds(vec![fed.clone()]));
        assert_ne!(rig.call().id, fed, "its call has ended, but it was seen on the wire");
    }
    rig.ask(Request::Reset(None));
    rig.ask(Request::FeedRequestIds(vec![fed.clone()]));
    assert_eq!(rig.call().id, fed);
}

#[test]
fn a_caller_that_gives_up_leaves_nothing_pending_and_hears_nothing() {
    let mut rig = Rig::new();
    let conn = rig.join(1);
    let (sent, waiting) = (rig.call(), rig.call());
    let seen = rig.give(Input::Abandon { token: sent.token });
    assert!(seen.replies().is_empty());
    assert_eq!(rig.pending(), std::slice::from_ref(&waiting.id));
    let seen = rig.answer(conn, &sent.id, json!("late"));
    assert!(matches!(seen.0[..], [Output::Log(_)]), "{seen:?}");
    let seen = rig.at(10.0).tick();
    assert_eq!(seen.replies().len(), 1);
    assert_eq!(seen.error(waiting.token), "Plugin command timeout after 10s");
}

#[test]
fn giving_up_a_call_that_has_ended_changes_nothing() {
    let mut rig = Rig::new();
    let conn = rig.join(1);
    let (sent, waiting) = (rig.call(), rig.call());
    rig.answer(conn, &sent.id, json!(1));
    assert!(rig.give(Input::Abandon { token: sent.token }).0.is_empty());
    assert_eq!(rig.pending(), [waiting.id]);
}

#[test]
fn a_shutdown_fails_every_call_closes_every_socket_and_stops_in_this_order() {
    let mut rig = Rig::new();
    let (first, second) = (rig.join(1), rig.join(2));
    let (one, two) = (call_to(&mut rig, 1), call_to(&mut rig, 2));
    let (token, seen) = rig.ask(Request::Shutdown);
    let down = || Some(Err((ErrorKind::ShuttingDown, "the hub is shutting down".to_owned())));
    assert_eq!([seen.end(one.token), seen.end(two.token)], [down(), down()]);
    let rest: Vec<&Output> = seen.0.iter().filter(|output| !matches!(output, Output::Log(_))).skip(2).collect();
    let done = Output::Reply { token, reply: Reply::Done };
    assert_eq!(rest, [&done, &Output::Close { conn: first }, &Output::Close { conn: second }, &Output::Stop]);
    assert_eq!((rig.pending().len(), rig.deadline()), (0, None));
}

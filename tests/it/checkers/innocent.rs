//! Runs that look odd and in which nothing is broken: no judge may accuse a hub that keeps its promises.

use hubproof::contract::control::{ErrorKind, JobStatus};
use hubproof::event::{Ended, EventNo, Finding, Verdict};
use serde_json::json;

use super::stream::{Call, Stream, failure, request_id, retried};

/// Nothing is found broken.
fn unaccused(stream: &Stream) {
    let is_broken = |verdict: &Verdict| matches!(verdict.finding, Finding::Broken(_));
    let broken: Vec<Verdict> = stream.verdicts().into_iter().filter(is_broken).collect();
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn an_answer_sent_just_before_the_deadline_may_win_or_lose() {
    for wins in [true, false] {
        let mut s = Stream::new();
        let (socket, call) = (s.join(1), s.call(1));
        s.received(socket, call);
        s.at(9_999).answered(socket, call, 1);
        if wins {
            s.at(10_001).value(call, 1)
        } else {
            s.at(10_001).timed_out(call)
        };
        unaccused(&s);
    }
}

#[test]
fn what_was_sent_right_before_a_socket_was_cut_may_be_lost() {
    let mut s = Stream::new();
    let (socket, call) = (s.join(1), s.call(1));
    s.received(socket, call);
    s.at(1000).answered(socket, call, 1);
    s.leave(socket);
    s.disconnected(call);
    unaccused(&s);
}

#[test]
fn what_was_sent_right_before_a_socket_was_cut_may_be_lost_while_another_tab_stays() {
    let mut s = Stream::new();
    let (socket, other, call) = (s.join(1), s.join(1), s.call(1));
    s.received(socket, call);
    s.received(other, call);
    s.at(1000).answered(socket, call, 1);
    s.leave(socket);
    s.at(10_000).timed_out(call);
    unaccused(&s);
}

#[test]
fn two_tabs_that_answer_at_once_may_arrive_in_either_order() {
    let success = |n: u64| json!({ "success": true, "data": n });
    let refusal = |n: u64| json!({ "success": false, "error": format!("tab {n}") });
    for (one, two) in [(success(1), success(2)), (refusal(1), refusal(2)), (success(1), refusal(2))] {
        let mut s = Stream::new();
        let (first, second, call) = (s.join(1), s.join(1), s.call(1));
        s.received(first, call);
        s.received(second, call);
        s.responded(first, call, one);
        s.at(5).responded(second, call, two.clone());
        match two["error"].as_str() {
            Some(text) => s.plugin_error(call, text),
            None => s.value(call, 2),
        };
        unaccused(&s);
    }
}

#[test]
fn two_tabs_may_race_for_a_job_as_well() {
    let mut s = Stream::new();
    let (first, second) = (s.join(1), s.join(1));
    s.job();
    let call = s.process(1);
    s.received(first, call);
    s.received(second, call);
    s.responded(first, call, json!({ "success": false, "error": "tab 1" }));
    s.responded(second, call, json!({ "success": false, "error": "tab 2" }));
    s.result(call, failure("tab 2"));
    unaccused(&s);

    let mut s = Stream::new();
    let (first, second) = (s.join(1), s.join(1));
    s.job();
    let call = s.process(1);
    s.received(first, call);
    s.received(second, call);
    s.answered(first, call, json!({ "imported": 1 }));
    s.answered(second, call, json!({ "imported": 2 }));
    s.result(call, super::stream::success(2, 0));
    unaccused(&s);
}

#[test]
fn a_plugin_may_leave_in_the_instant_in_which_its_call_times_out() {
    let mut s = Stream::new();
    let (socket, call) = (s.join(1), s.call(1));
    s.received(socket, call);
    s.at(9_998).leave(socket);
    s.at(10_001).timed_out(call);
    unaccused(&s);
}

#[test]
fn a_plugin_may_be_back_before_the_caller_hears_that_it_left() {
    let mut s = Stream::new();
    let (socket, call) = (s.join(1), s.call(1));
    s.received(socket, call);
    s.at(8_000).leave(socket);
    s.join(1);
    s.disconnected(call);
    unaccused(&s);
}

#[test]
fn a_response_over_the_limit_fails_its_call_with_the_cause() {
    let mut s = Stream::new();
    let (socket, call) = (s.join(1), s.call(1));
    s.received(socket, call);
    s.answered(socket, call, "x".repeat(1000));
    s.failed(call, ErrorKind::PayloadTooLarge, "Response size (1064 bytes) exceeds max buffer size (1000 bytes)");
    unaccused(&s);
}

#[test]
fn a_hub_that_shuts_down_fails_calls_and_closes_sockets() {
    let mut s = Stream::new();
    let (socket, answered, waiting) = (s.join(1), s.call(1), s.call(1));
    s.received(socket, answered);
    s.received(socket, waiting);
    s.said(socket, None, json!({ "request_id": "unknown" }));
    s.at(8_000).answered(socket, answered, 1);
    for call in [answered, waiting] {
        s.failed(call, ErrorKind::ShuttingDown, "the hub is shutting down");
    }
    s.closed(socket);
    unaccused(&s);
}

#[test]
fn a_job_that_is_cancelled_while_it_runs_is_no_timeout_and_harms_nobody() {
    let mut s = Stream::new();
    let socket = s.join(1);
    s.job();
    let (run, neighbour) = (s.process(1), s.call(1));
    s.received(socket, run);
    s.received(socket, neighbour);
    s.at(1000).result(run, failure("the job was cancelled"));
    s.job_seen(JobStatus::Cancelled);
    s.answered(socket, neighbour, 1);
    s.value(neighbour, 1);
    unaccused(&s);
}

#[test]
fn a_job_without_a_timeout_of_its_own_may_be_cancelled_while_it_runs() {
    let mut s = Stream::new();
    let socket = s.join(1);
    s.job_without_timeout(1, "sync");
    let run = s.process(1);
    s.received(socket, run);
    s.job_cancelled();
    s.result(run, failure("the job was cancelled"));
    s.job_seen(JobStatus::Cancelled);
    unaccused(&s);
}

#[test]
fn a_call_that_is_given_up_may_be_answered_before_and_after() {
    let mut s = Stream::new();
    let (socket, call, next) = (s.join(1), s.call(1), s.call(1));
    s.received(socket, call);
    s.received(socket, next);
    s.answered(socket, call, 1);
    s.ended(call, Ended::Cancelled);
    s.answered(socket, call, 1);
    s.answered(socket, next, 2);
    s.value(next, 2);
    s.pending_seen(0);
    unaccused(&s);
}

#[test]
fn two_calls_may_be_answered_with_the_same_data() {
    let mut s = Stream::new();
    let (socket, a, b) = (s.join(1), s.call(1), s.call(1));
    s.received(socket, a);
    s.received(socket, b);
    for call in [b, a] {
        s.answered(socket, call, json!({ "ok": 1 }));
        s.value(call, json!({ "ok": 1.0 }));
    }
    unaccused(&s);
}

#[test]
fn a_stray_may_carry_what_a_call_is_answered_with() {
    let mut s = Stream::new();
    let (socket, stranger, call) = (s.join(1), s.join(2), s.call(1));
    s.received(socket, call);
    s.said(socket, None, json!({ "request_id": "unknown", "success": true, "data": 1 }));
    s.said(stranger, None, json!({ "request_id": request_id(call), "success": true, "data": 1 }));
    s.answered(socket, call, 1);
    s.value(call, 1);
    unaccused(&s);
}

#[test]
fn a_call_whose_timeout_makes_no_sense_may_be_refused_before_anything_else_is_looked_at() {
    for timeout_s in [0.0, 1e9] {
        let mut s = Stream::new();
        let call = s.call_with(1, true, timeout_s);
        s.failed(call, ErrorKind::Invalid, "timeout_s must be above 0");
        unaccused(&s);
    }
}

#[test]
fn a_failure_of_another_user_s_call_is_nobody_s_fault() {
    let mut s = Stream::new();
    let (one, two, a, b) = (s.join(1), s.join(2), s.call(1), s.call(2));
    s.received(one, a);
    s.received(two, b);
    s.responded(one, a, json!({ "success": false, "error": "no" }));
    s.plugin_error(a, "no");
    s.responded(two, b, json!({ "success": false, "error": "no" }));
    s.plugin_error(b, "no");
    unaccused(&s);
}

#[test]
fn a_socket_that_is_closed_long_after_a_stray_was_not_closed_for_it() {
    let mut s = Stream::new();
    let socket = s.join(1);
    s.said(socket, None, json!({ "request_id": "unknown" }));
    s.at(45_000).closed(socket);
    unaccused(&s);
}

#[test]
fn a_command_over_the_limit_reaches_no_socket_also_after_a_reconnect() {
    let mut s = Stream::new();
    let old = s.join(1);
    s.leave(old);
    s.join(1);
    let call = s.call(1);
    s.failed(call, ErrorKind::PayloadTooLarge, "Payload size (9 bytes) exceeds max buffer size (8 bytes)");
    unaccused(&s);
}

#[test]
fn a_shutdown_fails_a_call_though_one_of_two_tabs_is_still_there() {
    let mut s = Stream::new();
    let (one, two, call) = (s.join(1), s.join(1), s.call(1));
    s.received(one, call);
    s.received(two, call);
    s.at(1000).leave(one);
    s.at(2000).failed(call, ErrorKind::ShuttingDown, "the hub is shutting down");
    s.closed(two);
    unaccused(&s);
}

#[test]
fn calls_that_all_come_late_on_a_busy_machine_do_not_wait_for_one_another() {
    let mut s = Stream::new();
    let socket = s.join(1);
    let calls: Vec<Call> = (0..5).map(|_| s.call(1)).collect();
    for (call, at) in calls.iter().zip(500..) {
        s.at(at).received(socket, *call);
        s.answered(socket, *call, call.id.0);
    }
    for (call, at) in calls.iter().zip(900..) {
        s.at(at).value(*call, call.id.0);
    }
    unaccused(&s);
}

#[test]
fn a_plugin_that_waits_for_all_commands_on_a_busy_machine_is_waited_for_by_none() {
    let mut s = Stream::new();
    let socket = s.join(1);
    let calls: Vec<Call> = (0..5).map(|_| s.call(1)).collect();
    for (call, at) in calls.iter().zip([0, 300, 500, 700, 900]) {
        s.at(at).received(socket, *call);
    }
    for call in &calls {
        s.answered(socket, *call, call.id.0);
    }
    for call in &calls {
        s.at(905).value(*call, call.id.0);
    }
    unaccused(&s);
}

#[test]
fn timeouts_that_are_close_together_may_end_nearly_together() {
    let mut s = Stream::new();
    let (socket, a, b) = (s.join(1), s.call_with(1, true, 3.0), s.call_with(1, true, 3.008));
    s.received(socket, a);
    s.received(socket, b);
    s.at(3007).failed(a, ErrorKind::Timeout, "Plugin command timeout after 3s");
    s.at(3009).failed(b, ErrorKind::Timeout, "Plugin command timeout after 3.008s");
    unaccused(&s);
}

#[test]
fn a_frozen_tab_gets_no_commands_and_its_user_may_be_connected_or_not() {
    let ends: [fn(&mut Stream, Call) -> EventNo; 2] = [
        |s, call| s.at(10_000).timed_out(call),
        |s, call| s.failed(call, ErrorKind::NotConnected, "User 1 not connected via WebSocket"),
    ];
    for end in ends {
        let mut s = Stream::new();
        let socket = s.join(1);
        s.frozen(socket);
        let call = s.call(1);
        end(&mut s, call);
        unaccused(&s);
    }
}

#[test]
fn a_call_may_wait_for_a_frozen_tab_when_the_other_has_left() {
    let mut s = Stream::new();
    let (frozen, other, call) = (s.join(1), s.join(1), s.call(1));
    s.received(frozen, call);
    s.received(other, call);
    s.frozen(frozen);
    s.leave(other);
    s.at(10_000).timed_out(call);
    unaccused(&s);
}

#[test]
fn a_call_may_fail_when_the_hub_notices_that_its_plugin_is_frozen() {
    let mut s = Stream::new();
    let (socket, call) = (s.join(1), s.call(1));
    s.received(socket, call);
    s.frozen(socket);
    s.at(5_000).disconnected(call);
    unaccused(&s);
}

#[test]
fn a_late_answer_says_nothing_of_how_errors_read_at_each_level() {
    let mut s = Stream::new();
    let (socket, late) = (s.join(1), s.call(1));
    s.received(socket, late);
    s.at(10_000).timed_out(late);
    s.responded(socket, late, json!({ "success": false, "error": "no" }));
    let call = s.call_with(1, false, 10.0);
    s.received(socket, call);
    s.responded(socket, call, json!({ "success": false, "error": "no" }));
    s.value(call, json!({ "request_id": request_id(call), "success": false, "error": "no" }));
    unaccused(&s);
}

#[test]
fn an_attempt_that_its_caller_gave_up_may_have_failed_all_the_same() {
    let mut s = Stream::new();
    let socket = s.join(1);
    s.job();
    let unseen = s.process(1);
    s.received(socket, unseen);
    s.ended(unseen, Ended::Cancelled);
    let call = s.process(1);
    s.received(socket, call);
    s.responded(socket, call, json!({ "success": false, "error": "no" }));
    s.ended(call, Ended::JobResult(retried(2, true, failure("no"))));
    unaccused(&s);
}

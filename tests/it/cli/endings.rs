//! Runs that end early: interrupted, or the target goes away. What was seen is told, and nothing else.

use std::cell::RefCell;
use std::rc::Rc;

use futures_util::poll;
use hubproof::gherkin::{self, Case, runner};
use hubproof::sim::SimDriver;
use hubproof::stage::Driver;

use super::support::{Hub, hubproof};
use crate::support::{cases, config};

/// Takes 20 s at scale 1, and comes after CORR-4.1.
const SLOW: &str = "TIME-2.1";

#[test]
fn an_interrupted_check_tells_what_it_has_seen() {
    for signal in ["INT", "TERM"] {
        let mut check = hubproof(&["check", "CORR-4.1", SLOW, "--time-scale", "1"]).start();
        check.line("held  CORR-4.1");
        check.signal(signal);
        let told =
            ["CORR-4     documented  held", "1 scenario: 1 held", "could not tell: interrupted after 1 of 2 scenarios"];
        check.end().tells(3, &told);
    }
}

#[test]
fn an_interrupted_check_that_saw_a_broken_promise_says_so() {
    let slow = ["check", "CORR-4.1", SLOW, "--time-scale", "1", "--variant", "oldest-settled"];
    let mut check = hubproof(&slow).start();
    check.line("BROKEN  CORR-4.1");
    check.signal("INT");
    let ended = check.end().tells(1, &["broken: CORR-4, CORR-5 (interrupted after 1 of 2 scenarios)"]);
    assert!(ended.last_line().starts_with("again: hubproof check "), "{ended:#?}");
}

#[test]
fn an_interrupted_check_of_a_target_leaves_the_target_alone() {
    let hub = Hub::start(&[]);
    let check = ["check", "--target", &hub.url, "--control", &hub.control, "--time-scale", "1", "CORR-4.1", SLOW];
    let mut check = hubproof(&check).start();
    check.line("held  CORR-4.1");
    check.signal("INT");
    check.end().tells(3, &["interrupted after 1 of 2 scenarios"]);
    hub.check(&["CORR-4.1"]).run().tells(0, &["1 held"]);
}

/// Scenarios are told in their order. One that ended before its turn is told all the same when the run is broken off.
#[tokio::test]
async fn a_scenario_that_waited_for_its_turn_is_not_lost() {
    let chosen = ["CORR-4.1", "CORR-7.1", "CORR-8.1"];
    let chosen: Vec<Case> = cases().into_iter().filter(|case| chosen.contains(&case.address.as_str())).collect();
    let told = Rc::new(RefCell::new(Vec::new()));
    let (ended, opened) = (Rc::clone(&told), RefCell::new(0));
    let open = move || {
        opened.replace_with(|opened| *opened + 1);
        if *opened.borrow() == 1 {
            return Box::pin(std::future::pending()) as runner::Opening;
        }
        let driver: Box<dyn Driver> = Box::new(SimDriver::new(config(1, None)));
        Box::pin(std::future::ready(Ok(driver)))
    };
    let run = gherkin::Run {
        open: Box::new(open),
        at_once: 3,
        own: true,
        again: Box::new(|case| case.address.clone()),
        ended: Box::new(move |end, _| ended.borrow_mut().push(end.address)),
        enough: Box::new(|_| false),
        watcher: None,
    };
    let mut run = Box::pin(gherkin::run(&chosen, run));
    // More than enough for the two that get on.
    for _ in 0..100_000 {
        assert!(poll!(&mut run).is_pending(), "one never gets on");
        tokio::task::yield_now().await;
    }
    assert!(told.borrow().is_empty(), "{told:?}");
    drop(run);
    assert_eq!(told.borrow().len(), 2, "{told:?}");
    assert!(told.borrow().is_sorted(), "{told:?}");
}

/// A check whose target gets this signal in the middle of a scenario.
fn target_gone(signal: &str) {
    let hub = Hub::start(&[]);
    let scenarios = ["CORR-4.1", "TIME-1.1", SLOW, "TIME-4.1", "TIME-5.1"];
    let target = ["check", "--target", &hub.url, "--control", &hub.control, "--time-scale", "0.2"];
    let mut check = hubproof(&[target.as_slice(), &scenarios].concat()).start();
    check.line("held  TIME-1.1");
    hub.program.signal(signal);
    let told = [
        "5 scenarios: 2 held, 3 could not tell",
        "CORR-4     documented  held",
        "TIME-2     documented  could not tell",
        "\ncould not tell: TIME-2 (TIME-2.1: ",
        &format!("{}/", hub.control),
    ];
    let ended = check.end().tells(3, &told);
    assert!(!ended.out.contains("BROKEN"), "{ended:#?}");
    assert!(ended.last_line().starts_with("again: "), "{ended:#?}");
}

#[test]
fn a_target_that_dies_in_the_middle_is_not_accused() {
    target_gone("KILL");
}

#[test]
fn a_target_that_is_shut_down_in_the_middle_is_not_accused() {
    target_gone("TERM");
}

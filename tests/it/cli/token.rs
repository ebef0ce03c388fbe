//! Targets whose control API wants a token.

use super::support::Hub;

#[test]
fn a_token_that_is_missing_or_wrong_is_said() {
    let hub = Hub::start(&["--control-token", "hush"]);
    for arguments in
        [&["CORR-4.1"][..], &["CORR-4.1", "--control-token", "guess"], &["CORR-4.1", "--control-token", ""]]
    {
        let reasons = ["HTTP 401", "give hubproof the control token that this target wants", &hub.control];
        hub.check(arguments).run().refuses(3, &reasons);
    }
}

#[test]
fn the_right_token_opens_the_target() {
    let hub = Hub::start(&["--control-token", "hush"]);
    hub.check(&["CORR-4.1", "--control-token", "hush"]).run().tells(0, &["1 held"]);
    hub.check(&["CORR-4.1"]).with("HUBPROOF_CONTROL_TOKEN", "hush").run().tells(0, &["1 held"]);
    let both = hub.check(&["CORR-4.1", "--control-token", "hush"]).with("HUBPROOF_CONTROL_TOKEN", "guess").run();
    both.tells(0, &["1 held"]);
}

#[test]
fn a_token_that_cannot_be_sent_is_no_panic() {
    let hub = Hub::start(&["--control-token", "hush"]);
    hub.check(&["CORR-4.1", "--control-token", "two\nlines"]).run().refuses(3, &["could not tell: "]);
}

//! What steps say of the marketplace, in features of the user's own.

use super::support::{Ended, folder, hubproof, text};

/// A check of one scenario: what is given at Vinted, the shop of a sync, and what is to come of it.
fn sync(name: &str, given: &str, shop: &str, then: &str) -> Ended {
    let feature = format!(
        "Feature: Ours\n\n  @judges:CORR-1\n  Scenario: A sync\n    Given shop 123 has 200 listings at Vinted\n    {given}\n    \
         And user 1 has a plugin that carries commands out at Vinted\n    \
         When the backend asks user 1 for VINTED_SYNC {{\"shop_id\": {shop}}} within 300 seconds\n    Then {then}\n"
    );
    let folder = folder(&format!("marketplace-{name}"));
    std::fs::write(folder.join("a.feature"), feature).expect("a file");
    hubproof(&["check", "--sim", "--features", text(&folder)]).run()
}

const NOTHING: &str = "And page 3 of the inbox at Vinted gets 500";

#[test]
fn the_ledger_is_asked_for_the_call_s_own_side_effects() {
    sync("none", NOTHING, "123", "Vinted saw no publish for that call").tells(0, &["1 held"]);
    let missed = sync("one", NOTHING, "123", "Vinted saw exactly 1 publish for that call");
    missed.tells(1, &["expected 1 of the kind 'publish' at Vinted for call 1", "got      0"]);
    sync("shop", NOTHING, "123", "shop 123 has 200 listings at Vinted").tells(0, &["1 held"]);
    sync("shops", NOTHING, "123", "shop 123 has 5 listings at Vinted").tells(1, &["expected 5 listings of shop 123"]);
}

#[test]
fn a_request_that_vinted_does_not_know_can_fail_a_scenario() {
    let unknown = sync("unknown", NOTHING, "\"1/2\"", "Vinted was asked nothing that it does not know");
    unknown.tells(1, &["GET /api/v2/wardrobe/1/2/items, for which there is nothing; the nearest is GET /api/v2/"]);
    sync("known", NOTHING, "123", "Vinted was asked nothing that it does not know").tells(0, &["1 held"]);
}

#[test]
fn politeness_is_asserted_on_request() {
    let hasty = sync("hasty", NOTHING, "123", "every plugin was polite to Vinted");
    hasty.tells(1, &["expected 3s between two calls", "plugin 1 asked Vinted sooner"]);
    let slowly = "And every GET of the wardrobe at Vinted takes 3 seconds";
    sync("slow", slowly, "123", "every plugin was polite to Vinted").tells(0, &["1 held"]);
}

#[test]
fn profiles_can_be_named_and_wrong_words_are_no_breach() {
    let down = sync("down", "And Vinted behaves as in \"down\"", "123", "the call fails with \"Vinted API error 503\"");
    down.tells(0, &["1 held"]);
    for (name, given, said) in [
        ("profile", "And Vinted behaves as in \"dwon\"", "no profile is called 'dwon' (perhaps 'down')"),
        ("noun", "And the second GET of the moon at Vinted gets 429", "there is no GET of the moon at Vinted"),
        ("place", "And the last GET of the wardrobe at Vinted gets 429", "'last' is no place"),
        (
            "effect",
            "And the first GET of the wardrobe at Vinted gets lost",
            "is nothing that a request can get at Vinted",
        ),
    ] {
        sync(name, given, "123", "Vinted saw no update for that call").tells(3, &[said]);
    }
}

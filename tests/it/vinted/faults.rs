//! Rules, profiles, latency, sessions, politeness.

use std::time::Duration;

use hubproof::contract::marketplace::{Body, MarketRequest};
use hubproof::vinted::{Delivery, Profile, Settings, Vinted};

use super::support::{Shop, api, create, item, wardrobe};

#[test]
fn the_second_get_of_the_wardrobe_gets_429_with_retry_after_3() {
    let mut shop = Shop::of("[[rules]]\nto = 'wardrobe'\nnth = 2\ngets = { status = 429, retry_after_s = 3 }");
    let statuses: Vec<_> = (1..=3).map(|page| shop.asks(wardrobe(page)).unwrap()).collect();
    assert_eq!(statuses.iter().map(|response| response.status).collect::<Vec<_>>(), [200, 429, 200]);
    assert_eq!(statuses[1].header("retry-after"), Some("3"));
    assert_eq!(shop.vinted.journal.requests().map(|seen| seen.rule).collect::<Vec<_>>(), [None, Some(1), None]);
}

#[test]
fn page_2_of_18_fails() {
    let mut shop = Shop::of(
        "members = [{ id = 123, listings = 1700 }]\n[[rules]]\nto = 'wardrobe'\npage = 2\ngets = { status = 500 }",
    );
    assert_eq!(shop.gets(wardrobe(1))["pagination"]["total_pages"], 18);
    let failed = shop.asks(wardrobe(2)).unwrap();
    assert_eq!((failed.status, failed.content_type()), (500, Some("text/html; charset=utf-8")));
    assert_eq!(shop.status(wardrobe(3)), Some(200));
}

#[test]
fn a_failure_changes_nothing_unless_it_was_processed_first() {
    for (effect, delivery, written) in [
        ("status = 500", Delivery::Whole, 0),
        ("status = 524, processed = true", Delivery::Whole, 1),
        ("connection = 'reset_before'", Delivery::Reset, 0),
        ("connection = 'reset_after'", Delivery::Reset, 1),
        ("connection = 'truncated'", Delivery::Truncated, 1),
        ("body = 'cut'", Delivery::Whole, 1),
    ] {
        let mut shop = Shop::of(&format!("[[rules]]\nto = 'create'\ngets = {{ {effect} }}"));
        let answer = shop.answer(create(&item()));
        assert_eq!(answer.delivery, delivery, "{effect}");
        assert_eq!(answer.seen().is_some(), delivery == Delivery::Whole, "{effect}");
        assert_eq!((shop.vinted.ledger.written(), shop.wardrobe().len() as u64), (written, written), "{effect}");
    }
}

#[test]
fn answers_can_be_wrong_in_every_documented_way() {
    let gets = |effect: &str| Shop::of(&format!("[[rules]]\ngets = {{ {effect} }}")).asks(wardrobe(1)).unwrap();
    let cut = gets("body = 'cut'");
    assert!(matches!(cut.body, Body::Raw(_)), "JSON that is cut short is none");
    assert_eq!((cut.status, cut.content_type()), (200, Some("application/json")));
    let mistyped = gets("content_type = 'text/html'");
    assert!(matches!(mistyped.body, Body::Json(_)));
    assert_eq!(mistyped.content_type(), Some("text/html"));
    let page = gets("status = 429, body = 'html', retry_after_s = 60");
    assert_eq!((page.content_type(), page.header("retry-after")), (Some("text/html; charset=utf-8"), Some("60")));
    let block = gets("status = 403");
    assert!(block.body.value()["url"].as_str().unwrap().starts_with("https://geo.captcha-delivery.com/captcha/"));
    assert_eq!(gets("status = 403, body = { fixture = 'datadome.html' }").status, 403);
    assert_eq!(*gets("status = 400, body = { json = { code = 1 } }").body.value(), serde_json::json!({"code": 1}));
    assert_eq!(*gets("body = { text = 'hello' }").body.value(), "hello");
    assert_eq!(gets("latency_s = 2.5").took, Duration::from_millis(2500));
    assert_eq!(gets("connection = { drip = 4 }").took, Duration::from_secs(4));
}

#[test]
fn a_session_is_needed_and_can_expire() {
    let mut shop = Shop::of("[[rules]]\nto = 'wardrobe'\nnth = 2\ngets = { status = 401, ends_session = true }");
    let stranger = shop.vinted.handle(Duration::ZERO, &wardrobe(1)).seen().unwrap();
    assert_eq!(stranger.status, 401);
    assert_eq!(stranger.body.value()["message_code"], "invalid_authentication_token");
    assert_eq!(shop.status(wardrobe(1)), Some(401), "the second one ends the session");
    assert_eq!(shop.status(api("/users/current")), Some(401));
    shop.session = "a new one".to_owned();
    assert_eq!(shop.gets(api("/users/current"))["user"]["id"], 1, "a session that names nobody");
}

#[test]
fn latency_and_chance_follow_from_the_seed_alone() {
    let drawn = |seed: u64| {
        let profile = Profile::named("flaky").unwrap();
        let mut vinted = Vinted::new(Settings { seed, profile, ..Settings::default() });
        let request = wardrobe(1).from_session("123", "req_1");
        (0..300).map(|_| vinted.handle(Duration::ZERO, &request).seen().map(|answer| answer.status)).collect::<Vec<_>>()
    };
    assert_eq!(drawn(1), drawn(1));
    assert_ne!(drawn(1), drawn(2));
    let failures = drawn(1).iter().filter(|status| **status != Some(200)).count();
    assert!((10..80).contains(&failures), "{failures}");
    let took = |seed: u64| {
        let profile = Profile::named("normal").unwrap();
        let mut vinted = Vinted::new(Settings { seed, profile, ..Settings::default() });
        vinted.handle(Duration::ZERO, &wardrobe(1).from_session("123", "a")).seen().unwrap().took
    };
    assert_eq!(took(1), took(1));
    assert_ne!(took(1), took(2));
    assert!((Duration::from_millis(50)..=Duration::from_millis(300)).contains(&took(1)));
}

#[test]
fn datadome_blocks_until_it_has_its_cookie() {
    let mut shop = Shop {
        vinted: Vinted::new(Settings { profile: Profile::named("datadome").unwrap(), ..Settings::default() }),
        ..Shop::of("")
    };
    let statuses: Vec<_> = (0..7).map(|_| shop.status(api("/users/current")).unwrap()).collect();
    assert_eq!(statuses, [200, 200, 200, 200, 200, 403, 403]);
    let solved = api("/users/current").with_header("cookie", "datadome=solved");
    assert_eq!(shop.status(solved), Some(200));
}

#[test]
fn everything_is_down_when_it_is_down() {
    let mut vinted = Vinted::new(Settings { profile: Profile::named("down").unwrap(), ..Settings::default() });
    for request in [wardrobe(1), create(&item()), MarketRequest::get("/moon", &[])] {
        assert_eq!(vinted.handle(Duration::ZERO, &request).seen().unwrap().status, 503);
    }
}

#[test]
fn politeness_is_watched_or_enforced() {
    for (enforced, second) in [(false, Some(200)), (true, Some(429))] {
        let mut shop = Shop::of(&format!("politeness = {{ enforced = {enforced} }}"));
        assert_eq!(shop.status(api("/users/current")), Some(200));
        shop.now += Duration::from_secs(1);
        let answer = shop.asks(api("/users/current")).unwrap();
        assert_eq!(Some(answer.status), second);
        assert_eq!(answer.header("retry-after"), enforced.then_some("2"));
        assert_eq!(shop.vinted.politeness.breached(), 1);
        shop.now += Duration::from_secs(3);
        assert_eq!(shop.status(api("/users/current")), Some(200));
    }
}

//! What goes wrong at the marketplace, and what it saw.

use std::time::Duration;

use cucumber::gherkin::Step;
use cucumber::{given, then};

use crate::event::{Event, PluginId, What};
use crate::gherkin::world::{self, World};
use crate::stage::{Halt, Stage};
use crate::vinted::politeness::{Manners, Politeness};
use crate::vinted::rule::{BodySpec, Connection, Effect, Status, Turn};
use crate::vinted::seconds::Seconds;
use crate::vinted::{Endpoint, Profile, Rule, SideEffect};

/// What steps call the endpoints: method and noun.
const NAMES: [(&str, &str, Endpoint); 13] = [
    ("GET", "wardrobe", Endpoint::Wardrobe),
    ("GET", "listing", Endpoint::Item),
    ("POST", "listing", Endpoint::Create),
    ("PUT", "listing", Endpoint::Update),
    ("POST", "deletion", Endpoint::Delete),
    ("POST", "photo", Endpoint::Photo),
    ("GET", "orders", Endpoint::Orders),
    ("GET", "transaction", Endpoint::Transaction),
    ("GET", "invoices", Endpoint::Invoices),
    ("GET", "inbox", Endpoint::Inbox),
    ("GET", "conversation", Endpoint::Conversation),
    ("GET", "current user", Endpoint::CurrentUser),
    ("GET", "users", Endpoint::Users),
];

const ORDINALS: [&str; 5] = ["first", "second", "third", "fourth", "fifth"];

#[given(regex = r#"^Vinted behaves as in "(.+)"$"#)]
async fn behaves_as_in(world: &mut World, step: &Step, name: String) {
    world
        .step(step, async |world| {
            let profile = Profile::named(&name).map_err(|error| Halt::Trouble(error.to_string()))?;
            world.stage()?.at_vinted(|vinted| vinted.behave_as(profile));
            Ok(())
        })
        .await;
}

#[given(regex = r"^((?:the \w+|every) (?:GET|POST|PUT)) of the ([a-z ]+) at Vinted (gets|is|takes|drips) (.+)$")]
async fn at_place(world: &mut World, step: &Step, which: String, noun: String, verb: String, what: String) {
    let rule = || {
        let (nth, method) = which.trim_start_matches("the ").split_once(' ').unwrap_or_default();
        let turn = if nth == "every" { Turn::Each } else { Turn::Nth(ordinal(nth)?) };
        Ok(Rule { turn, ..Rule::to(endpoint(method, &noun)?, effect(&verb, &what)?) })
    };
    add(world, step, rule()).await;
}

#[given(regex = r"^page (\d+) of the ([a-z ]+) at Vinted (gets|is|takes|drips) (.+)$")]
async fn at_page(world: &mut World, step: &Step, page: u64, noun: String, verb: String, what: String) {
    let rule = || Ok(Rule { page: Some(page), ..Rule::to(endpoint("GET", &noun)?, effect(&verb, &what)?) });
    add(world, step, rule()).await;
}

async fn add(world: &mut World, step: &Step, rule: Result<Rule, Halt>) {
    world
        .step(step, async |world| {
            let rule = rule?;
            world.stage()?.at_vinted(|vinted| vinted.add_rule(rule));
            Ok(())
        })
        .await;
}

/// A place that is written as a word, or as a number with its ending.
fn ordinal(text: &str) -> Result<u64, Halt> {
    let word = (1..).zip(ORDINALS).find(|(_, word)| *word == text).map(|(number, _)| number);
    let number = || text.trim_end_matches(char::is_alphabetic).parse().ok().filter(|number| *number > 0);
    word.or_else(number).ok_or_else(|| Halt::Trouble(format!("'{text}' is no place: write first, second or 6th")))
}

fn endpoint(method: &str, noun: &str) -> Result<Endpoint, Halt> {
    let known = NAMES.iter().find(|(known, name, _)| *known == method && *name == noun);
    known.map(|(_, _, endpoint)| *endpoint).ok_or_else(|| {
        let all = NAMES.map(|(method, noun, _)| format!("{method} of the {noun}")).join(", ");
        Halt::Trouble(format!("there is no {method} of the {noun} at Vinted: there are {all}"))
    })
}

/// What a request gets, in the words of a step.
fn effect(verb: &str, what: &str) -> Result<Effect, Halt> {
    let wrong = || {
        let known = "gets 429, gets 429 with Retry-After 3, gets 524 after it was processed, is reset before it was processed, \
                     is reset after it was processed, is truncated, is cut short, takes 5 seconds, drips over 5 seconds";
        Halt::Trouble(format!("'{verb} {what}' is nothing that a request can get at Vinted: it {known}"))
    };
    let duration = |text: &str| world::seconds(text.trim_end_matches('s').trim_end_matches(" second")).map(Seconds);
    let mut effect = Effect::default();
    match (verb, what) {
        ("gets", _) => {
            let (status, more) = what.split_once(' ').unwrap_or((what, ""));
            effect.status =
                Some(Status(status.parse().ok().filter(|status| (200..600).contains(status)).ok_or_else(wrong)?));
            match more.strip_prefix("with Retry-After ") {
                Some(seconds) => effect.retry_after_s = Some(seconds.parse().map_err(|_| wrong())?),
                None if more == "after it was processed" => effect.processed = true,
                None if more.is_empty() => {}
                None => return Err(wrong()),
            }
        }
        ("is", "reset before it was processed") => effect.connection = Some(Connection::ResetBefore),
        ("is", "reset after it was processed") => effect.connection = Some(Connection::ResetAfter),
        ("is", "truncated") => effect.connection = Some(Connection::Truncated),
        ("is", "cut short") => effect.body = Some(BodySpec::Cut),
        ("takes", _) => effect.latency_s = duration(what)?,
        ("drips", _) => {
            let over = what.strip_prefix("over ").ok_or_else(wrong)?;
            effect.connection = Some(Connection::Drip(duration(over)?));
        }
        _ => return Err(wrong()),
    }
    Ok(effect)
}

/// The run, once everything has reached Vinted that is on its way, also what a call left behind that has ended.
async fn at_rest(world: &mut World) -> Result<&mut Stage, Halt> {
    let stage = world.stage()?;
    stage.come_to_rest().await;
    Ok(stage)
}

#[then(regex = r"^Vinted saw (no|exactly \d+) (publish|update|deletion|photo)(?:e?s)? for that call$")]
async fn saw(world: &mut World, step: &Step, count: String, effect: String) {
    world
        .step(step, async |world| {
            let wanted = count.trim_start_matches("exactly ").parse().unwrap_or(0);
            let call = world.last_call()?;
            let stage = at_rest(world).await?;
            let ids = stage.request_ids(call);
            let kind = match effect.as_str() {
                "publish" => SideEffect::Publish,
                "update" => SideEffect::Update,
                "deletion" => SideEffect::Delete,
                _ => SideEffect::Photo,
            };
            let got = stage.at_vinted(|vinted| vinted.ledger.count(kind, |id| ids.contains(id))).unwrap_or_default();
            if got == wanted {
                return Ok(());
            }
            Err(Halt::unmet(format!("{wanted} of the kind '{effect}' at Vinted for {call}"), format!("{got}")))
        })
        .await;
}

#[then(regex = r"^shop (\d+) has (\d+) listings? at Vinted$")]
async fn has_listings(world: &mut World, step: &Step, shop: u64, wanted: usize) {
    world
        .step(step, async |world| {
            let stage = at_rest(world).await?;
            let got = stage.at_vinted(|vinted| vinted.listings_of(shop)).unwrap_or_default();
            if got == wanted {
                return Ok(());
            }
            Err(Halt::unmet(format!("{wanted} listings of shop {shop} at Vinted"), format!("{got}")))
        })
        .await;
}

#[then("Vinted was asked nothing that it does not know")]
async fn nothing_unknown(world: &mut World, step: &Step) {
    world
        .step(step, async |world| {
            let stage = at_rest(world).await?;
            let unknown = stage.at_vinted(|vinted| vinted.journal.unknown().next()).flatten();
            let Some(unknown) = unknown else {
                return Ok(());
            };
            let got = format!("{}, for which there is nothing; the nearest is {}", unknown.request, unknown.nearest);
            Err(Halt::unmet("only requests that Vinted knows", got))
        })
        .await;
}

#[then("every plugin was polite to Vinted")]
async fn polite(world: &mut World, step: &Step) {
    world
        .step(step, async |world| match impolite(at_rest(world).await?.events()) {
            None => Ok(()),
            Some((plugin, expected)) => Err(Halt::unmet(expected, format!("{plugin} asked Vinted sooner"))),
        })
        .await;
}

/// The first plugin that did not keep the documented distance between its requests, by when they were due.
fn impolite(events: &[Event]) -> Option<(PluginId, String)> {
    let (mut politeness, manners) = (Politeness::default(), Manners::default());
    let mut requests: Vec<(Duration, PluginId)> = Vec::new();
    for event in events {
        if let What::Exchange { plugin, took, .. } = &event.what {
            requests.push((event.due.saturating_sub(*took), *plugin));
        }
    }
    requests.sort_unstable();
    requests.into_iter().find_map(|(at, plugin)| {
        let breach = politeness.call(at, &plugin.to_string(), &manners)?;
        Some((plugin, breach.expected.clone()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_request_gets_can_be_said_in_words() {
        let said = |verb: &str, what: &str| effect(verb, what).unwrap();
        let limited = said("gets", "429 with Retry-After 3");
        assert_eq!((limited.status, limited.retry_after_s), (Some(Status(429)), Some(3)));
        assert!(said("gets", "524 after it was processed").processed);
        assert_eq!(said("is", "reset after it was processed").connection, Some(Connection::ResetAfter));
        assert_eq!(said("takes", "2.5 seconds").latency_s, Seconds(Duration::from_millis(2500)));
        assert_eq!(said("takes", "1 second").latency_s, Seconds(Duration::from_secs(1)));
        let dripping = Connection::Drip(Seconds(Duration::from_secs(5)));
        assert_eq!(said("drips", "over 5 seconds").connection, Some(dripping));
        for (verb, what) in
            [("gets", "99"), ("gets", "429 with love"), ("is", "late"), ("takes", "long"), ("drips", "5")]
        {
            assert!(matches!(effect(verb, what), Err(Halt::Trouble(_))), "{verb} {what}");
        }
    }

    #[test]
    fn places_are_words_or_numbers() {
        assert_eq!(
            (ordinal("second").ok(), ordinal("18th").ok(), ordinal("0th").ok(), ordinal("last").ok()),
            (Some(2), Some(18), None, None)
        );
    }

    #[test]
    fn every_endpoint_has_one_name() {
        for (endpoint, method, _) in crate::vinted::endpoint::ENDPOINTS {
            let names = NAMES.iter().filter(|(known, _, named)| *known == method && *named == endpoint);
            assert_eq!(names.count(), 1, "{endpoint:?}");
        }
    }
}

//! Load profiles, and what is planned from them.

use hubproof::load::machine;
use hubproof::load::plan::{Draw, arrivals};
use hubproof::load::profile::raw::Raw;
use hubproof::load::profile::{Profile, ProfileError, Sources};
use hubproof::load::target::Target;

use super::{assert_within, position};

/// How many calls of a run are looked at.
const CALLS: usize = 200;

/// A profile in TOML: an error points into the text, and of what is read a run can be planned.
pub(crate) fn profile(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let read = Sources::text("p", "p.toml", text.to_owned()).and_then(|sources| sources.profile(Raw::default()));
    match read {
        Ok(profile) => plan(&profile),
        Err(ProfileError::Wrong { place, .. }) => assert_within(text, position(&place, "p.toml")),
        Err(error) => panic!("{error}"),
    }
}

/// Calls start in order and within the duration, and go to users that there are.
fn plan(profile: &Profile) {
    let starts: Vec<_> = arrivals(&profile.rate, profile.duration, profile.seed).take(CALLS).collect();
    assert!(starts.is_sorted(), "{starts:?}");
    assert!(starts.iter().all(|start| *start < profile.duration), "{starts:?}");
    let draw = Draw::new(profile);
    let users = profile.first_user..=profile.user_of(profile.plugins - 1);
    for number in 0..starts.len() as u64 {
        let call = draw.call(number);
        assert!(users.contains(&call.user), "{call:?}");
        let action = profile.actions.get(call.action).expect("one of the profile's actions");
        assert!(call.payload <= action.payload.most() && call.answer <= action.answer.most(), "{call:?}");
        let plugin = number % profile.plugins;
        let mix = profile.behaviours.get(draw.behaviour(plugin)).expect("one of the profile's behaviours");
        assert!(draw.delay(plugin, number) <= mix.delay.most(), "{mix:?}");
    }
    for (place, storm) in profile.storms.iter().enumerate().take(3) {
        let dropped = draw.storm(place);
        assert!(dropped.is_sorted() && dropped.iter().all(|dropped| dropped.after <= storm.spread), "{storm:?}");
    }
    let needs = machine::needs(profile, &Target::BuiltIn { variant: None });
    assert!(needs.plugins <= needs.ports, "{needs:?}");
}

//! What parts of a profile cannot go together.

use std::time::Duration;

use super::mix::LAST_USER;
use super::raw::{Asking, Raw};
use super::value::Time;
use super::{Answers, Profile, Rate, Users};
use crate::hub::config::LONGEST_TIMEOUT;

/// What is wrong with a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The key, such as `storms[0].at`.
    pub key: String,
    /// What is wrong, and what to do.
    pub what: String,
}

fn problem<T>(key: impl Into<String>, what: impl Into<String>) -> Result<T, Problem> {
    Err(Problem { key: key.into(), what: what.into() })
}

/// Calls of a whole run at the most.
const MOST_CALLS: f64 = 1e9;

/// Behaviours at the most: a plugin's takes a byte.
const MOST_BEHAVIOURS: usize = 100;

/// Shares may be written with three digits or so.
const NEARLY: f64 = 0.001;

/// What is said for nothing.
pub(super) fn unused(raw: &Raw) -> Result<(), Problem> {
    if raw.commands == Some(Asking::None) {
        if raw.answers == Some(Answers::Others) {
            return problem(
                "answers",
                "nobody asks and others answer, so there is nothing to do: change one of the two",
            );
        }
        let keys = [
            ("rate", raw.rate.as_ref().is_some_and(|rate| *rate != Rate::None)),
            ("users", raw.users.is_some()),
            ("connections", raw.connections.is_some()),
        ];
        if let Some((key, _)) = keys.iter().find(|(_, given)| *given) {
            return problem(*key, format!("nobody asks (commands = \"none\"), so `{key}` means nothing: leave it out"));
        }
    }
    if raw.answers == Some(Answers::Others) {
        let keys = [
            ("behaviours", !raw.behaviours.is_empty()),
            ("storms", !raw.storms.is_empty()),
            ("connect_rate", raw.connect_rate.is_some()),
        ];
        if let Some((key, _)) = keys.iter().find(|(_, given)| *given) {
            return problem(
                *key,
                format!("the plugins are others' (answers = \"others\"), so `{key}` means nothing: leave it out"),
            );
        }
    }
    if raw.behaviours.len() > MOST_BEHAVIOURS {
        return problem("behaviours", format!("there are more than {MOST_BEHAVIOURS} behaviours: leave some out"));
    }
    Ok(())
}

/// Everything else.
pub(super) fn check(profile: &Profile) -> Result<(), Problem> {
    numbers(profile)?;
    rate(profile)?;
    users(profile)?;
    actions(profile)?;
    behaviours(profile)?;
    storms(profile)
}

fn numbers(profile: &Profile) -> Result<(), Problem> {
    if profile.connect_rate <= 0.0 {
        return problem("connect_rate", "at this rate no plugin ever connects: give a number above 0");
    }
    if profile.duration < Duration::from_millis(1) {
        return problem("duration", "a run takes some time: give at least 1ms");
    }
    Ok(())
}

fn rate(profile: &Profile) -> Result<(), Problem> {
    let (rate, duration) = (&profile.rate, profile.duration);
    if let Some(lasts) = rate.lasts()
        && lasts != duration
    {
        let (lasts, duration) = (Time(lasts), Time(duration));
        let what =
            format!("the steps take {lasts} together and the run {duration}: leave out `duration`, or make them equal");
        return problem("rate", what);
    }
    if let Rate::Spike { at, lasts, .. } = rate
        && at.saturating_add(*lasts) > duration
    {
        let (end, duration) = (Time(at.saturating_add(*lasts)), Time(duration));
        return problem(
            "rate",
            format!("the spike ends after {end} and the run after {duration}: let the spike end before it"),
        );
    }
    let calls = rate.calls_in(duration);
    if calls > MOST_CALLS {
        return problem("rate", format!("this comes to {calls:.0} calls: a run has no more than {MOST_CALLS}"));
    }
    Ok(())
}

fn users(profile: &Profile) -> Result<(), Problem> {
    let (first, count) = (profile.first_user, profile.user_count());
    let last = first.saturating_add(count - 1);
    if last > LAST_USER {
        return problem("first_user", format!("the last user would be {last}: ids go up to {LAST_USER}"));
    }
    match profile.users {
        Users::One(user) if !(first..=last).contains(&user) => {
            problem("users", format!("user {user} has no plugin: users are {first} to {last}"))
        }
        Users::HotSet { users, .. } if users >= count => {
            problem("users", format!("{users} of {count} users are no part of them: give a number below {count}"))
        }
        _ => Ok(()),
    }
}

fn actions(profile: &Profile) -> Result<(), Problem> {
    for (place, action) in profile.actions.iter().enumerate() {
        let earlier = profile.actions.iter().take(place);
        if earlier.into_iter().any(|other| (&other.action, other.level) == (&action.action, action.level)) {
            let what = format!("{} stands there twice: give each action once for each level", action.action.as_str());
            return problem(format!("actions[{place}].action"), what);
        }
        timeout(&format!("actions[{place}].timeout"), action.timeout)?;
    }
    Ok(())
}

/// How long a call may take, at this key.
pub(super) fn timeout(key: &str, timeout: Duration) -> Result<(), Problem> {
    if (Duration::from_millis(1)..=LONGEST_TIMEOUT).contains(&timeout) {
        return Ok(());
    }
    problem(key, format!("a timeout of {} cannot be: it must be from 1ms to 24h", Time(timeout)))
}

fn behaviours(profile: &Profile) -> Result<(), Problem> {
    let sum: f64 = profile.behaviours.iter().map(|mix| mix.share).sum();
    if (sum - 1.0).abs() > NEARLY {
        let what = format!("the shares add up to {}%: they must add up to 100%", (sum * 1e5).round() / 1e3);
        return problem("behaviours", what);
    }
    Ok(())
}

fn storms(profile: &Profile) -> Result<(), Problem> {
    for (place, storm) in profile.storms.iter().enumerate() {
        let end = storm.at.saturating_add(storm.spread);
        if storm.at >= profile.duration || end > profile.duration {
            let (end, duration) = (Time(end), Time(profile.duration));
            let key = if storm.at >= profile.duration { "at" } else { "spread" };
            let what = format!("the storm lasts until {end} and the run ends after {duration}: let it come earlier");
            return problem(format!("storms[{place}].{key}"), what);
        }
    }
    Ok(())
}

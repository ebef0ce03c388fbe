//! CORR-9 and CORR-10: calls that are in flight together do not wait for one another.
//!
//! Seen from outside, a call has waited for another one if what it was due came just when the other one ended: its command on
//! the way there, its outcome on the way back.

use std::collections::BTreeMap;
use std::time::Duration;

use super::picture::{Answer, Asks, Call, Command, End, Picture, Presence};
use super::settlement::{self, Settler};
use super::verdict::Tally;
use super::{Checker, iso};
use crate::contract::text;
use crate::event::{CallId, Ended, EventNo};

/// A call at level 1 or 2. (Whether jobs of one user run one after another is the job layer's own choice.)
struct Flight<'a> {
    id: CallId,
    call: &'a Call,
    /// The first command that came to a socket of its own user.
    command: Option<&'a Command>,
    /// The first answer to it.
    answer: Option<&'a Answer>,
}

/// Every call that is judged here, in the order in which they were made.
fn flights(picture: &Picture) -> Vec<Flight<'_>> {
    let mut answers: BTreeMap<CallId, &Answer> = BTreeMap::new();
    for answer in &picture.answers {
        if let Some(call) = answer.call {
            answers.entry(call).or_insert(answer);
        }
    }
    // An advance of the clock ends calls together that have nothing to do with each other.
    let advanced = |call: &Call| call.end.as_ref().is_some_and(|end| !picture.advanced(call.started, end.no).is_zero());
    let judged = picture.calls.iter().filter(|(_, call)| matches!(call.asks, Asks::Command { .. }) && !advanced(call));
    let flight = |(id, call): (&CallId, _)| {
        let command = picture.own_commands(call).next();
        Flight { id: *id, call, command, answer: answers.get(id).copied() }
    };
    judged.map(flight).collect()
}

impl<'a> Flight<'a> {
    /// Its end, if that says anything of how calls wait: its user was there, and nobody gave it up or refused it.
    fn end(&self) -> Option<&'a End> {
        let end = self.call.end.as_ref()?;
        let telling = !matches!(end.how, Ended::Cancelled) && !settlement::refused(&end.how);
        (telling && self.call.presence == Presence::Here).then_some(end)
    }

    /// Whether its command had come by this event, and the hub had no reason to think it over: nobody had answered it, and
    /// its end is not even near.
    fn under_way(&self, no: EventNo, at: Duration, tolerance: Duration) -> bool {
        let over = match (self.answer, &self.call.end) {
            (Some(answer), _) if answer.no < no => true,
            (Some(answer), Some(end)) if answer.no < end.no => false,
            (_, Some(end)) => end.no < no || end.at <= at + tolerance,
            (_, None) => false,
        };
        self.command.is_some_and(|command| command.no < no) && !over
    }
}

/// Something that was due at `from`, and came at `until` with the event `no`.
#[derive(Clone, Copy)]
struct Way {
    from: Duration,
    until: Duration,
    no: EventNo,
}

/// The older call whose end a call seems to have waited for on its way: what was due came just when the older one ended, whose
/// plugin alone had kept it busy for longer than the tolerance meanwhile.
fn blocker<'a>(
    flights: &'a [Flight<'a>],
    held_up: &Flight<'_>,
    way: Way,
    tolerance: Duration,
) -> Option<(&'a Flight<'a>, &'a End)> {
    let let_go = |flight: &'a Flight<'a>| {
        let (command, end) = (flight.command?, flight.call.end.as_ref()?);
        let answer = flight.answer.filter(|answer| answer.no < end.no);
        let older = flight.call.started < held_up.call.started && end.no > held_up.call.started;
        // What came before the older call was answered has not waited for it.
        let over_by_then = answer.is_none_or(|answer| answer.no < way.no);
        let busy_until = answer.map_or(end.at, |answer| answer.at).min(way.until);
        let busy = busy_until.saturating_sub(command.at.max(way.from)) > tolerance;
        // Which of the two is seen first is luck.
        let at_its_end = end.at.abs_diff(way.until) <= tolerance;
        (older && over_by_then && busy && at_its_end).then_some((flight, end))
    };
    flights.iter().filter_map(let_go).max_by_key(|(_, end)| end.at)
}

/// CORR-9: calls run concurrently.
pub(super) struct Concurrent(pub(super) Tally);

impl Checker for Concurrent {
    fn tally(&mut self) -> &mut Tally {
        &mut self.0
    }

    fn finish(&mut self, picture: &Picture) {
        let flights = flights(picture);
        for flight in &flights {
            match (flight.end(), flight.command) {
                (Some(end), Some(command)) => self.came(picture, &flights, flight, command, end),
                (Some(end), None) => self.never_came(picture, &flights, flight, end),
                _ => {}
            }
        }
    }
}

impl Concurrent {
    /// A command came: at once, or when another call ended.
    fn came(&mut self, picture: &Picture, flights: &[Flight<'_>], flight: &Flight<'_>, command: &Command, end: &End) {
        let (call, tolerance) = (flight.call, picture.facts.tolerance);
        let there = Way { from: call.at, until: command.at, no: command.no };
        let waited = command.at.saturating_sub(call.at);
        if waited > tolerance
            && let Some((other, other_end)) = blocker(flights, flight, there, tolerance)
        {
            if waited <= tolerance + end.lateness {
                return self.0.untold(format!("the harness itself was up to {:.1?} late", end.lateness));
            }
            let expected = format!("the command of {} while {} was in flight", flight.id, other.id);
            let got = format!("it came {waited:.1?} after its call, when {} ended", other.id);
            return self.0.broken(&[call.started, other_end.no, command.no], expected, got);
        }
        let beside = |other: &&Flight<'_>| other.id != flight.id && other.under_way(command.no, command.at, tolerance);
        if flights.iter().any(|other| beside(&other)) {
            self.0.held();
        }
    }

    /// A command never came before the timeout, although there was a socket for it, and although another call's did which was
    /// in flight for as long. (If nothing was in flight beside it, it was lost: ISO-11.)
    fn never_came(&mut self, picture: &Picture, flights: &[Flight<'_>], flight: &Flight<'_>, end: &End) {
        let call = flight.call;
        // It may come later than a short timeout, if the machine is busy.
        let long = end.elapsed > picture.facts.tolerance + end.lateness;
        let timed_out = call.failure().and_then(text::timeout_in).is_some();
        let there = call.audience.iter().any(|socket| iso::stayed(picture, call, *socket));
        if !(timed_out && long && there) {
            return;
        }
        let blocks = |other: &&Flight<'_>| {
            let until_then = |other_end: &End| other_end.at + picture.facts.tolerance >= end.at;
            other.call.started < call.started && other.call.end.as_ref().is_none_or(until_then)
        };
        let blocker = flights.iter().filter(|other| blocks(other)).find_map(|other| Some((other.id, other.command?)));
        if let Some((other, command)) = blocker {
            let expected = format!("the command of {} while {other} was in flight", flight.id);
            self.0.broken(&[call.started, command.no, end.no], expected, "none came before its timeout");
        }
    }
}

/// CORR-10: a slow call delays no other.
pub(super) struct Undelayed(pub(super) Tally);

impl Checker for Undelayed {
    fn tally(&mut self) -> &mut Tally {
        &mut self.0
    }

    fn finish(&mut self, picture: &Picture) {
        let flights = flights(picture);
        for flight in &flights {
            if let (Some(end), Some(command)) = (flight.end(), flight.command) {
                self.judge(picture, &flights, flight, command, end);
            }
        }
    }
}

impl Undelayed {
    /// A call that its plugin has answered: what it took beside the plugin's own time.
    fn judge(&mut self, picture: &Picture, flights: &[Flight<'_>], flight: &Flight<'_>, command: &Command, end: &End) {
        let (call, tolerance) = (flight.call, picture.facts.tolerance);
        let Settler::Own(answer) = settlement::settler(picture, flight.id, call, end) else { return };
        let (there, back) = (command.at.saturating_sub(call.at), end.at.saturating_sub(answer.at));
        let slower =
            |other: &&Flight<'_>| other.id != flight.id && other.under_way(answer.no, answer.at, Duration::ZERO);
        let behind_slower =
            || flights.iter().filter(slower).any(|other| other.under_way(end.no, end.at, Duration::ZERO));
        if there + back <= tolerance {
            if behind_slower() {
                self.0.held();
            }
            return;
        }
        let mut on_the_way = [
            Way { from: call.at, until: command.at, no: command.no },
            Way { from: answer.at, until: end.at, no: end.no },
        ]
        .into_iter();
        let delayed = on_the_way.find_map(|way| blocker(flights, flight, way, tolerance));
        match delayed {
            Some((other, other_end)) if there + back > tolerance + end.lateness => {
                let expected = format!("{} to take no longer than its plugin, but for {tolerance:.1?}", flight.id);
                let got = format!("it took {:.1?} longer, until {} ended", there + back, other.id);
                self.0.broken(&[call.started, other_end.no, end.no], expected, got);
            }
            None if !behind_slower() => {}
            _ => self.0.untold(format!(
                "{} took {:.1?} longer than its plugin, and not surely because of another call",
                flight.id,
                there + back
            )),
        }
    }
}

//! The order of a transcript's lines.
//!
//! Events that do not depend on each other come in whatever order the machine has it. Here they are ordered by what is the
//! same in every run: their documented time; among those of one time, by the step that they go back to, each cause before
//! what follows from it, and what follows from the same cause by lane, then by who it happened to.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::event::{Event, EventNo, What};

/// Where an event stands among those of the same cause: lane, who in that lane, for whose call where the order was drawn, and
/// the how-manieth of its kind.
type Place = (u8, usize, usize, usize);

/// The events of a run in transcript order, without the lines of the target's log: nothing says what those follow from.
#[must_use]
pub fn ordered(events: &[Event]) -> Vec<&Event> {
    let mut paths: BTreeMap<EventNo, Vec<Place>> = BTreeMap::new();
    let mut siblings: BTreeMap<(Option<EventNo>, u8, usize, usize), usize> = BTreeMap::new();
    let mut keyed: Vec<(Duration, Vec<Place>, &Event)> = Vec::with_capacity(events.len());
    for event in events.iter().filter(|event| !matches!(event.what, What::Logged { .. })) {
        let mut path = event.cause.and_then(|cause| paths.get(&cause)).cloned().unwrap_or_default();
        // Steps happen one after another: what they do has no lane but their order.
        let (lane, who) = if event.cause.is_none() { (0, 0) } else { lane(&event.what) };
        let call = if event.drawn { call(&event.what) } else { 0 };
        let nth = siblings.entry((event.cause, lane, who, call)).or_default();
        path.push((lane, who, call, *nth));
        *nth += 1;
        paths.insert(event.no, path.clone());
        keyed.push((event.due, path, event));
    }
    keyed.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    keyed.into_iter().map(|(_, _, event)| event).collect()
}

/// The lane of an event, and who in that lane it happened to.
fn lane(what: &What) -> (u8, usize) {
    match what {
        What::Connecting { plugin, .. }
        | What::Connected { plugin, .. }
        | What::Refused { plugin, .. }
        | What::Unanswered { plugin, .. }
        | What::Received { plugin, .. } => (1, plugin.0),
        What::Exchange { plugin, .. } => (2, plugin.0),
        What::Sent { plugin, .. } => (3, plugin.0),
        What::CallEnded { call, .. } | What::CallOverdue { call, .. } => (4, call.0),
        What::Gone { plugin, .. } | What::Frozen { plugin, .. } | What::Slowed { plugin, .. } => (5, plugin.0),
        What::Began(_)
        | What::CallStarted { .. }
        | What::ProcessStarted { .. }
        | What::JobCreated { .. }
        | What::JobCancelled { .. }
        | What::JobSeen(_)
        | What::ClockAdvanced { .. }
        | What::Logged { .. }
        | What::IdsFed(_)
        | What::PendingSeen { .. }
        | What::SocketsSeen { .. }
        | What::Intruded(_)
        | What::ShutDown
        | What::PulseSeen { .. }
        | What::Sized { .. }
        | What::Weighed { .. } => (0, 0),
    }
}

/// The call that a response answers, which is the same in every run where the order of responses is not.
fn call(what: &What) -> usize {
    match what {
        What::Sent { call: Some(call), .. } => call.0,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{By, PluginId, SocketId};

    fn event(no: usize, due_s: u64, cause: Option<usize>, plugin: usize) -> Event {
        let what = What::Gone { plugin: PluginId(plugin), socket: SocketId(plugin), by: By::Plugin };
        let due = Duration::from_secs(due_s);
        Event { no: EventNo(no), at: Duration::ZERO, due, drawn: false, cause: cause.map(EventNo), what }
    }

    fn order_of(events: &[Event]) -> Vec<(u64, usize)> {
        let who = |event: &Event| match event.what {
            What::Gone { plugin, .. } => plugin.0,
            _ => unreachable!("only such events are made here"),
        };
        ordered(events).into_iter().map(|event| (event.due.as_secs(), who(event))).collect()
    }

    #[test]
    fn what_follows_from_one_cause_is_ordered_whatever_the_order_in_which_it_came() {
        let lucky = [event(0, 0, None, 9), event(1, 0, Some(0), 1), event(2, 0, Some(0), 2), event(3, 0, Some(1), 5)];
        let unlucky = [event(0, 0, None, 9), event(1, 0, Some(0), 2), event(2, 0, Some(0), 1), event(3, 0, Some(2), 5)];
        assert_eq!(order_of(&lucky), [(0, 9), (0, 1), (0, 5), (0, 2)]);
        assert_eq!(order_of(&unlucky), order_of(&lucky));
    }

    #[test]
    fn documented_time_comes_first_and_the_order_of_steps_next() {
        let events = [event(0, 0, None, 1), event(1, 0, None, 2), event(2, 5, Some(0), 3), event(3, 0, Some(0), 4)];
        assert_eq!(order_of(&events), [(0, 1), (0, 4), (0, 2), (5, 3)]);
    }
}

//! LIFE-6 and LIFE-7: messages over the limit.

use super::picture::{Answer, Asks, Call, Picture};
use super::settlement::{self, Settler};
use super::time::in_time;
use super::verdict::Tally;
use super::{Checker, EndedCall};
use crate::contract::control::ErrorKind;
use crate::contract::text;
use crate::event::{CallId, Ended, Event, EventNo, SocketId, What};

/// LIFE-6: a response over the limit fails its call promptly, with the cause named, and harms no other call.
pub(super) struct LargeResponse {
    pub(super) tally: Tally,
    /// Responses over the limit: which call's, where they were sent, and on which socket.
    pub(super) seen: Vec<(CallId, EventNo, SocketId)>,
}

/// Words of which one is in a text that names a size as the cause.
const CAUSES: [&str; 6] = ["exceed", "too large", "too big", "limit", "maximum", "size"];

/// Whether a call failed for the size of a message, in so many words.
fn names_the_size(call: &Call) -> bool {
    let kind = matches!(call.end.as_ref().map(|end| &end.how), Some(Ended::Error(error)) if error.kind == ErrorKind::PayloadTooLarge);
    let said = call.failure().map(str::to_lowercase).unwrap_or_default();
    kind || CAUSES.iter().any(|cause| said.contains(cause))
}

/// The first answer to a call, if its size says something of the limit.
fn first_answer(picture: &Picture, id: CallId) -> Option<&Answer> {
    picture.answers_to(id).next()
}

impl Checker for LargeResponse {
    fn tally(&mut self) -> &mut Tally {
        &mut self.tally
    }

    fn observe(&mut self, event: &Event, picture: &Picture) {
        let What::CallOverdue { call: id, .. } = &event.what else { return };
        let over = first_answer(picture, *id).filter(|answer| picture.is_over_limit(answer));
        if let Some(answer) = over {
            self.tally.broken(&[answer.no, event.no], "a failure that names the size as its cause", "no end");
        }
    }

    fn ended(&mut self, ended: &EndedCall<'_>, picture: &Picture) {
        let EndedCall { id, call, end, .. } = *ended;
        let (Some(answer), Some(limit)) = (first_answer(picture, id), picture.facts.limit) else { return };
        if answer.no > end.no {
            return;
        }
        if picture.is_over_limit(answer) {
            // The answer of another tab may have come first, which is on its way for a shorter time.
            let other = picture.answers_to(id).any(|other| other.socket != answer.socket && other.no < end.no);
            if other && !names_the_size(call) {
                return self.tally.untold("another tab answered as well");
            }
            self.seen.push((id, answer.no, answer.socket));
            let took = end.at.saturating_sub(answer.at);
            let expected = || "a failure at once that names the size as its cause".to_owned();
            let got = || format!("{} {took:.1?} after the response", settlement::in_words(&end.how));
            if !names_the_size(call) {
                return self.tally.broken(&[answer.no, end.no], expected(), got());
            }
            match in_time(picture, took, end.lateness) {
                Some(kept) => self.tally.check(kept, &[answer.no, end.no], || (expected(), got())),
                None => self.tally.untold(format!("the harness itself was up to {:.1?} late", end.lateness)),
            }
        } else if limit.has_room_for(answer.bytes) && answer.bytes > limit.max_bytes / 2 {
            match ended.settler {
                Settler::Own(_) => self.tally.held(),
                _ if names_the_size(call) && picture.open_until(answer.socket, end) => {
                    let expected = format!("a response of {} bytes to be taken", answer.bytes);
                    self.tally.broken(&[answer.no, end.no], expected, settlement::in_words(&end.how));
                }
                _ => {}
            }
        }
    }

    /// What became of the calls beside.
    fn finish(&mut self, picture: &Picture) {
        for (large, sent, socket) in &self.seen {
            let cut_off = picture.sockets.get(socket).and_then(|socket| socket.gone).filter(|(.., by)| by.is_hub());
            for (id, call) in picture.calls.iter().filter(|(id, _)| *id != large) {
                let Some(end) = call.end.as_ref().filter(|end| call.started < *sent && end.no > *sent) else {
                    continue;
                };
                let own = first_answer(picture, *id).is_some_and(|answer| picture.is_over_limit(answer));
                let of_socket = call.commands.iter().any(|command| command.socket == *socket);
                let cut = cut_off.is_some_and(|(no, ..)| no < end.no) && of_socket;
                let failed = call.failure().is_some_and(|text| text::timeout_in(text).is_none());
                let refused = matches!(&end.how, Ended::Error(error) if error.kind == ErrorKind::PayloadTooLarge);
                if !own && failed && (cut || refused) && first_answer(picture, *id).is_none() {
                    let expected = format!("{id} to go on beside the response to {large}");
                    self.tally.broken(&[*sent, end.no], expected, settlement::in_words(&end.how));
                }
            }
        }
    }
}

/// LIFE-7: a command over the limit is refused before it is sent.
pub(super) struct LargeCommand(pub(super) Tally);

/// The documented refusal, with a size that is over the limit.
fn is_refusal(picture: &Picture, failure: &str) -> bool {
    text::payload_sizes_in(failure)
        .is_some_and(|(size, max)| size > max && picture.facts.limit.is_none_or(|limit| limit.max_bytes == max))
}

/// Whether the payload alone is over the limit, however the target counts: by its characters, as it came if it did.
fn is_over(picture: &Picture, call: &Call) -> bool {
    let (Some(limit), Asks::Command { payload, .. }) = (picture.facts.limit, &call.asks) else { return false };
    let came = call.commands.first().map(|command| command.args.first().and_then(|body| body.get("payload")));
    let characters = came.unwrap_or(Some(payload)).map_or(0, |payload| payload.to_string().chars().count());
    limit.is_exceeded_by(u64::try_from(characters).unwrap_or(u64::MAX))
}

impl Checker for LargeCommand {
    fn tally(&mut self) -> &mut Tally {
        &mut self.0
    }

    fn ended(&mut self, ended: &EndedCall<'_>, picture: &Picture) {
        let EndedCall { id, call, end, .. } = *ended;
        if matches!(call.asks, Asks::NextJob) || matches!(end.how, Ended::Cancelled) {
            return;
        }
        let kind = matches!(&end.how, Ended::Error(error) if error.kind == ErrorKind::PayloadTooLarge);
        // What is said of the size once the plugin has answered is said of its response.
        let answered = picture.answers_to(id).any(|answer| answer.no < end.no);
        let sizes = call.failure().is_some_and(|failure| text::payload_sizes_in(failure).is_some());
        // So may be what is said while a response over the limit comes for another call (LIFE-6).
        let beside = |answer: &&Answer| call.started < answer.no && answer.no < end.no && picture.is_over_limit(answer);
        let of_another = !call.commands.is_empty() && picture.answers.iter().any(|answer| beside(&answer));
        let refused = (kind || sizes) && !answered && !of_another;
        // That nobody is there, or that the timeout makes no sense, may be noticed first.
        let otherwise = matches!(&end.how, Ended::Error(error) if matches!(error.kind, ErrorKind::NotConnected | ErrorKind::Invalid | ErrorKind::ShuttingDown));
        if !refused && (otherwise || !is_over(picture, call)) {
            return;
        }
        let witness: Vec<EventNo> = [
            Some(call.started),
            call.commands.first().map(|command| command.no).filter(|no| *no < end.no),
            Some(end.no),
        ]
        .into_iter()
        .flatten()
        .collect();
        let expected =
            || "\"Payload size ({n} bytes) exceeds max buffer size ({max} bytes)\", and no command".to_owned();
        let got = || {
            let sent = if call.commands.is_empty() { "" } else { ", and the command was sent" };
            format!("{}{sent}", settlement::in_words(&end.how))
        };
        if !call.commands.is_empty() || !call.failure().is_some_and(|failure| is_refusal(picture, failure)) {
            return self.0.broken(&witness, expected(), got());
        }
        match in_time(picture, end.elapsed, end.lateness) {
            Some(kept) => self.0.check(kept, &witness, || (expected(), format!("{} after {:.1?}", got(), end.elapsed))),
            None => self.0.untold(format!("the harness itself was up to {:.1?} late", end.lateness)),
        }
    }
}

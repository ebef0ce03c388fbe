//! What happens on the connections to the control API.

use std::io::Write as _;
use std::time::Instant;

use mio::{Interest, Token};

use super::answers;
use super::askers::Askers;
use super::news::{Failure, Kind, News};
use super::reach::Control;
use super::timers::What;
use super::{ASKER_WITHIN, FIRST_ASKER, Swarm, Watcher};

/// What every request has: before the path of what is asked, and behind it up to the length of the body.
#[derive(Debug)]
pub(super) struct Letterhead {
    before: String,
    behind: String,
}

impl Letterhead {
    pub(super) fn new(control: &Control) -> Self {
        let token =
            control.token.as_ref().map_or_else(String::new, |token| format!("Authorization: Bearer {token}\r\n"));
        Self {
            before: format!("POST {}", control.base.path_to("")),
            behind: format!(
                " HTTP/1.1\r\nHost: {}\r\nAccept: application/json\r\nContent-Type: application/json\r\n{token}Content-Length: ",
                control.base.authority()
            ),
        }
    }
}

impl Swarm {
    /// Whether a call can be made now: a connection is idle, or there may be one more.
    #[must_use]
    pub fn can_ask(&self) -> bool {
        self.askers.as_ref().is_some_and(|(askers, _)| askers.have_room())
    }

    /// How many connections to the control API there are.
    #[must_use]
    pub fn asking_connections(&self) -> usize {
        self.askers.as_ref().map_or(0, |(askers, _)| askers.len())
    }

    /// Makes a call: `POST` of this JSON to `path` below the control API's base. Whether there was a connection to be had; what
    /// becomes of it the watcher is told by its number.
    pub fn ask(&mut self, call: u64, path: &str, json: &[u8], watcher: &mut dyn Watcher) -> bool {
        let now = Instant::now();
        let Some((askers, letterhead)) = &mut self.askers else { return false };
        self.out.clear();
        self.out.extend_from_slice(letterhead.before.as_bytes());
        self.out.extend_from_slice(path.as_bytes());
        self.out.extend_from_slice(letterhead.behind.as_bytes());
        // A vector takes whatever is written to it.
        write!(self.out, "{}\r\n\r\n", json.len()).ok();
        self.out.extend_from_slice(json);
        if let Some(place) = askers.take_idle(now) {
            if let Some(asker) = askers.get(place) {
                asker.call = Some(call);
                if let Err(error) = asker.line.send(&self.out) {
                    askers.remove(place);
                    watcher.see(self, News::Unanswered { call, failure: Failure::of(&error) });
                }
            }
            return true;
        }
        let begun = askers.connect(now).and_then(|place| {
            let Some(place) = place else { return Ok(None) };
            let Some(asker) = askers.get(place) else { return Ok(None) };
            let both = Interest::READABLE | Interest::WRITABLE;
            let token = Token(FIRST_ASKER + place as usize);
            self.poll.registry().register(&mut asker.line.stream, token, both)?;
            asker.call = Some(call);
            asker.line.keep(&self.out);
            Ok(Some(place))
        });
        match begun {
            Ok(Some(place)) => self.timers.set(now + ASKER_WITHIN, What::Asker(place, call)),
            Ok(None) => return false,
            Err(error) => watcher.see(self, News::Unanswered { call, failure: Failure::of(&error) }),
        }
        true
    }

    /// Gives a call up: its connection is closed (TIME-8), and nothing is told of it any more.
    pub fn give_up(&mut self, call: u64) {
        if let Some((askers, _)) = &mut self.askers
            && let Some(place) = askers.place_of(call)
        {
            askers.remove(place);
        }
    }

    fn askers(&mut self) -> Option<&mut Askers> {
        self.askers.as_mut().map(|(askers, _)| askers)
    }

    pub(super) fn asker_over(&mut self, place: u32, call: u64, watcher: &mut dyn Watcher) {
        let asker = self.askers().and_then(|askers| askers.get(place));
        if asker.is_some_and(|asker| asker.call == Some(call) && !asker.is_open) {
            let why = format!("no connection to the control API within {ASKER_WITHIN:?}");
            self.asker_failed(place, Failure::new(Kind::Timeout, why), watcher);
        }
    }

    fn asker_failed(&mut self, place: u32, failure: Failure, watcher: &mut dyn Watcher) {
        let Some(askers) = self.askers() else { return };
        let call = askers.get(place).and_then(|asker| asker.call);
        askers.remove(place);
        if let Some(call) = call {
            watcher.see(self, News::Unanswered { call, failure });
        }
    }

    /// Something may have come, or may be sent.
    pub(super) fn asker_ready(&mut self, place: u32, watcher: &mut dyn Watcher) {
        let Some(asker) = self.askers().and_then(|askers| askers.get(place)) else { return };
        if !asker.is_open {
            match asker.line.is_open() {
                Ok(false) => return,
                Ok(true) => asker.is_open = true,
                Err(error) => return self.asker_failed(place, Failure::of(&error), watcher),
            }
        }
        if let Err(error) = asker.line.flush() {
            return self.asker_failed(place, Failure::of(&error), watcher);
        }
        let mut room = std::mem::take(&mut self.room);
        self.read_answers(place, &mut room, watcher);
        self.room = room;
    }

    fn read_answers(&mut self, place: u32, room: &mut [u8], watcher: &mut dyn Watcher) {
        loop {
            let Some(asker) = self.askers().and_then(|askers| askers.get(place)) else { return };
            let count = match asker.line.read(room) {
                Ok(None) => return,
                Ok(Some(count)) => count,
                Err(error) => return self.asker_failed(place, Failure::of(&error), watcher),
            };
            let fresh = room.get(..count).unwrap_or_default();
            self.answer(place, fresh, count == 0, watcher);
            if count < room.len() {
                return;
            }
        }
    }

    /// Takes an answer apart, if it is whole.
    fn answer(&mut self, place: u32, fresh: &[u8], ended: bool, watcher: &mut dyn Watcher) {
        let at = Instant::now();
        let Some(askers) = self.askers() else { return };
        let Some(asker) = askers.get(place) else { return };
        let Some(call) = asker.call else {
            // It was idle: the server lets go of it, or says what nobody asked.
            return askers.remove(place);
        };
        let nothing_came = ended && !asker.line.has_rest();
        let joined = asker.line.joined(fresh);
        let bytes = joined.as_deref().unwrap_or(fresh);
        let failure = match answers::first(bytes, ended && !nothing_came) {
            Ok(Some(whole)) => {
                if whole.kept && whole.used == bytes.len() && !ended {
                    askers.put_back(place, at);
                } else {
                    askers.remove(place);
                }
                let body = whole.body.of(bytes);
                return watcher.see(self, News::Answered { call, status: whole.status, body, at });
            }
            Ok(None) if !ended => {
                match joined {
                    Some(all) => asker.line.put_back_joined(all, 0),
                    None => asker.line.put_back(fresh),
                }
                return;
            }
            Ok(None) => Failure::new(Kind::Closed, "the connection ended before the answer"),
            Err(why) => Failure::new(Kind::Nonsense, why),
        };
        self.asker_failed(place, failure, watcher);
    }
}

//! Calls in flight: what is known of each from its intended start to its end, in places that are used again.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::time::Instant;

/// A call.
#[derive(Debug)]
pub(super) struct Call {
    /// Its number in the plan.
    pub(super) number: u64,
    pub(super) user: u64,
    /// Its action, by its place in the profile's.
    pub(super) action: usize,
    /// Sizes of its payload and of its answer's data.
    pub(super) payload: u64,
    pub(super) answer: u64,
    /// Whether it counts; calls of the warm-up do not.
    pub(super) counts: bool,
    pub(super) intended: Instant,
    /// When it was sent; `None` while it waits.
    pub(super) started: Option<Instant>,
    /// When its command first came to a plugin.
    pub(super) received: Option<Instant>,
    /// When an answer to it had first gone out whole.
    pub(super) answered: Option<Instant>,
    /// Which plugin sent that answer, on which connection.
    pub(super) answered_by: (u32, u32),
    /// Whether that was a success.
    pub(super) answered_well: bool,
    /// Which of its user's plugins got its command, a bit for each of the first 64.
    pub(super) got_by: u64,
    /// The scene that it belongs to, if the checkers see it.
    pub(super) scene: Option<u32>,
    /// Empty until its command comes.
    pub(super) request_id: String,
    open: bool,
}

impl Call {
    /// A call that waits to be sent. `request_id` is the memory for its id.
    fn new(number: u64, intended: Instant, request_id: String) -> Self {
        Self {
            number,
            user: 0,
            action: 0,
            payload: 0,
            answer: 0,
            counts: true,
            intended,
            started: None,
            received: None,
            answered: None,
            answered_by: (0, 0),
            answered_well: false,
            got_by: 0,
            scene: None,
            request_id,
            open: true,
        }
    }
}

/// All calls in flight.
#[derive(Debug, Default)]
pub(super) struct Calls {
    places: Vec<Call>,
    free: Vec<u32>,
    by_number: HashMap<u64, u32, BuildHasherDefault<Spread>>,
}

impl Calls {
    /// A new call.
    pub(super) fn open(&mut self, number: u64, intended: Instant) -> &mut Call {
        let place = self.free.pop().unwrap_or_else(|| {
            self.places.push(Call::new(number, intended, String::new()));
            u32::try_from(self.places.len() - 1).unwrap_or(u32::MAX)
        });
        self.by_number.insert(number, place);
        let call = &mut self.places[place as usize];
        let mut request_id = std::mem::take(&mut call.request_id);
        request_id.clear();
        *call = Call::new(number, intended, request_id);
        call
    }

    pub(super) fn get(&mut self, number: u64) -> Option<&mut Call> {
        let place = *self.by_number.get(&number)?;
        self.places.get_mut(place as usize)
    }

    /// Lets go of a call. It can be looked at until the next one is opened.
    pub(super) fn close(&mut self, number: u64) -> Option<&Call> {
        let place = self.by_number.remove(&number)?;
        self.free.push(place);
        let call = self.places.get_mut(place as usize)?;
        call.open = false;
        Some(call)
    }

    pub(super) fn len(&self) -> usize {
        self.by_number.len()
    }

    /// Those in flight, in no order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Call> {
        self.places.iter().filter(|call| call.open)
    }
}

/// A hash of numbers that were counted or hashed already: one multiplication.
#[derive(Debug, Default)]
pub(super) struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 ^= self.0 >> 29;
    }
}

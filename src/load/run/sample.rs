//! Which users the checkers see in full, and for how long at a time.
//!
//! A scene is one user from a moment without calls to the next one after enough of them: what the checkers keep is let go of then, so
//! that a run of any length can be judged. A call that fails and belongs to no scene is a scene of its own.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::bench::{Judge, Note, Seen};
use crate::event::By;

/// Users who are looked at in full.
const USERS: usize = 16;

/// Calls of one scene, at the most.
const CALLS: u32 = 100;

/// Calls that scenes take in a second, all together, at the most; and single ones that failed.
const CALLS_A_SECOND: u32 = 200;
const FAILED_A_SECOND: u32 = 200;

/// The largest message that the checkers look at.
const LARGEST: u64 = 256 << 10;

/// What is kept of a user who is looked at.
#[derive(Debug, Default)]
struct Sampled {
    /// The scene that goes on.
    scene: Option<u32>,
    started: u32,
    in_flight: u32,
}

/// The users who are looked at.
#[derive(Debug)]
pub(super) struct Sample {
    judge: Judge,
    began: Instant,
    users: BTreeMap<u64, Sampled>,
    scenes: u32,
    taken: u32,
    failed: u32,
}

impl Sample {
    pub(super) fn new(judge: Judge) -> Self {
        Self { judge, began: Instant::now(), users: BTreeMap::new(), scenes: 0, taken: 0, failed: 0 }
    }

    fn at(&self, at: Instant) -> Duration {
        at.saturating_duration_since(self.began)
    }

    pub(super) fn note(&self, scene: u32, at: Instant, what: Seen) {
        self.judge.note(Note { at: self.at(at), scene, what });
    }

    /// A second is over: more may be looked at.
    pub(super) fn tick(&mut self) {
        (self.taken, self.failed) = (0, 0);
    }

    /// The scene that a call to this user belongs to, if any; `connected` are its plugins, with their connections.
    pub(super) fn begins(
        &mut self,
        user: u64,
        bytes: u64,
        now: Instant,
        connected: impl FnOnce() -> Vec<(u32, u32)>,
    ) -> Option<u32> {
        if bytes > LARGEST || self.taken >= CALLS_A_SECOND {
            return None;
        }
        if !self.users.contains_key(&user) {
            if self.users.len() >= USERS {
                return None;
            }
            self.users.insert(user, Sampled::default());
        }
        let sampled = self.users.get_mut(&user)?;
        if sampled.started >= CALLS {
            return None;
        }
        let scene = match sampled.scene {
            Some(scene) => scene,
            None => {
                let scene = self.scenes;
                self.scenes += 1;
                sampled.scene = Some(scene);
                let at = now.saturating_duration_since(self.began);
                self.judge.note(Note { at, scene, what: Seen::Begin { user, connected: connected() } });
                scene
            }
        };
        sampled.started += 1;
        sampled.in_flight += 1;
        self.taken += 1;
        Some(scene)
    }

    /// A call of a scene has ended, and was noted.
    pub(super) fn ended(&mut self, user: u64, now: Instant) {
        let Some(sampled) = self.users.get_mut(&user) else { return };
        sampled.in_flight = sampled.in_flight.saturating_sub(1);
        if sampled.in_flight == 0
            && sampled.started >= CALLS
            && let Some(scene) = sampled.scene.take()
        {
            sampled.started = 0;
            self.note(scene, now, Seen::End);
        }
    }

    /// The scene of this user that goes on.
    pub(super) fn scene_of(&self, user: u64) -> Option<u32> {
        self.users.get(&user).and_then(|sampled| sampled.scene)
    }

    /// A plugin of this user connected.
    pub(super) fn joined(&self, user: u64, plugin: u32, connection: u32) {
        if let Some(scene) = self.scene_of(user) {
            self.note(scene, Instant::now(), Seen::Joined { plugin, connection });
        }
    }

    /// The connection of a plugin of this user ended.
    pub(super) fn left(&self, user: u64, connection: u32, by: By) {
        if let Some(scene) = self.scene_of(user) {
            self.note(scene, Instant::now(), Seen::Left { connection, by });
        }
    }

    /// A scene of its own for a call that failed, unless there were many in this second.
    pub(super) fn single(&mut self, bytes: u64) -> Option<u32> {
        if self.failed >= FAILED_A_SECOND || bytes > LARGEST {
            return None;
        }
        self.failed += 1;
        self.scenes += 1;
        Some(self.scenes - 1)
    }

    /// What the checkers have found. Scenes without calls in flight end now; what is still in flight says nothing.
    pub(super) fn findings(&mut self) -> Vec<crate::figures::LoadFinding> {
        let now = Instant::now();
        for sampled in self.users.values() {
            if let Some(scene) = sampled.scene.filter(|_| sampled.in_flight == 0) {
                self.note(scene, now, Seen::End);
            }
        }
        self.judge.findings()
    }
}

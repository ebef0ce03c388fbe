//! One hub that was run, and what was seen of it.

use std::collections::{BTreeMap, BTreeSet};

use crate::contract::guarantee::GuaranteeId;
use crate::hub::Variant;
use crate::report::news::{ScenarioEnd, Status};

/// A run of all scenarios against one hub.
#[derive(Debug, Clone)]
pub struct Trial {
    /// The variant; `None` for the reference hub.
    pub variant: Option<&'static Variant>,
    /// Whether it was run over real sockets, not in virtual time.
    pub live: bool,
    /// What was seen broken, with the addresses of the scenarios that saw it, in their order.
    pub broken: BTreeMap<GuaranteeId, Vec<String>>,
    /// The addresses of scenarios that could not tell, with the reason.
    pub untold: Vec<(String, String)>,
    /// The first fault of hubproof's own: the address and what it is.
    pub fault: Option<String>,
    /// Every scenario that ended, in order, and whether it saw anything broken.
    ended: Vec<(String, bool)>,
}

/// What a trial comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The variant was seen to break just what it names.
    Caught,
    /// Nothing that it names was seen broken.
    Survived,
    /// Something was seen broken that it does not name.
    WronglyAccused,
    /// Some of what it names was not seen broken.
    Missed,
    /// The reference hub was seen to break nothing.
    NotAccused,
    /// It was seen to break something.
    Accused,
    /// Something is missing, and scenarios could not tell.
    Untold,
    /// hubproof itself is at fault.
    Fault,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 8] = [
        Self::Caught,
        Self::Survived,
        Self::WronglyAccused,
        Self::Missed,
        Self::Untold,
        Self::Fault,
        Self::Accused,
        Self::NotAccused,
    ];

    /// The words for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Caught => "caught",
            Self::Survived => "survived",
            Self::WronglyAccused => "wrongly accused",
            Self::Missed => "not fully caught",
            Self::NotAccused => "not accused",
            Self::Accused => "accused",
            Self::Untold => "could not tell",
            Self::Fault => "fault",
        }
    }

    /// Whether it is as it should be.
    #[must_use]
    pub const fn is_right(self) -> bool {
        matches!(self, Self::Caught | Self::NotAccused)
    }
}

impl Trial {
    /// A hub of which nothing has been seen yet.
    #[must_use]
    pub const fn new(variant: Option<&'static Variant>, live: bool) -> Self {
        Self { variant, live, broken: BTreeMap::new(), untold: Vec::new(), fault: None, ended: Vec::new() }
    }

    /// Takes in a scenario's end; they come in their order.
    pub fn add(&mut self, end: &ScenarioEnd) {
        for verdict in end.broken() {
            self.broken.entry(verdict.id).or_default().push(end.address.clone());
        }
        match &end.status {
            Status::Untold(why) => self.untold.push((end.address.clone(), why.clone())),
            Status::Fault(why) => {
                self.fault.get_or_insert_with(|| format!("{}: {why}", end.address));
            }
            Status::Held | Status::Broken | Status::NotTested(_) => {}
        }
        self.ended.push((end.address.clone(), end.broken().next().is_some()));
    }

    /// The variant's name, or what the reference hub is called in tables.
    #[must_use]
    pub fn name(&self) -> String {
        self.variant.map_or("the reference hub", |variant| variant.name).to_owned()
    }

    /// How it was run.
    #[must_use]
    pub const fn mode(&self) -> &'static str {
        if self.live { "live" } else { "sim" }
    }

    /// What it should be seen to break.
    #[must_use]
    pub fn breaks(&self) -> &'static [GuaranteeId] {
        self.variant.map_or(&[], |variant| variant.breaks)
    }

    /// What it should have been seen to break and was not.
    #[must_use]
    pub fn missed(&self) -> Vec<GuaranteeId> {
        self.breaks().iter().copied().filter(|id| !self.broken.contains_key(id)).collect()
    }

    /// What it was seen to break and should not have been.
    #[must_use]
    pub fn beyond(&self) -> Vec<GuaranteeId> {
        let named: BTreeSet<GuaranteeId> = self.breaks().iter().copied().collect();
        self.broken.keys().copied().filter(|id| !named.contains(id)).collect()
    }

    /// What it was to break and was seen to, the guarantee that it is meant to break first.
    #[must_use]
    pub fn caught(&self) -> Vec<GuaranteeId> {
        self.breaks().iter().copied().filter(|id| self.broken.contains_key(id)).collect()
    }

    /// The addresses of the scenarios that saw something broken, in their order.
    pub fn catchers(&self) -> impl Iterator<Item = &str> {
        self.ended.iter().filter(|(_, caught)| *caught).map(|(address, _)| address.as_str())
    }

    /// How many scenarios ended.
    #[must_use]
    pub const fn ended(&self) -> usize {
        self.ended.len()
    }

    /// The first scenario that saw this broken.
    #[must_use]
    pub fn first(&self, id: GuaranteeId) -> Option<&str> {
        self.broken.get(&id)?.first().map(String::as_str)
    }

    /// What it comes to.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        let doubtful = !self.untold.is_empty();
        match (self.variant, self.missed().is_empty(), self.beyond().is_empty()) {
            _ if self.fault.is_some() => Outcome::Fault,
            (None, _, false) => Outcome::Accused,
            (None, ..) if self.untold.len() == self.ended.len() => Outcome::Untold,
            (None, ..) => Outcome::NotAccused,
            (Some(_), _, false) => Outcome::WronglyAccused,
            (Some(_), true, true) => Outcome::Caught,
            (Some(_), false, true) if doubtful => Outcome::Untold,
            (Some(_), false, true) if self.broken.is_empty() => Outcome::Survived,
            (Some(_), false, true) => Outcome::Missed,
        }
    }
}

//! Runs cases.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::time::timeout;

use super::case::Case;
use super::door::Door;
use super::survey::Offer;
use super::talk::{Miss, Talk};

/// How many times the patience a case may take as a whole, beside its waits for pings. None comes near it unless the server keeps it
/// busy for ever.
const MOST_WAITS: u32 = 20;

/// Pings that a case waits for at most.
const MOST_PINGS: u32 = 5;

/// What came of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The server does it.
    Held,
    /// The server does something else.
    Broken {
        /// What had to come.
        expected: String,
        /// What came.
        got: String,
    },
    /// It cannot be tested there: why.
    NotTested(String),
    /// The server could not be reached: why.
    Untold(String),
}

/// A case that has ended.
#[derive(Debug, Clone)]
pub struct Ended {
    /// Which one.
    pub case: &'static Case,
    /// What came of it.
    pub outcome: Outcome,
    /// What was said: `>` by the client, `<` by the server.
    pub frames: Vec<String>,
}

/// Runs these cases, so many at once, each over connections of its own. They are told in their order, as they end.
pub async fn run(
    door: Arc<dyn Door>,
    offer: Offer,
    cases: &[&'static Case],
    patience: Duration,
    at_once: usize,
    mut ended: impl FnMut(Ended),
) {
    let offer = Arc::new(offer);
    let one = |case: &'static Case| one(case, Talk::new(Arc::clone(&door), patience, Arc::clone(&offer)));
    let mut ends = stream::iter(cases.iter().copied().map(one)).buffered(at_once.max(1));
    while let Some(end) = ends.next().await {
        ended(end);
    }
}

async fn one(case: &'static Case, talk: Talk) -> Ended {
    if let Some(why) = case.needs.iter().find_map(|need| talk.offer.lacks(*need, talk.patience)) {
        return Ended { case, outcome: Outcome::NotTested(why), frames: Vec::new() };
    }
    let pings = (talk.offer.ping_interval + talk.offer.ping_timeout).saturating_mul(MOST_PINGS);
    let limit = talk.patience.saturating_mul(MOST_WAITS).saturating_add(pings);
    let outcome = match timeout(limit, case.start(talk.clone())).await {
        Ok(Ok(())) => Outcome::Held,
        Ok(Err(Miss::Broken { expected, got })) => Outcome::Broken { expected, got },
        Ok(Err(Miss::NotTested(why))) => Outcome::NotTested(why),
        Ok(Err(Miss::Unreachable(why))) => Outcome::Untold(why),
        Err(_) => Outcome::Broken {
            expected: "a server that comes to an end".to_owned(),
            got: format!("more and more, for {limit:?}"),
        },
    };
    Ended { case, outcome, frames: talk.lines() }
}

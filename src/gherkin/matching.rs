//! Whether steps can be carried out: each has just one piece of code, which takes everything that stands in the step.

use std::collections::BTreeSet;

use cucumber::World as _;
use cucumber::gherkin::Step;

use super::behaviours;
use super::features::{self, Case, FeatureError, wrong};
use super::world::World;

/// The most of anything that a step may ask for, far above what any scenario needs: plugins, listings, commands.
const MOST: u64 = 100_000;

/// What a number in a step counts, if it stands before one of these.
const COUNTED: [&str; 6] = ["users", "listings", "commands", "times", "sockets", "of"];

/// Words that a size stands before, and the largest there may be.
const SIZED: [&str; 2] = ["characters", "numbers"];
const LARGEST: u64 = 10_000_000;

/// How a step ends whose behaviour is written below it.
const WRITTEN: &str = "that behaves so:";

/// Every step of these cases can be carried out.
///
/// # Errors
/// The first that cannot: it has no code or more than one piece of it, has a table or a text below it that it does not take, names no behaviour, or has a
/// number that is too large.
pub fn check_steps(cases: &[Case]) -> Result<(), FeatureError> {
    let collection = World::collection();
    for case in cases {
        let file = case.place.rsplit_once(':').map_or(case.place.as_str(), |(file, _)| file);
        for step in case.steps() {
            let line = step.position.line;
            match collection.find(step) {
                Ok(Some((_, groups, _, _))) => {
                    let groups = (1..groups.len()).filter_map(|group| groups.get(group));
                    surplus(step).or_else(|| too_large(&step.value, groups)).map_or(Ok(()), Err)
                }
                Ok(None) => Err(unknown(step)),
                Err(_) => Err(format!(
                    "'{}{}' fits more than one step: write it so that it fits one",
                    step.keyword, step.value
                )),
            }
            .map_err(|what| wrong(file, line, what))?;
            check_behaviour(case, step, file)?;
        }
    }
    Ok(())
}

/// The behaviour that a step names or holds, if it does, is one.
fn check_behaviour(case: &Case, step: &Step, file: &str) -> Result<(), FeatureError> {
    if step.value.ends_with(WRITTEN) {
        return behaviours::written(step).map(drop).map_err(|error| {
            let place = format!("{file}:{}:{}", error.line, error.column);
            FeatureError { place, what: error.said() }
        });
    }
    let name = step.value.split_once(" that behaves as in \"").and_then(|(_, name)| name.strip_suffix('"'));
    match name.map(|name| case.behaviours.named(name)) {
        Some(Err(what)) => Err(FeatureError { place: format!("{file}:{}", step.position.line), what }),
        _ => Ok(()),
    }
}

fn unknown(step: &Step) -> String {
    let what = format!("no step is written like '{}{}'", step.keyword, step.value);
    let near = nearest(&step.value).map(|near| format!(": the nearest there is may be '{near}'"));
    what + &near.unwrap_or_default()
}

/// What stands below a step and would not be looked at.
fn surplus(step: &Step) -> Option<String> {
    let what = match (&step.docstring, &step.table) {
        (Some(_), None) if step.value.ends_with(WRITTEN) => return None,
        (Some(_), _) => "text",
        (None, Some(_)) => "table",
        (None, None) => return None,
    };
    Some(format!("no step takes a {what} below it: delete it, or write what you mean in the step's own line"))
}

/// A number beyond what a step can have, among the parts of a text that a step takes out of it.
fn too_large(text: &str, parts: impl Iterator<Item = (usize, usize)>) -> Option<String> {
    parts.into_iter().find_map(|(begin, end)| {
        let (before, part, after) = (text.get(..begin)?, text.get(begin..end)?, text.get(end..)?);
        let is_number = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()) && !before.ends_with('"');
        let next = after.split_whitespace().next().map(|word| word.trim_end_matches(',')).unwrap_or_default();
        let most = match next {
            next if COUNTED.contains(&next) => MOST,
            next if SIZED.contains(&next) => LARGEST,
            _ => u64::MAX,
        };
        let fits = part.parse::<u64>().is_ok_and(|number| number <= most);
        (is_number && !fits).then(|| format!("{part} is too large a number here: {most} is the most"))
    })
}

/// The step of the built-in features that is most like this text.
fn nearest(text: &str) -> Option<String> {
    let steps: BTreeSet<String> = features::embedded()
        .ok()?
        .iter()
        .flat_map(|case| case.steps().map(|step| step.value.clone()).collect::<Vec<_>>())
        .collect();
    let likeness = |step: &String| similar::TextDiff::from_words(text, step).ratio();
    steps.into_iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)))
}

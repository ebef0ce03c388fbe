//! Which behaviour plugins have.

use std::path::Path;

use super::Arguments;
use crate::cli::Failure;
use crate::gherkin::behaviours::Behaviours;
use crate::plugin::{Behaviour, Say, reading};

/// The behaviours that there are.
pub(super) fn help() -> String {
    let behaviours = Behaviours::default();
    let names = behaviours.names().join(", ");
    format!(
        "What they do with commands: a file in TOML (what has a slash or ends in .toml), or one of these [default: answers, or \
         at-vinted with --vinted]: {names}"
    )
}

/// The behaviour that the command line asks for, and what it is called.
pub(super) fn of(arguments: &Arguments) -> Result<(String, Behaviour), Failure> {
    if arguments.ask {
        return Ok(("by hand".to_owned(), Behaviour::default()));
    }
    let usual = if arguments.vinted.is_some() { "at-vinted" } else { "answers" };
    let name = arguments.behaviour.as_deref().unwrap_or(usual);
    let is_file = name.contains('/') || Path::new(name).extension().is_some_and(|extension| extension == "toml");
    let behaviour = if is_file { read(Path::new(name))? } else { named(name)? };
    match (goes_to_vinted(&behaviour), &arguments.vinted) {
        (true, None) => Err(Failure::Usage(format!(
            "the behaviour '{name}' carries commands out at Vinted, and there is none: start one with 'hubproof vinted' and give \
             its address, --vinted http://127.0.0.1:7900"
        ))),
        (false, Some(_)) => Err(Failure::Usage(format!(
            "the behaviour '{name}' never goes to Vinted: leave out --vinted, or let it say = \"marketplace\""
        ))),
        _ => Ok((name.to_owned(), behaviour)),
    }
}

fn named(name: &str) -> Result<Behaviour, Failure> {
    let named = Behaviours::default().named(name);
    named
        .map_err(|what| Failure::Usage(format!("{what}; a file of your own has a slash in its name, or ends in .toml")))
}

fn read(file: &Path) -> Result<Behaviour, Failure> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::Usage(format!("cannot read {}: {error}", file.display())))?;
    reading::read(&text).map_err(|error| Failure::Usage(format!("{}:{error}", file.display())))
}

fn goes_to_vinted(behaviour: &Behaviour) -> bool {
    let reactions = behaviour.rules.iter().map(|rule| &rule.reaction).chain([&behaviour.otherwise]);
    reactions.flat_map(|reaction| &reaction.replies).any(|reply| reply.say == Say::Marketplace)
}

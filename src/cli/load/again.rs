//! The command line that makes a run again.

use super::super::check::again::quoted;

/// Options that say where figures go, and how they look: no part of the run.
const OUTPUTS: [&str; 9] =
    ["--json", "--html", "--openmetrics", "--hdr", "--ndjson", "--metrics-listen", "--format", "--color", "--seed"];

/// Options whose value is a secret.
const SECRETS: [&str; 2] = ["--control-token", "--token"];

/// The command that makes the same run again, from the words of the one that was given. `told` are settings that came from the
/// environment.
pub(super) fn again(words: &[String], told: &[(&str, &str)], seed: u64) -> String {
    let mut again = vec!["hubproof load".to_owned()];
    let mut words = words.iter().skip_while(|word| *word != "load").skip(1);
    let mut given = Vec::new();
    while let Some(word) = words.next() {
        let (name, value) = word.split_once('=').map_or((word.as_str(), None), |(name, value)| (name, Some(value)));
        given.push(name.to_owned());
        let has_value = |known: &[&str]| known.contains(&name);
        if has_value(&OUTPUTS) || has_value(&SECRETS) {
            if value.is_none() {
                words.next();
            }
            if has_value(&SECRETS) {
                again.push("--control-token \"$HUBPROOF_CONTROL_TOKEN\"".to_owned());
            }
        } else {
            again.push(quoted(word));
        }
    }
    for (name, value) in told {
        if !given.iter().any(|given| given == name) {
            again.push(format!("{name} {}", quoted(value)));
        }
    }
    again.push(format!("--seed {seed}"));
    again.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &[&str]) -> Vec<String> {
        line.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn a_run_is_made_again_by_its_own_words_without_what_it_wrote() {
        let line = [
            "hubproof",
            "--color",
            "never",
            "load",
            "smoke",
            "--json",
            "a.json",
            "--html=a.html",
            "--rate",
            "ramp 0..5",
        ];
        assert_eq!(again(&words(&line), &[], 7), "hubproof load smoke --rate 'ramp 0..5' --seed 7");
        let line = ["hubproof", "load", "--seed", "3", "x.toml", "--abort-on-fail"];
        assert_eq!(again(&words(&line), &[], 3), "hubproof load x.toml --abort-on-fail --seed 3");
    }

    #[test]
    fn a_token_is_not_told_and_the_environment_is() {
        let line = ["hubproof", "load", "--target", "http://a", "--token", "hush"];
        let told = [("--target", "http://b"), ("--control", "http://b/c")];
        let wanted =
            "hubproof load --target http://a --control-token \"$HUBPROOF_CONTROL_TOKEN\" --control http://b/c --seed 1";
        assert_eq!(again(&words(&line), &told, 1), wanted);
    }
}

//! The command line that shows a result again.

use super::aim::Aim;

/// The command that runs the same again with this seed, but for the address.
pub(in crate::cli) fn again(aim: &Aim, strict: bool, seed: u64) -> String {
    let mut words = vec!["hubproof check".to_owned()];
    if aim.sim {
        words.push("--sim".to_owned());
    }
    let texts = [
        ("--features", aim.features.as_ref().map(|folder| folder.display().to_string())),
        ("--behaviours", aim.behaviours.as_ref().map(|folder| folder.display().to_string())),
        ("--target", aim.target.clone()),
        ("--control", aim.control.clone()),
        ("--start", aim.start.clone()),
        ("--socket-path", Some(aim.socket_path.clone()).filter(|path| path != "/socket.io/")),
        ("--variant", aim.variant.clone()),
        ("--time-scale", aim.time_scale.map(|scale| scale.to_string())),
    ];
    words.extend(texts.into_iter().filter_map(|(name, value)| Some(format!("{name} {}", quoted(&value?)))));
    if aim.target.is_some() && aim.control_token.is_some() {
        // The token itself is a secret.
        words.push("--control-token \"$HUBPROOF_CONTROL_TOKEN\"".to_owned());
    }
    if strict {
        words.push("--strict".to_owned());
    }
    words.push(format!("--seed {seed}"));
    words.join(" ")
}

/// A word for the shell.
pub(in crate::cli) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/@%+=,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_quoted_for_the_shell_where_it_has_to_be() {
        assert_eq!(quoted("http://127.0.0.1:8000/a"), "http://127.0.0.1:8000/a");
        assert_eq!(quoted("http://a/?x=it's"), r"'http://a/?x=it'\''s'");
        assert_eq!(quoted(""), "''");
    }
}

//! JSON as the contract compares and shows it.

use std::fmt::Write as _;

use serde_json::Value;

/// Whether two values are the same: numbers as IEEE doubles, members in any order (CORR-6).
#[must_use]
pub fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || (a.as_f64().is_some() && a.as_f64() == b.as_f64()),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}

/// The value on one line, members sorted by key, whole numbers without a fraction: the same text for the same value.
#[must_use]
pub fn canonical(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

/// As [`canonical`], for people to read: a long text or list is cut after its beginning, and says how long it is.
#[must_use]
pub fn shown(value: &Value) -> String {
    canonical(&cut(value))
}

/// The longest text that is shown in full, in characters.
const WHOLE_TEXT: usize = 250;

/// The longest list that is shown in full.
const WHOLE_LIST: usize = 50;

fn cut(value: &Value) -> Value {
    /// What is left of a long one.
    const BEGINNING: usize = 10;
    match value {
        Value::String(text) if text.len() > WHOLE_TEXT && text.chars().count() > WHOLE_TEXT => {
            let beginning: String = text.chars().take(BEGINNING).collect();
            Value::String(format!("{beginning}… ({} characters)", text.chars().count()))
        }
        Value::Array(items) if items.len() > WHOLE_LIST => {
            let more = Value::String(format!("… ({} items)", items.len()));
            Value::Array(items.iter().take(BEGINNING).map(cut).chain([more]).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(cut).collect()),
        Value::Object(members) => Value::Object(members.iter().map(|(key, value)| (key.clone(), cut(value))).collect()),
        other => other.clone(),
    }
}

/// The largest magnitude up to which a double holds every whole number.
const EXACT: f64 = 9_007_199_254_740_991.0;

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_by_key(|(key, _)| *key);
            list(out, ('{', '}'), sorted, |(key, value), out| {
                write(&Value::String(key.clone()), out);
                out.push(':');
                write(value, out);
            });
        }
        Value::Array(items) => list(out, ('[', ']'), items, write),
        Value::Number(number) => match number.as_f64() {
            Some(double) if number.is_f64() && double.fract() == 0.0 && double.abs() <= EXACT => {
                // Writing to a String cannot fail; `+ 0.0` takes the sign off a zero.
                let _ = write!(out, "{:.0}", double + 0.0);
            }
            _ => out.push_str(&number.to_string()),
        },
        other => out.push_str(&other.to_string()),
    }
}

fn list<T>(
    out: &mut String,
    (open, close): (char, char),
    items: impl IntoIterator<Item = T>,
    mut each: impl FnMut(T, &mut String),
) {
    out.push(open);
    for (place, item) in items.into_iter().enumerate() {
        if place > 0 {
            out.push(',');
        }
        each(item, out);
    }
    out.push(close);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_are_the_same_when_they_are_the_same_double() {
        assert!(same(&json!([1, {"a": 0.1}]), &json!([1.0, {"a": 0.1}])));
        assert!(!same(&json!(1), &json!(true)));
        assert!(!same(&json!({"a": 1}), &json!({"a": 1, "b": null})));
        assert!(!same(&json!("1"), &json!(1)));
        assert!(!same(&json!(9_007_199_254_740_991_u64), &json!(9_007_199_254_740_990_u64)));
    }

    #[test]
    fn what_is_long_is_cut_where_people_read_it() {
        let long = json!({"text": "é".repeat(251), "list": vec![1; 51], "whole": ["é".repeat(250)]});
        let whole = "é".repeat(250);
        let text = r#"{"list":[1,1,1,1,1,1,1,1,1,1,"… (51 items)"],"text":"éééééééééé… (251 characters)","whole":["#;
        assert_eq!(shown(&long), format!("{text}\"{whole}\"]}}"));
        assert_eq!(canonical(&long).chars().filter(|c| *c == 'é').count(), 501);
    }

    #[test]
    fn the_canonical_text_is_the_same_for_the_same_value() {
        let text = canonical(&json!({"b": [1.0, -0.0, 0.5, 1e300], "a": {"z": null, "é": "\n"}}));
        assert_eq!(text, r#"{"a":{"z":null,"é":"\n"},"b":[1,0,0.5,1e+300]}"#);
    }
}

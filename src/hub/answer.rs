//! What a response means to the call that it settles.

use std::collections::BTreeSet;

use serde_json::Value;

use super::variant::Flaw;
use crate::contract::control::{CallError, ErrorKind};
use crate::contract::text;

/// What the helper makes of a response: its `data`, or the plugin's error (levels 2 and 3).
///
/// # Errors
/// Any response whose `success` is not `true` (ERR-4, ERR-7), with the plugin's text (ERR-2, ERR-3, ERR-8, ERR-10).
pub fn judge(response: Value, flaws: &BTreeSet<Flaw>) -> Result<Value, CallError> {
    succeeded(&response, flaws).map(|()| data(response))
}

/// The `data` of a response; null if it has none.
pub(super) fn data(mut response: Value) -> Value {
    response.get_mut("data").map(Value::take).unwrap_or_default()
}

/// Whether a response is a success, as [`judge`] has it.
pub(super) fn succeeded(response: &Value, flaws: &BTreeSet<Flaw>) -> Result<(), CallError> {
    let success = response.get("success");
    let succeeded = match success {
        None => flaws.contains(&Flaw::AbsentSuccess),
        Some(success) if flaws.contains(&Flaw::TruthySuccess) => truthy(success),
        Some(success) => *success == Value::Bool(true),
    };
    if succeeded && flaws.contains(&Flaw::NullDataFails) && response.get("data").is_none_or(Value::is_null) {
        return Err(CallError::new(ErrorKind::PluginError, "the response has no data"));
    }
    if succeeded {
        return Ok(());
    }
    let message = if flaws.contains(&Flaw::ErrorTextReplaced) {
        "Plugin error".to_owned()
    } else {
        error_text(response.get("error"), flaws)
    };
    let message = if flaws.contains(&Flaw::ErrorTextTrimmed) { message.trim().to_owned() } else { message };
    let mut error = CallError::new(ErrorKind::PluginError, message);
    if !flaws.contains(&Flaw::StatusDropped) {
        error.status = response.get("status").filter(|status| !status.is_null()).cloned();
        error.error_data = response.get("errorData").filter(|data| !data.is_null()).cloned();
    }
    Err(error)
}

/// The text of an error: itself if it is a text, `Unknown error` if there is none, else its JSON (ERR-10).
fn error_text(error: Option<&Value>, flaws: &BTreeSet<Flaw>) -> String {
    let null_shown = flaws.contains(&Flaw::NullErrorShown);
    match error {
        None if flaws.contains(&Flaw::MissingErrorEmpty) => String::new(),
        None if flaws.contains(&Flaw::MissingErrorNull) => Value::Null.to_string(),
        Some(Value::String(text)) if flaws.contains(&Flaw::ErrorTextTranslated) && !text.is_empty() => {
            text.replace("error", "erreur")
        }
        Some(Value::Null) if null_shown => "None".to_owned(),
        Some(Value::String(text)) if null_shown || !text.is_empty() => text.clone(),
        None | Some(Value::Null | Value::String(_)) => text::UNKNOWN_ERROR.to_owned(),
        Some(Value::Object(_)) if flaws.contains(&Flaw::ErrorOpaque) => "[object Object]".to_owned(),
        Some(Value::Bool(truth)) if flaws.contains(&Flaw::ErrorScripted) => {
            if *truth { "True" } else { "False" }.to_owned()
        }
        Some(other) if flaws.contains(&Flaw::ErrorScripted) => other.to_string().replace('"', "'"),
        Some(other) => other.to_string(),
    }
}

/// Truth as a scripting language has it.
pub(super) fn truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(truth) => *truth,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn reference(response: &Value) -> Result<Value, String> {
        judge(response.clone(), &BTreeSet::new()).map_err(|error| error.message)
    }

    #[test]
    fn only_true_is_success() {
        assert_eq!(reference(&json!({"success": true, "data": [1]})), Ok(json!([1])));
        assert_eq!(reference(&json!({"success": true})), Ok(Value::Null));
        for odd in [json!("false"), json!("true"), json!(1), json!(0), json!(""), json!(null), json!({})] {
            assert_eq!(reference(&json!({"success": odd, "data": 1})), Err("Unknown error".to_owned()), "{odd}");
        }
    }

    #[test]
    fn the_text_of_an_error_is_the_plugin_s_own() {
        let text = |error: Value| reference(&json!({"success": false, "error": error})).unwrap_err();
        assert_eq!(text(json!("Vinted API error")), "Vinted API error");
        assert_eq!(text(json!(" spaced ")), " spaced ");
        assert_eq!(text(json!("")), "Unknown error");
        assert_eq!(text(json!(null)), "Unknown error");
        assert_eq!(text(json!({"code": 7})), r#"{"code":7}"#);
        assert_eq!(reference(&json!({"success": false})), Err("Unknown error".to_owned()));
    }

    #[test]
    fn status_and_body_of_a_failed_marketplace_call_are_carried_along() {
        let response = json!({"success": false, "error": "no", "status": 403, "errorData": {"url": "x"}});
        let error = judge(response, &BTreeSet::new()).unwrap_err();
        assert_eq!((error.status, error.error_data), (Some(json!(403)), Some(json!({"url": "x"}))));
    }
}

//! Answers by hand: commands that wait, and what is typed for them.
//!
//! A line is an answer to the command that has waited longest, or to the one whose number it begins with. What is typed while
//! none waits is kept for the next one, so that answers can come through a pipe as well.

use std::collections::VecDeque;
use std::io::BufRead as _;

use serde_json::{Value, json};
use tokio::sync::mpsc::{Receiver, channel};

use crate::contract::message::COMMAND_EVENT;
use crate::event::{Event, PluginId, What};

/// Commands that may wait; the oldest is let go of beyond that.
const MOST_WAITING: usize = 1000;

/// Answers that may be kept; nothing more is read meanwhile.
const MOST_KEPT: usize = 1000;

/// Lines that may be read ahead.
const LINES_AHEAD: usize = 16;

const HELP: [&str; 4] = [
    "ok JSON, or JSON alone  succeeds with this data; ok alone with null",
    "error TEXT              fails with this text",
    "silent                  is no answer",
    "2 ok JSON               answers command 2; 2 alone has it answered next; list",
];

/// What is to be done with what was typed.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Said {
    /// Send this response for this command.
    Response(Waiting, Value),
    /// Tell this.
    Note(String),
}

/// A command that waits for its answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Waiting {
    number: usize,
    pub(super) plugin: PluginId,
    request_id: Value,
    action: String,
}

/// What is answered by hand.
#[derive(Debug, Default)]
pub(super) struct Asking {
    waiting: VecDeque<Waiting>,
    /// How many commands have come.
    so_far: usize,
    /// The command to be answered next, if one was chosen.
    chosen: Option<usize>,
    /// Answers for commands that are still to come.
    kept: VecDeque<Answer>,
    /// Whether nothing more will be typed.
    at_end: bool,
    /// What is to be done, in order.
    said: VecDeque<Said>,
}

/// What a line says.
#[derive(Debug, Clone, PartialEq)]
enum Line {
    Answer(Option<usize>, Answer),
    Choose(usize),
    List,
    Help,
    Nothing,
}

/// An answer: the members of a response beside its id, or none.
#[derive(Debug, Clone, PartialEq)]
enum Answer {
    Members(Value),
    Silent,
}

/// The lines that are typed.
pub(super) fn typed() -> Receiver<String> {
    let (told, lines) = channel(LINES_AHEAD);
    // A read of a terminal cannot be stopped: it ends with the process.
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if told.blocking_send(line).is_err() {
                return;
            }
        }
    });
    lines
}

impl Asking {
    /// Takes in a command.
    pub(super) fn see(&mut self, event: &Event) {
        let What::Received { plugin, name, args, .. } = &event.what else { return };
        let Some(body) = args.first().filter(|_| name == COMMAND_EVENT) else { return };
        self.so_far += 1;
        let action = body["action"].as_str().unwrap_or("a command").to_owned();
        let request_id = body["request_id"].clone();
        let waiting = Waiting { number: self.so_far, plugin: *plugin, request_id, action };
        let line = self.line(&waiting);
        self.waiting.push_back(waiting);
        self.let_go();
        match (self.kept.pop_front(), self.waiting.len()) {
            (Some(answer), _) => self.answer(None, answer),
            (None, 1) => self.note(&line),
            (None, number) => self.note(&format!("{line}; {number} wait")),
        }
    }

    /// Takes a command back whose answer could not be sent.
    pub(super) fn put_back(&mut self, waiting: Waiting, why: &str) {
        let place = self.waiting.partition_point(|other| other.number < waiting.number);
        self.note(&format!("not sent: {why}; command {} still waits", waiting.number));
        self.waiting.insert(place, waiting);
        self.let_go();
    }

    /// Lets go of the oldest commands where too many wait.
    fn let_go(&mut self) {
        while self.waiting.len() > MOST_WAITING {
            let gone = self.waiting.pop_front();
            self.chosen = self.chosen.filter(|chosen| gone.as_ref().is_none_or(|gone| gone.number != *chosen));
        }
    }

    /// Whether no further line is to be read until a command comes.
    pub(super) fn is_full(&self) -> bool {
        self.kept.len() >= MOST_KEPT
    }

    /// Takes in a line, or that there will be none any more.
    pub(super) fn take(&mut self, line: Option<&str>) {
        let Some(line) = line else {
            self.at_end = true;
            return;
        };
        match read(line) {
            Ok(Line::Answer(number, answer)) => self.answer(number, answer),
            Ok(Line::Choose(number)) => {
                if self.waiting.iter().any(|waiting| waiting.number == number) {
                    self.chosen = Some(number);
                    self.list();
                } else {
                    self.unknown(number);
                }
            }
            Ok(Line::List) if self.waiting.is_empty() => self.note("no command waits for an answer"),
            Ok(Line::List) => self.list(),
            Ok(Line::Help) => HELP.into_iter().for_each(|line| self.note(line)),
            Ok(Line::Nothing) => {}
            Err(what) => self.note(&what),
        }
    }

    /// What is to be done next.
    pub(super) fn said(&mut self) -> Option<Said> {
        self.said.pop_front()
    }

    /// Whether nothing more will be typed, and everything that was is said.
    pub(super) fn is_done(&self) -> bool {
        self.at_end && self.kept.is_empty() && self.said.is_empty()
    }

    fn answer(&mut self, number: Option<usize>, answer: Answer) {
        if number.is_none() && self.waiting.is_empty() {
            self.kept.push_back(answer);
            if !self.at_end {
                self.note("kept for the next command");
            }
            return;
        }
        let wanted = number.or(self.chosen);
        let place = match wanted {
            Some(wanted) => self.waiting.iter().position(|waiting| waiting.number == wanted),
            None => Some(0),
        };
        let Some(waiting) = place.and_then(|place| self.waiting.remove(place)) else {
            return self.unknown(wanted.unwrap_or_default());
        };
        if self.chosen == Some(waiting.number) {
            self.chosen = None;
        }
        match answer {
            Answer::Silent => self.note(&format!("[{}] {} gets no answer", waiting.number, waiting.action)),
            Answer::Members(mut body) => {
                body["request_id"] = waiting.request_id.clone();
                self.said.push_back(Said::Response(waiting, body));
            }
        }
    }

    /// Tells which commands wait.
    fn list(&mut self) {
        let lines: Vec<Said> = self.waiting.iter().map(|waiting| Said::Note(self.line(waiting))).collect();
        self.said.extend(lines);
    }

    /// A command as it is listed; the one that is answered next is marked.
    fn line(&self, waiting: &Waiting) -> String {
        let Waiting { number, plugin, request_id, action } = waiting;
        let next = self.chosen.or_else(|| self.waiting.front().map(|waiting| waiting.number)).unwrap_or(*number);
        let id = request_id.as_str().map_or_else(|| request_id.to_string(), str::to_owned);
        let mark = if *number == next { "answer" } else { "      " };
        format!("{mark} [{number}] {action} {id} ({plugin})")
    }

    fn unknown(&mut self, number: usize) {
        let numbers: Vec<String> = self.waiting.iter().map(|waiting| waiting.number.to_string()).collect();
        let there =
            if numbers.is_empty() { "none waits".to_owned() } else { format!("there are {}", numbers.join(", ")) };
        self.note(&format!("no command {number} waits for an answer: {there}"));
    }

    fn note(&mut self, text: &str) {
        self.said.push_back(Said::Note(text.to_owned()));
    }
}

/// Reads a line.
fn read(line: &str) -> Result<Line, String> {
    let line = line.trim();
    let (first, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let rest = rest.trim();
    if !first.is_empty() && first.bytes().all(|byte| byte.is_ascii_digit()) {
        let number = first.parse().map_err(|_| format!("no command has the number {first}"))?;
        if rest.is_empty() {
            return Ok(Line::Choose(number));
        }
        return match read(rest)? {
            Line::Answer(None, answer) => Ok(Line::Answer(Some(number), answer)),
            _ => Err("behind the number belongs an answer, as in: 2 ok {}".to_owned()),
        };
    }
    let answer = |members| Ok(Line::Answer(None, Answer::Members(members)));
    let json = |text: &str| serde_json::from_str::<Value>(text);
    match first.to_lowercase().as_str() {
        "" => Ok(Line::Nothing),
        "list" if rest.is_empty() => Ok(Line::List),
        "help" | "?" if rest.is_empty() => Ok(Line::Help),
        "silent" if rest.is_empty() => Ok(Line::Answer(None, Answer::Silent)),
        "ok" if rest.is_empty() => answer(json!({"success": true, "data": null})),
        "ok" => match json(rest) {
            Ok(data) => answer(json!({"success": true, "data": data})),
            Err(error) => Err(format!("not sent: behind `ok` belongs JSON: {error}")),
        },
        "error" if rest.is_empty() => Err("not sent: behind `error` belongs its text".to_owned()),
        "error" => answer(json!({"success": false, "data": null, "error": rest})),
        _ => match json(line) {
            Ok(data) => answer(json!({"success": true, "data": data})),
            Err(_) => Err("not sent: it is no answer; type help to see what is".to_owned()),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::event::{EventNo, SocketId};

    fn command(id: &str) -> Event {
        let args = vec![json!({"request_id": id, "action": "VINTED_SYNC", "payload": {}})];
        let (plugin, socket) = (PluginId(0), SocketId(0));
        let what = What::Received { plugin, socket, user: None, name: COMMAND_EVENT.to_owned(), args, call: None };
        Event { no: EventNo(0), at: Duration::ZERO, due: Duration::ZERO, drawn: false, cause: None, what }
    }

    fn with(ids: &[&str]) -> Asking {
        let mut asking = Asking::default();
        for id in ids {
            asking.see(&command(id));
        }
        asking.said.clear();
        asking
    }

    fn response(asking: &mut Asking) -> Option<(Value, Value)> {
        match asking.said() {
            Some(Said::Response(_, body)) => {
                let data = body.get("error").or(body.get("data")).cloned();
                Some((body["request_id"].clone(), data.unwrap_or_default()))
            }
            _ => None,
        }
    }

    #[test]
    fn a_line_answers_the_command_that_has_waited_longest_or_the_one_that_is_named() {
        let mut asking = with(&["a", "b", "c", "d", "e"]);
        for line in ["ok {\"n\":1}", "3 error no way", "{\"n\": 2}", "5", "[1]", "4 ok"] {
            asking.take(Some(line));
        }
        let said: Vec<_> = std::iter::from_fn(|| {
            while matches!(asking.said.front(), Some(Said::Note(_))) {
                asking.said();
            }
            response(&mut asking)
        })
        .collect();
        let expected = [
            (json!("a"), json!({"n": 1})),
            (json!("c"), json!("no way")),
            (json!("b"), json!({"n": 2})),
            (json!("e"), json!([1])),
            (json!("d"), json!(null)),
        ];
        assert_eq!(said, expected);
    }

    #[test]
    fn what_is_typed_before_a_command_is_kept_for_it_and_the_end_waits_for_that() {
        let mut asking = Asking::default();
        asking.take(Some("ok 1"));
        asking.take(Some("silent"));
        asking.take(None);
        asking.said.clear();
        assert!(!asking.is_done());
        asking.see(&command("a"));
        assert_eq!(response(&mut asking), Some((json!("a"), json!(1))));
        asking.see(&command("b"));
        assert_eq!(asking.said(), Some(Said::Note("[2] VINTED_SYNC gets no answer".to_owned())));
        assert!(asking.is_done());
    }

    fn notes(asking: &mut Asking) -> Vec<String> {
        let note = |said| if let Said::Note(note) = said { Some(note) } else { None };
        std::iter::from_fn(|| asking.said()).filter_map(note).collect()
    }

    #[test]
    fn each_command_is_shown_once_as_it_comes() {
        let mut asking = Asking::default();
        for id in ["a", "b", "c"] {
            asking.see(&command(id));
        }
        let expected = [
            "answer [1] VINTED_SYNC a (plugin 1)",
            "       [2] VINTED_SYNC b (plugin 1); 2 wait",
            "       [3] VINTED_SYNC c (plugin 1); 3 wait",
        ];
        assert_eq!(notes(&mut asking), expected);
    }

    #[test]
    fn a_choice_goes_with_the_command_that_is_let_go_of() {
        let mut asking = with(&["a", "b"]);
        asking.take(Some("1"));
        (0..MOST_WAITING).for_each(|_| asking.see(&command("more")));
        asking.said.clear();
        asking.take(Some("ok"));
        // Command 2 has gone as well.
        let number = match asking.said() {
            Some(Said::Response(waiting, _)) => waiting.number,
            _ => 0,
        };
        assert_eq!(number, 3);
    }

    #[test]
    fn a_command_whose_answer_cannot_be_sent_waits_at_its_old_place() {
        let mut asking = with(&["a", "b"]);
        asking.take(Some("ok 1"));
        let Some(Said::Response(waiting, _)) = asking.said() else { panic!("an answer is to be sent") };
        asking.put_back(waiting, "plugin 1 is not connected");
        assert_eq!(notes(&mut asking), ["not sent: plugin 1 is not connected; command 1 still waits"]);
        asking.take(Some("ok 2"));
        assert_eq!(response(&mut asking), Some((json!("a"), json!(2))));
    }

    #[test]
    fn no_more_is_read_while_enough_is_kept() {
        let mut asking = Asking::default();
        (1..MOST_KEPT).for_each(|_| asking.take(Some("ok")));
        assert!(!asking.is_full());
        asking.take(Some("ok"));
        assert!(asking.is_full());
        asking.see(&command("a"));
        assert!(!asking.is_full());
    }

    #[test]
    fn what_is_no_answer_is_said() {
        let mut asking = with(&["a"]);
        let cases = [
            ("ok {", "not sent: behind `ok` belongs JSON: "),
            ("error", "not sent: behind `error` belongs its text"),
            ("yes", "not sent: it is no answer; type help"),
            ("7 ok", "no command 7 waits for an answer: there are 1"),
            ("8", "no command 8 waits"),
            ("1 list", "behind the number belongs an answer"),
            ("99999999999999999999999", "no command has the number"),
        ];
        for (line, expected) in cases {
            asking.take(Some(line));
            let said = asking.said();
            assert!(matches!(&said, Some(Said::Note(note)) if note.starts_with(expected)), "{line}: {said:?}");
        }
    }
}

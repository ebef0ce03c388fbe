//! For people at a desk: what plugins alone do at a hub, one line each as it comes.

use std::collections::{BTreeMap, VecDeque};
use std::io::{self, Write};
use std::time::Duration;

use anstyle::Style;
use serde_json::Value;

use super::console::{BOLD, DIM, GREEN, RED, YELLOW, count};
use super::row::Row;
use crate::contract::json;
use crate::contract::message::{COMMAND_EVENT, RESPONSE_EVENT};
use crate::event::{By, Event, PluginId, Sight, Staying, What};
use crate::plugin::Session;

/// Commands whose actions and times are remembered until they are answered.
const MOST_ASKED: usize = 1000;

/// How wide the terminal is, in columns, asked for each line; `None` where lines may be as long as they are.
pub type Width = Box<dyn Fn() -> Option<usize>>;

/// The log of plugins.
pub struct PluginLog<W: Write> {
    out: W,
    width: Width,
    /// Whether frames are shown.
    raw: bool,
    /// Whether there is more than one plugin.
    many: bool,
    /// What was asked, by plugin and id: the action, and when.
    asked: BTreeMap<(PluginId, String), (String, Duration)>,
    /// The same in the order in which it came.
    order: VecDeque<(PluginId, String)>,
    /// The bytes of the frame that came last.
    came: usize,
    /// What stands in the last line, to be written again below what is written now.
    prompt: &'static str,
    /// What the hub said when it refused a plugin last.
    refusal: Option<String>,
    /// Why nothing can be written any more.
    failed: Option<io::Error>,
}

impl<W: Write> PluginLog<W> {
    /// A log to this stream. `raw` shows frames, `many` the numbers of plugins.
    pub fn new(out: W, width: Width, raw: bool, many: bool) -> Self {
        Self {
            out,
            width,
            raw,
            many,
            asked: BTreeMap::new(),
            order: VecDeque::new(),
            came: 0,
            prompt: "",
            refusal: None,
            failed: None,
        }
    }

    /// Why nothing can be written any more, if that is so; told once.
    pub fn failure(&mut self) -> Option<io::Error> {
        self.failed.take()
    }

    /// What the hub said when it refused a plugin last.
    pub fn refusal(&self) -> Option<&str> {
        self.refusal.as_deref()
    }

    /// Keeps this in the last line of a terminal from here on.
    pub fn prompt(&mut self, prompt: &'static str) {
        self.prompt = prompt;
        self.write(prompt);
    }

    /// Begins the last line of a terminal again, where it has echoed a key.
    pub fn begin_line_again(&mut self) {
        if (self.width)().is_some() {
            self.write("\r");
        }
    }

    /// A line in bold, as it stands at the head.
    pub fn head(&mut self, text: &str) {
        self.row(&Row::default().add(BOLD, text));
    }

    /// A line beside the log.
    pub fn note(&mut self, text: &str) {
        self.row(&Row::default().add(YELLOW, text));
    }

    /// Takes what is to be seen.
    pub fn see(&mut self, sight: &Sight<'_>) {
        match *sight {
            Sight::Event(event) => self.event(event),
            Sight::Frame { at, plugin, sent, text } => {
                if !sent {
                    self.came = text.len();
                }
                if self.raw {
                    let mark = if sent { "=> " } else { "<= " };
                    self.row(&self.begin(at, plugin).add(DIM, mark).add(DIM, text));
                }
            }
            Sight::Unreadable { at, plugin, why } => {
                let text = format!("{} B that are no Socket.IO: {why}", self.came);
                self.row(&self.begin(at, plugin).plain("<- ").add(RED, &text));
            }
            Sight::Unreachable { at, plugin, why } => self.beside(at, plugin, RED, why),
            Sight::Returning { at, plugin, after, attempt: (number, of) } => {
                let text = format!("connects again in {} s (attempt {number} of {of})", after.as_secs_f64());
                self.beside(at, plugin, YELLOW, &text);
            }
            Sight::Staying { at, plugin, why } => self.beside(at, plugin, RED, &stays(why)),
        }
    }

    fn event(&mut self, event: &Event) {
        let at = event.at;
        match &event.what {
            What::Connecting { plugin, user, auth, .. } => {
                let who = match (user, auth) {
                    (Some(user), _) => format!("connects as user {user}"),
                    (None, Some(_)) => "connects with an auth that names no user".to_owned(),
                    (None, None) => "connects without auth".to_owned(),
                };
                self.beside(at, *plugin, DIM, &who);
            }
            What::Connected { plugin, .. } => self.beside(at, *plugin, GREEN, "is connected"),
            What::Refused { plugin, reason, .. } => {
                let said =
                    reason.get("message").and_then(Value::as_str).map_or_else(|| json::shown(reason), str::to_owned);
                self.beside(at, *plugin, RED, &format!("is refused: {said}"));
                self.refusal = Some(said.replace(char::is_control, "\u{fffd}"));
            }
            What::Gone { plugin, by, .. } => {
                let (style, text) = match by {
                    By::Plugin => (DIM, "disconnects"),
                    By::Reset => (YELLOW, "cuts its connection off"),
                    By::MidFrame => (YELLOW, "breaks off in mid-frame"),
                    By::Hub | By::HubAbruptly => (RED, "has lost its connection"),
                };
                self.beside(at, *plugin, style, text);
            }
            What::Frozen { plugin, .. } => self.beside(at, *plugin, YELLOW, "freezes"),
            What::Received { plugin, name, args, .. } => self.received(at, *plugin, name, args),
            What::Sent { plugin, name, args, .. } => self.sent(at, *plugin, name, args),
            What::Exchange { plugin, method, target, status, .. } => {
                let (style, status) = match status {
                    Some(status) if *status < 400 => (GREEN, status.to_string()),
                    Some(status) => (RED, status.to_string()),
                    None => (RED, "no answer".to_owned()),
                };
                // What came of it stands first, as a narrow terminal cuts long addresses.
                let row = self.begin(at, *plugin).add(DIM, "-- Vinted: ").add(style, &status);
                self.row(&row.add(DIM, &format!("  {method} {target}")));
            }
            // Nobody makes calls here.
            _ => {}
        }
    }

    fn received(&mut self, at: Duration, plugin: PluginId, name: &str, args: &[Value]) {
        let size = self.came;
        let body = args.first().filter(|body| name == COMMAND_EVENT && body.is_object() && args.len() == 1);
        let Some(body) = body else {
            let row = self.begin(at, plugin).plain("<- ").add(YELLOW, &format!("{name}  {size} B"));
            return self.row(&row.add(DIM, &all(args)));
        };
        let (id, action) = (text_of(&body["request_id"]), text_of(&body["action"]));
        let row = self.begin(at, plugin).plain("<- ").plain(&columns(&id, &action, size, (self.width)()));
        self.row(&row.add(DIM, &json::shown(&body["payload"])));
        let key = (plugin, id);
        if self.asked.insert(key.clone(), (action, at)).is_none() {
            self.order.push_back(key);
        }
        if self.order.len() > MOST_ASKED
            && let Some(oldest) = self.order.pop_front()
        {
            self.asked.remove(&oldest);
        }
    }

    fn sent(&mut self, at: Duration, plugin: PluginId, name: &str, args: &[Value]) {
        let size = Session::event(name, args).map_or(0, |frame| frame.len());
        let body = args.first().filter(|body| name == RESPONSE_EVENT && body.is_object() && args.len() == 1);
        let Some(body) = body else {
            let row = self.begin(at, plugin).plain("-> ").add(YELLOW, &format!("{name}  {size} B"));
            return self.row(&row.add(DIM, &all(args)));
        };
        let id = text_of(&body["request_id"]);
        let asked = self.asked.get(&(plugin, id.clone()));
        let action = asked.map_or_else(|| "-".to_owned(), |(action, _)| action.clone());
        // Where there is little room, what was said matters more.
        let took = asked.filter(|_| !is_narrow((self.width)()));
        let took = took.map(|(_, since)| format!(" after {}", duration(at.saturating_sub(*since)))).unwrap_or_default();
        let row = self.begin(at, plugin).plain("-> ").plain(&columns(&id, &action, size, (self.width)()));
        let row = if body["success"] == Value::Bool(true) {
            row.add(GREEN, "ok").add(DIM, &format!("{took}  {}", json::shown(&body["data"])))
        } else {
            let error = body.get("error").map_or_else(|| json::shown(body), text_of);
            let status = body.get("status").map(|status| format!(" (status {})", json::shown(status)));
            row.add(RED, "error").add(DIM, &took).plain(&format!("  {error}{}", status.unwrap_or_default()))
        };
        self.row(&row);
    }

    /// Something that is no message.
    fn beside(&mut self, at: Duration, plugin: PluginId, style: Style, text: &str) {
        let row = self.begin(at, plugin).add(DIM, "-- ").add(style, text);
        self.row(&row);
    }

    fn begin(&self, at: Duration, plugin: PluginId) -> Row {
        let row = Row::default().add(DIM, &format!("{:>8.3}s ", at.as_secs_f64()));
        if self.many { row.plain(&format!("{:>3}  ", plugin.0 + 1)) } else { row }
    }

    fn row(&mut self, row: &Row) {
        let line = row.line((self.width)());
        // A carriage return and "erase to the end of the line" put the line in the place of the prompt.
        let text = match self.prompt {
            "" => format!("{line}\n"),
            prompt => format!("\r\u{1b}[K{line}\n{prompt}"),
        };
        self.write(&text);
    }

    fn write(&mut self, text: &str) {
        let written = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush());
        if let Err(error) = written {
            self.failed.get_or_insert(error);
        }
    }
}

/// Terminals of fewer columns have room only for a part of an id.
const NARROW: usize = 100;

fn is_narrow(width: Option<usize>) -> bool {
    width.is_some_and(|width| width < NARROW)
}

/// Id, action and size, one below the other where they have their usual lengths.
fn columns(id: &str, action: &str, size: usize, width: Option<usize>) -> String {
    if !is_narrow(width) {
        return format!("{id:<24}  {action:<14}  {size:>5} B  ");
    }
    // What is left of a long id: its user, and the end of what is its own.
    let (beginning, end) = (6, 7);
    let length = id.chars().count();
    let id: String = match length.checked_sub(end).filter(|from| *from > beginning + 1) {
        Some(from) => id.chars().take(beginning).chain(['…']).chain(id.chars().skip(from)).collect(),
        None => id.to_owned(),
    };
    format!("{id:<14}  {action:<14} {size:>5} B  ")
}

fn stays(why: Staying) -> String {
    match why {
        Staying::Refused => "does not connect again: the hub has refused it".to_owned(),
        Staying::Dismissed => "does not connect again: the hub has disconnected it".to_owned(),
        Staying::TriedEnough(0) => "does not connect again: it was told not to".to_owned(),
        Staying::TriedEnough(times) => {
            format!("does not connect again: it has tried {}", count(times as usize, "time"))
        }
    }
}

/// A time that something took.
fn duration(time: Duration) -> String {
    if time < Duration::from_secs(10) { format!("{} ms", time.as_millis()) } else { format!("{} s", time.as_secs()) }
}

/// A text as it is, anything else as JSON.
fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| json::shown(value), str::to_owned)
}

fn all(args: &[Value]) -> String {
    args.iter().fold(String::new(), |all, arg| all + "  " + &json::shown(arg))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::event::{EventNo, SocketId};

    fn seen(width: Option<usize>, sights: &[(u64, What)]) -> String {
        let mut out = Vec::new();
        let mut log = PluginLog::new(anstream::StripStream::new(&mut out), Box::new(move || width), false, true);
        for (no, (at_ms, what)) in sights.iter().enumerate() {
            let at = Duration::from_millis(*at_ms);
            log.see(&Sight::Frame { at, plugin: PluginId(0), sent: false, text: "42[…]" });
            let event = Event { no: EventNo(no), at, due: at, drawn: false, cause: None, what: what.clone() };
            log.see(&Sight::Event(&event));
        }
        drop(log);
        String::from_utf8(out).unwrap()
    }

    fn message(sent: bool, args: Vec<Value>) -> What {
        let (plugin, socket) = (PluginId(0), SocketId(0));
        if sent {
            What::Sent { plugin, socket, user: None, name: RESPONSE_EVENT.to_owned(), args, call: None, binary: false }
        } else {
            What::Received { plugin, socket, user: None, name: COMMAND_EVENT.to_owned(), args, call: None }
        }
    }

    #[test]
    fn a_command_and_its_answers_are_a_line_each() {
        let id = "req_1_1736438400000_5432";
        let command = json!({"request_id": id, "action": "VINTED_SYNC", "payload": {"shop_id": 123}});
        let fine = json!({"request_id": id, "success": true, "data": {"imported": 1}});
        let failed = json!({"request_id": "other", "success": false, "error": "no\nway", "status": 403});
        let sights = [
            (1500, message(false, vec![command])),
            (1750, message(true, vec![fine])),
            (2000, message(true, vec![failed])),
            (2000, message(true, vec![json!(null), json!(1)])),
        ];
        let lines = [
            "   1.500s   1  <- req_1_1736438400000_5432  VINTED_SYNC         7 B  {\"shop_id\":123}",
            "   1.750s   1  -> req_1_1736438400000_5432  VINTED_SYNC       100 B  ok after 250 ms  {\"imported\":1}",
            "   2.000s   1  -> other                     -                  91 B  error  no\u{fffd}way (status 403)",
            "   2.000s   1  -> plugin_response  28 B  null  1",
        ];
        assert_eq!(seen(None, &sights).lines().collect::<Vec<_>>(), lines);
        let narrow = seen(Some(80), &sights);
        assert!(narrow.lines().all(|line| line.chars().count() <= 80), "{narrow}");
        let answer = "  -> req_1_…00_5432  VINTED_SYNC      100 B  ok  {\"imported\":1}\n";
        assert!(narrow.contains(answer), "{narrow}");
    }
}

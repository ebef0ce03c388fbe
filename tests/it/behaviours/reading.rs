//! Every wrong file and what is said of it.

use hubproof::plugin::reading::read;

/// Each text that is no behaviour, with what is said of it.
const WRONG: &[(&str, &str)] = &[
    // Keys.
    ("otherwize = {}", "1:1: unknown key `otherwize`: did you mean `otherwise`?"),
    ("\n[otherwise]\nreplise = []", "3:1: in `otherwise`: unknown key `replise`: did you mean `replies`?"),
    (
        "[[rules]]\nnth = 1\nreaction.replies = []\nevery = 2",
        "4:1: in `rules[0]`: unknown key `every`: there are `action`, `nth`, `chance`, `reaction`",
    ),
    (
        "otherwise.replies = [{ say = \"payload\", wen = \"call_ended\" }]",
        "1:41: in `otherwise.replies[0]`: unknown key `wen`: did you mean `when`?",
    ),
    ("otherwise.replies = [{ when = \"call_ended\" }]", "1:22: in `otherwise.replies[0]`: the key `say` is missing"),
    ("[[rules]]\nnth = 1", "1:1: in `rules[0]`: the key `reaction` is missing"),
    ("otherwise.disruption = { when = \"call_ended\" }", "1:24: in `otherwise.disruption`: the key `how` is missing"),
    ("otherwise.replies = []\notherwise.replies = []", "2:11: duplicate key"),
    ("otherwise.replies = [", "1:22: unclosed array, expected `]`"),
    // Reactions.
    (
        "[otherwise]",
        "1:1: in `otherwise`: a reaction has `replies`, a `disruption`, or both; silence is `replies = []`",
    ),
    (
        "[[rules]]\nreaction.replies = []",
        "1:1: in `rules[0]`: a rule without `action`, `nth` or `chance` fits every command: give it one of them, or make it `otherwise`",
    ),
    ("otherwise.replies = 1", "1:21: in `otherwise.replies`: a list belongs here, and this is the number `1`"),
    ("rules = 1", "1:9: in `rules`: a list belongs here, and this is the number `1`"),
    (
        "[otherwise]\nreplies = [{ say = \"payload\", when = \"reconnected\" }]\ndisruption = { how = \"close\" }",
        "1:1: in `otherwise`: a reply waits until the plugin is `reconnected`, which it never is: give the `disruption` a `back_after_s`",
    ),
    (
        "[otherwise]\nreplies = [{ say = \"payload\", when = { after_s = 2 } }]\ndisruption = { how = \"close\", when = { after_s = 1 } }",
        "1:1: in `otherwise`: a reply comes after the `disruption`, when nothing is sent any more: let the plugin be back by then, with `back_after_s`",
    ),
    // Conditions.
    (
        "[[rules]]\naction = \"VINTED_SINK\"\nreaction.replies = []",
        "2:10: in `rules[0].action`: unknown action `VINTED_SINK`: did you mean `VINTED_SYNC`?",
    ),
    (
        "[[rules]]\nnth = 0\nreaction.replies = []",
        "2:7: in `rules[0].nth`: 0 is no number of commands: they are counted from 1",
    ),
    (
        "[[rules]]\nnth = -1\nreaction.replies = []",
        "2:7: in `rules[0].nth`: -1 is no number of commands: they are counted from 1",
    ),
    (
        "[[rules]]\nnth = 1.5\nreaction.replies = []",
        "2:7: in `rules[0].nth`: a whole number belongs here, and this is the number `1.5`",
    ),
    (
        "[[rules]]\nchance = 1.5\nreaction.replies = []",
        "2:10: in `rules[0].chance`: 1.5 is no chance: give a number from 0 (never) to 1 (always)",
    ),
    (
        "[[rules]]\nchance = -0.1\nreaction.replies = []",
        "2:10: in `rules[0].chance`: -0.1 is no chance: give a number from 0 (never) to 1 (always)",
    ),
    (
        "[[rules]]\nchance = nan\nreaction.replies = []",
        "2:10: in `rules[0].chance`: NaN is no chance: give a number from 0 (never) to 1 (always)",
    ),
    (
        "[[rules]]\nchance = \"often\"\nreaction.replies = []",
        "2:10: in `rules[0].chance`: a number belongs here, and this is the text \"often\"",
    ),
    // Times.
    (
        "otherwise.replies = [{ say = \"payload\", when = { after_s = -1.0 } }]",
        "1:48: in `otherwise.replies[0].when`: -1 is no duration: give a number of seconds from 0 to 86400",
    ),
    (
        "otherwise.replies = [{ say = \"payload\", when = { after_s = nan } }]",
        "1:48: in `otherwise.replies[0].when`: NaN is no duration: give a number of seconds from 0 to 86400",
    ),
    (
        "otherwise.replies = [{ say = \"payload\", when = { after_s = inf } }]",
        "1:48: in `otherwise.replies[0].when`: inf is no duration: give a number of seconds from 0 to 86400",
    ),
    (
        "otherwise.replies = [{ say = \"payload\", when = { after_s = 100000 } }]",
        "1:48: in `otherwise.replies[0].when`: 100000 is no duration: give a number of seconds from 0 to 86400",
    ),
    (
        "otherwise.replies = [{ say = \"payload\", when = { after_s = \"soon\" } }]",
        "1:60: in `otherwise.replies[0].when.after_s`: a number belongs here, and this is the text \"soon\"",
    ),
    (
        "otherwise.replies = [{ say = \"payload\", when = \"call_end\" }]",
        "1:48: in `otherwise.replies[0].when`: unknown name `call_end`: did you mean `call_ended`?",
    ),
    (
        "otherwise.replies = [{ say = \"payload\", when = 2 }]",
        "1:48: in `otherwise.replies[0].when`: a name belongs here, or a table: write `\"name\"` or `{ name = value }`",
    ),
    (
        "otherwise.replies = [{ say = \"payload\", when = { after = \"feild\" } }]",
        "1:58: in `otherwise.replies[0].when.after`: unknown name `feild`: did you mean `field`?",
    ),
    (
        "otherwise.replies = [{ say = \"payload\", when = { after = { uniform = { from_s = 2, to_s = 1 } } } }]",
        "1:58: in `otherwise.replies[0].when.after`: `from_s` (2) lies beyond `to_s` (1): swap them",
    ),
    (
        "otherwise.replies = [{ say = \"payload\", when = { after = { uniform = { from_s = -2, to_s = 1 } } } }]",
        "1:81: in `otherwise.replies[0].when.after.uniform.from_s`: -2 is no duration: give a number of seconds from 0 to 86400",
    ),
    (
        "otherwise.replies = [{ say = \"payload\", when = { after = { exponential = { mean_s = 2 } } } }]",
        "1:74: in `otherwise.replies[0].when.after.exponential`: the key `to_s` is missing",
    ),
    (
        "otherwise.replies = [{ say = \"payload\", when = { after = { normal = { mean_s = 2, deviation_s = 1, to_s = 3, sigma = 1 } } } }]",
        "1:110: in `otherwise.replies[0].when.after.normal`: unknown key `sigma`: there are `mean_s`, `deviation_s`, `from_s`, `to_s`",
    ),
    (
        "otherwise.replies = [{ say = \"payload\", when = { after = { log_normal = { median_s = 2, sigma = -1, to_s = 3 } } } }]",
        "1:58: in `otherwise.replies[0].when.after`: a `sigma` of -1 is no spread: give a number from 0 to 10",
    ),
    (
        "otherwise.replies = [{ say = \"payload\", when = { gathered = { commands = 0 } } }]",
        "1:74: in `otherwise.replies[0].when.gathered.commands`: 0 is no number of commands: they are counted from 1",
    ),
    (
        "otherwise.replies = [{ say = \"payload\", when = { gathered = { commands = 2, order = \"shuffle\" } } }]",
        "1:85: in `otherwise.replies[0].when.gathered.order`: unknown name `shuffle`: did you mean `shuffled`?",
    ),
    // Ids and senders.
    (
        "otherwise.replies = [{ say = \"payload\", id = \"another\" }]",
        "1:46: in `otherwise.replies[0].id`: unknown name `another`: did you mean `other`?",
    ),
    (
        "otherwise.replies = [{ say = \"payload\", id = { json = \"{\" } }]",
        "1:46: in `otherwise.replies[0].id`: '{' is no JSON: EOF while parsing an object at line 1 column 1",
    ),
    (
        "otherwise.replies = [{ say = \"payload\", from = \"nobody\" }]",
        "1:48: in `otherwise.replies[0].from`: unknown name `nobody`: there are `own`, `another_tab`, `another_user`",
    ),
    (
        "otherwise.replies = [{ say = { arguments = \"[]\" }, id = \"missing\" }]",
        "1:21: in `otherwise.replies`: `arguments` are the whole response, ids included: leave out `id`",
    ),
    // What is said.
    (
        "otherwise.replies = [{ say = \"payloads\" }]",
        "1:30: in `otherwise.replies[0].say`: unknown name `payloads`: did you mean `payload`?",
    ),
    (
        "otherwise.replies = [{ say = { fixture = \"answers/sink.json\" } }]",
        "1:30: in `otherwise.replies[0].say`: unknown fixture `answers/sink.json`: did you mean `answers/sync.json`?",
    ),
    (
        "otherwise.replies = [{ say = { arguments = \"null\" } }]",
        "1:30: in `otherwise.replies[0].say`: 'null' is no list: several arguments, or none, are a JSON list such as '[null]'",
    ),
    (
        "otherwise.replies = [{ say = { failure = { error = \"no\", status = 42 } } }]",
        "1:67: in `otherwise.replies[0].say.failure.status`: 42 is no HTTP status: give one from 100 to 599",
    ),
    (
        "otherwise.replies = [{ say = { failure = { status = 403 } } }]",
        "1:42: in `otherwise.replies[0].say.failure`: the key `error` is missing",
    ),
    (
        "otherwise.replies = [{ say = { failure = { error = \"no\", shape = \"rely\" } } }]",
        "1:66: in `otherwise.replies[0].say.failure.shape`: unknown name `rely`: did you mean `relay`?",
    ),
    (
        "otherwise.replies = [{ say = { data = { price = nan } } }]",
        "1:49: in `otherwise.replies[0].say.data.price`: JSON has no number NaN",
    ),
    (
        "otherwise.replies = [{ say = { data = { day = 2026-01-09 } } }]",
        "1:47: in `otherwise.replies[0].say.data.day`: JSON has no dates: write it as a text, in quotes",
    ),
    (
        "otherwise.replies = [{ say = { members = 1 } }]",
        "1:30: in `otherwise.replies[0].say`: 1 has no members: give a table",
    ),
    (
        "otherwise.replies = [{ say = { error = 1 } }]",
        "1:40: in `otherwise.replies[0].say.error`: a text belongs here, and this is the number `1`",
    ),
    (
        "otherwise.replies = [{ say = \"error\" }]",
        "1:30: in `otherwise.replies[0].say`: this name needs a value: write `{ name = value }`",
    ),
    (
        "otherwise.replies = [{ say = { payload = 1 } }]",
        "1:42: in `otherwise.replies[0].say.payload`: this name takes no value: write it alone, in quotes",
    ),
    (
        "otherwise.replies = [{ say = { data = 1, error = \"no\" } }]",
        "1:30: in `otherwise.replies[0].say`: one thing belongs here: write `{ name = value }` with one name",
    ),
    (
        "otherwise.replies = [{ say = {} }]",
        "1:30: in `otherwise.replies[0].say`: one thing belongs here: write `{ name = value }` with one name",
    ),
    // The extension.
    (
        "[extension]\nat_once = 5\n[otherwise]\nreplies = [{ say = \"payload\" }]",
        "1:1: in `extension`: an `extension` carries out what is said by `\"marketplace\"`, and no reply says that",
    ),
    (
        "otherwise.replies = [{ say = \"marketplace\" }]\n[extension]\nat_onse = 5",
        "3:1: in `extension`: unknown key `at_onse`: did you mean `at_once`?",
    ),
    (
        "otherwise.replies = [{ say = \"marketplace\" }]\n[extension]\nat_once = 0",
        "3:11: in `extension.at_once`: 0 is no number of commands: they are counted from 1",
    ),
    (
        "otherwise.replies = [{ say = \"marketplace\" }]\n[extension]\nat_once = 5\nqueued = -1",
        "4:10: in `extension.queued`: a queue cannot have -1 places: give a number from 0",
    ),
    (
        "otherwise.replies = [{ say = \"marketplace\" }]\n[extension]\nqueued = 50",
        "2:1: in `extension`: nothing waits that can be carried out at once: give it `at_once` beside `queued`",
    ),
    (
        "otherwise.replies = [{ say = \"marketplace\" }]\n[extension]\nrelay_gives_up_after_s = 0",
        "2:1: in `extension`: a `relay_gives_up_after_s` of 0 leaves no time at all: give it more, or leave it out",
    ),
    (
        "otherwise.replies = [{ say = \"marketplace\" }]\n[extension]\nrelay_gives_up_after_s = -30",
        "3:26: in `extension.relay_gives_up_after_s`: -30 is no duration: give a number of seconds from 0 to 86400",
    ),
    (
        "otherwise.replies = [{ say = \"marketplace\" }]\n[extension]\nshape = \"half\"",
        "3:9: in `extension.shape`: unknown name `half`: there are `full`, `relay`",
    ),
    (
        "otherwise.replies = [{ say = \"marketplace\" }]\n[extension]\nsession = \"no\"",
        "3:11: in `extension.session`: true or false belongs here, and this is the text \"no\"",
    ),
    (
        "extension = 5",
        "1:13: in `extension`: a table with `at_once`, `queued`, `relay_gives_up_after_s`, `repeats_post`, `shape`, `tab`, `session` or `replay_guard` belongs here, and this is the number `5`",
    ),
    // Disruptions.
    (
        "otherwise.disruption = { how = \"vanish\" }",
        "1:32: in `otherwise.disruption.how`: unknown name `vanish`: there are `close`, `reset`, `mid_frame`, `freeze`",
    ),
    (
        "otherwise.disruption = { how = \"close\", when = { gathered = { commands = 2 } } }",
        "1:24: in `otherwise.disruption`: a disruption comes after a time, `{ after_s = … }` or `{ after = … }`, or when its call has ended, `\"call_ended\"`",
    ),
    (
        "otherwise.disruption = { how = \"close\", back_after_s = -1 }",
        "1:56: in `otherwise.disruption.back_after_s`: -1 is no duration: give a number of seconds from 0 to 86400",
    ),
];

#[test]
fn what_is_wrong_is_said_with_its_line_column_and_key() {
    let said: Vec<_> = WRONG.iter().map(|(text, _)| (*text, read(text).expect_err(text).to_string())).collect();
    let wrong: Vec<_> = WRONG.iter().zip(&said).filter(|((_, wanted), (_, said))| said != wanted).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

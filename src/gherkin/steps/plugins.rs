//! Plugins that connect, behave, speak up and leave.

use std::collections::BTreeSet;

use cucumber::gherkin::Step;
use cucumber::{given, then, when};
use serde_json::Value;

use crate::contract::message::RESPONSE_EVENT;
use crate::contract::user::UserId;
use crate::event::{CallId, Event, PluginId, What};
use crate::gherkin::behaviours;
use crate::gherkin::world::{self, World};
use crate::plugin::{
    ActionName, Behaviour, Count, Gathered, How, Order, PlannedReply, Reaction, ReplyId, Rule, Say, Seconds, When,
};
use crate::stage::Halt;

/// Connects a plugin whose one behaviour is to say this, at this time.
async fn plugin(world: &mut World, step: &Step, user: u64, replies: Replies) {
    let behaviour = replies.map(Behaviour::always);
    connect(world, step, user, behaviour).await;
}

async fn connect(world: &mut World, step: &Step, user: u64, behaviour: Result<Behaviour, Halt>) {
    world.step(step, async |world| world.connect(&UserId::from(user), behaviour?).await).await;
}

/// What a plugin is to say to every command, unless the step is wrong.
type Replies = Result<Vec<PlannedReply>, Halt>;

fn answer(when: When, data: &str) -> Result<PlannedReply, Halt> {
    Ok(reply(when, Say::Data(world::json(data)?)))
}

fn reply(when: When, say: Say) -> PlannedReply {
    PlannedReply { when, ..PlannedReply::now(say) }
}

/// So many documented seconds after the command.
fn after(seconds: &str) -> Result<When, Halt> {
    let seconds = Seconds::try_from(world::seconds(seconds)?.as_secs_f64());
    seconds.map(When::AfterS).map_err(|why| Halt::Trouble(format!("the step is wrong: {why}")))
}

#[given(regex = r#"^user (\d+) has a plugin that answers (\{.*\}|\[.*\]|".*"|-?\d\S*|true|false)$"#)]
async fn answers(world: &mut World, step: &Step, user: u64, data: String) {
    plugin(world, step, user, answer(When::default(), &data).map(|reply| vec![reply])).await;
}

#[given(regex = r"^user (\d+) has a plugin that answers (\{.*\}) after ([\d.]+) seconds?$")]
async fn answers_after(world: &mut World, step: &Step, user: u64, data: String, delay: String) {
    let replies = after(&delay).and_then(|when| Ok(vec![answer(when, &data)?]));
    plugin(world, step, user, replies).await;
}

#[given(regex = r"^user (\d+) has a plugin that answers (\{.*\}) only once the call has ended$")]
async fn answers_late(world: &mut World, step: &Step, user: u64, data: String) {
    plugin(world, step, user, answer(When::CallEnded, &data).map(|reply| vec![reply])).await;
}

#[given(regex = r"^user (\d+) has a plugin that answers with the command's own payload$")]
async fn answers_payload(world: &mut World, step: &Step, user: u64) {
    plugin(world, step, user, Ok(vec![PlannedReply::now(Say::Payload)])).await;
}

#[given(
    regex = r"^user (\d+) has a plugin that waits for (\d+) commands and answers each with its own payload(, the last one first)?$"
)]
async fn answers_together(world: &mut World, step: &Step, user: u64, commands: i64, reversed: String) {
    let order = if reversed.is_empty() { Order::AsAsked } else { Order::Reversed };
    let replies = Count::try_from(commands)
        .map(|commands| vec![reply(When::Gathered(Gathered { commands, order }), Say::Payload)])
        .map_err(|why| Halt::Trouble(format!("the step is wrong: {why}")));
    plugin(world, step, user, replies).await;
}

#[given(regex = r"^user (\d+) has a plugin that answers first (\{.*\}) and then (\{.*\})$")]
async fn answers_twice(world: &mut World, step: &Step, user: u64, first: String, second: String) {
    let replies = [&first, &second].into_iter().map(|data| answer(When::default(), data)).collect();
    plugin(world, step, user, replies).await;
}

#[given(regex = r#"^user (\d+) has a plugin that responds to "(.+)" before it answers (\{.*\})$"#)]
async fn answers_a_stray_first(world: &mut World, step: &Step, user: u64, stray: String, data: String) {
    let replies = answer(When::default(), &data)
        .map(|reply| vec![PlannedReply { id: ReplyId::Other(stray), ..reply.clone() }, reply]);
    plugin(world, step, user, replies).await;
}

#[given(
    regex = r"^user (\d+) has a plugin that answers its first command only once the call has ended, and any other after ([\d.]+) seconds?, each with its own payload$"
)]
async fn answers_the_first_late(world: &mut World, step: &Step, user: u64, delay: String) {
    let late = vec![reply(When::CallEnded, Say::Payload)];
    connect(world, step, user, rule_and_others(Rule::nth(Count::FIRST, late), &delay)).await;
}

#[given(regex = r#"^user (\d+) has a plugin that behaves as in "(.+)"$"#)]
async fn behaves_as_in(world: &mut World, step: &Step, user: u64, name: String) {
    let behaviour = world.behaviours.named(&name).map_err(Halt::Trouble);
    connect(world, step, user, behaviour).await;
}

#[given(regex = r"^user (\d+) has a plugin that behaves so:$")]
async fn behaves_so(world: &mut World, step: &Step, user: u64) {
    let behaviour = behaviours::written(step).map_err(|error| Halt::Trouble(error.to_string()));
    connect(world, step, user, behaviour).await;
}

#[given(
    regex = r"^user (\d+) has a plugin that answers its first command at once and again after ([\d.]+) seconds?, and any other after ([\d.]+) seconds?, each with its own payload$"
)]
async fn answers_the_first_again(world: &mut World, step: &Step, user: u64, again: String, delay: String) {
    let behaviour = after(&again).and_then(|again| {
        let replies = vec![PlannedReply::now(Say::Payload), reply(again, Say::Payload)];
        rule_and_others(Rule::nth(Count::FIRST, replies), &delay)
    });
    connect(world, step, user, behaviour).await;
}

/// One exception; every other command is answered with its own payload after so many seconds.
fn rule_and_others(rule: Rule, delay: &str) -> Result<Behaviour, Halt> {
    let others = Reaction { replies: vec![reply(after(delay)?, Say::Payload)], disruption: None };
    Ok(Behaviour { rules: vec![rule], otherwise: others, extension: None })
}

#[given(
    regex = r"^user (\d+) has a plugin that answers (\w+) at once, and any other command only when (\d+) of them have come, each with its own payload$"
)]
async fn answers_one_action_at_once(world: &mut World, step: &Step, user: u64, action: String, commands: i64) {
    let behaviour = || {
        let (action, commands) = (ActionName::try_from(action)?, Count::try_from(commands)?);
        let reaction = Reaction { replies: vec![PlannedReply::now(Say::Payload)], disruption: None };
        let gathered = Gathered { commands, order: Order::AsAsked };
        let together = vec![reply(When::Gathered(gathered), Say::Payload)];
        Ok(Behaviour {
            rules: vec![Rule { action: Some(action), nth: None, chance: None, reaction }],
            otherwise: Reaction { replies: together, disruption: None },
            extension: None,
        })
    };
    let behaviour = behaviour().map_err(|why: String| Halt::Trouble(format!("the step is wrong: {why}")));
    connect(world, step, user, behaviour).await;
}

#[given(regex = r"^user (\d+) has a plugin that never answers$")]
async fn silent(world: &mut World, step: &Step, user: u64) {
    plugin(world, step, user, Ok(Vec::new())).await;
}

#[given(regex = r#"^user (\d+) has a plugin that fails with "(.*)"$"#)]
async fn fails(world: &mut World, step: &Step, user: u64, error: String) {
    plugin(world, step, user, Ok(vec![PlannedReply::now(Say::Error(error))])).await;
}

#[given(regex = r#"^user (\d+) has a plugin that fails with "(.*)" after ([\d.]+) seconds?$"#)]
async fn fails_after(world: &mut World, step: &Step, user: u64, error: String, delay: String) {
    let replies = after(&delay).map(|when| vec![reply(when, Say::Error(error))]);
    plugin(world, step, user, replies).await;
}

#[given(regex = r"^user (\d+) has a plugin that responds with (\{.*\})$")]
async fn responds_with(world: &mut World, step: &Step, user: u64, members: String) {
    let replies = world::json(&members).and_then(|members| match members {
        Value::Object(members) => Ok(vec![PlannedReply::now(Say::Members(members))]),
        _ => Err(Halt::Trouble("a response is an object".to_owned())),
    });
    plugin(world, step, user, replies).await;
}

#[given(regex = r"^user (\d+) has a plugin that carries commands out at Vinted$")]
async fn at_vinted(world: &mut World, step: &Step, user: u64) {
    plugin(world, step, user, Ok(vec![PlannedReply::now(Say::Marketplace)])).await;
}

#[given(regex = r"^(\d+) users, from user (\d+) on, have plugins that answer with the command's own payload$")]
async fn many(world: &mut World, step: &Step, users: u64, first: u64) {
    crowd(world, step, users, first, &Behaviour::always(vec![PlannedReply::now(Say::Payload)])).await;
}

#[given(regex = r"^(\d+) users, from user (\d+) on, have plugins that answer only when told to$")]
async fn many_silent(world: &mut World, step: &Step, users: u64, first: u64) {
    crowd(world, step, users, first, &Behaviour::default()).await;
}

/// Connects so many users' plugins that behave alike.
async fn crowd(world: &mut World, step: &Step, users: u64, first: u64, behaviour: &Behaviour) {
    world
        .step(step, async |world| {
            for user in first..first.saturating_add(users) {
                world.connect(&UserId::from(user), behaviour.clone()).await?;
            }
            Ok(())
        })
        .await;
}

#[when("the plugins answer every call in flight with its own payload")]
async fn told_to_answer(world: &mut World, step: &Step) {
    world
        .step(step, async |world| {
            let stage = world.stage()?;
            let over = |event: &Event| match event.what {
                What::CallEnded { call, .. } | What::Sent { call: Some(call), .. } => Some(call),
                _ => None,
            };
            let over: BTreeSet<CallId> = stage.events().iter().filter_map(over).collect();
            let commands = stage.events().iter().filter_map(|event| match &event.what {
                What::Received { plugin, call: Some(call), args, .. } if !over.contains(call) => {
                    Some((*call, *plugin, args.first()?.clone()))
                }
                _ => None,
            });
            // Commands come in any order: that of their calls is the same in every run.
            let mut commands: Vec<(CallId, PluginId, Value)> = commands.collect();
            commands.sort_by_key(|(call, plugin, _)| (*call, *plugin));
            for (_, plugin, command) in commands {
                let (id, payload) = (&command["request_id"], &command["payload"]);
                let body = serde_json::json!({"request_id": id, "success": true, "data": payload});
                stage.say(plugin, RESPONSE_EVENT, vec![body])?;
            }
            Ok(())
        })
        .await;
}

#[when(regex = r"^a plugin connects (?:without auth|with auth (.+))$")]
async fn connects_with(world: &mut World, step: &Step, auth: String) {
    world
        .step(step, async |world| {
            let auth = if auth.is_empty() { None } else { Some(world::json(&auth)?) };
            let stage = world.stage()?;
            let plugin = stage.plugin(auth, Behaviour::default());
            world.accepted = Some(world.stage()?.connect(plugin).await?);
            Ok(())
        })
        .await;
}

#[given(regex = r"^a plugin with auth (\{.*\}) that answers (\{.*\})$")]
async fn with_auth(world: &mut World, step: &Step, auth: String, data: String) {
    world
        .step(step, async |world| {
            let auth = world::json(&auth)?;
            let user = auth.get("user_id").and_then(|user| UserId::from_value(user).ok());
            let behaviour = Behaviour::always(vec![answer(When::default(), &data)?]);
            let plugin = world.stage()?.plugin(Some(auth), behaviour);
            world.plugins.extend(user.map(|user| (user, plugin)));
            world.accepted(plugin).await
        })
        .await;
}

#[then("the hub refuses it")]
async fn refused(world: &mut World, step: &Step) {
    world
        .step(step, async |world| match world.accepted {
            Some(false) => Ok(()),
            Some(true) => Err(Halt::unmet("a refusal", "the hub accepted the connection")),
            None => Err(Halt::Trouble("nobody has tried to connect".to_owned())),
        })
        .await;
}

#[when(regex = r"^user (\d+)'s plugin disconnects$")]
async fn disconnects(world: &mut World, step: &Step, user: u64) {
    world
        .step(step, async |world| {
            let plugin = world.plugin_of(&UserId::from(user))?;
            world.stage()?.disconnect(plugin);
            Ok(())
        })
        .await;
}

#[when(regex = r"^user (\d+)'s first plugin disconnects$")]
async fn first_disconnects(world: &mut World, step: &Step, user: u64) {
    world
        .step(step, async |world| {
            let plugin = world.plugins_of(&UserId::from(user)).first().copied();
            let plugin = plugin.ok_or_else(|| Halt::Trouble(format!("the scenario has no plugin of user {user}")))?;
            world.stage()?.disconnect(plugin);
            Ok(())
        })
        .await;
}

#[when(
    regex = r"^user (\d+)'s (first )?plugin (loses its connection|is cut off|breaks off in mid-frame|freezes)(?: for ([\d.]+) seconds?)?$"
)]
async fn loses_connection(world: &mut World, step: &Step, user: u64, first: String, how: String, back: String) {
    world
        .step(step, async |world| {
            let plugins = world.plugins_of(&UserId::from(user));
            let plugin = if first.is_empty() { plugins.last() } else { plugins.first() }.copied();
            let plugin = plugin.ok_or_else(|| Halt::Trouble(format!("the scenario has no plugin of user {user}")))?;
            let how = match how.as_str() {
                "is cut off" => How::Reset,
                "breaks off in mid-frame" => How::MidFrame,
                "freezes" => How::Freeze,
                _ => How::Close,
            };
            let back = if back.is_empty() { None } else { Some(world::seconds(&back)?) };
            world.stage()?.lose(plugin, how, back);
            Ok(())
        })
        .await;
}

#[when(regex = r"^user (\d+)'s plugin connects again$")]
async fn connects_again(world: &mut World, step: &Step, user: u64) {
    world
        .step(step, async |world| {
            let plugin = world.plugin_of(&UserId::from(user))?;
            world.accepted(plugin).await
        })
        .await;
}

#[when(regex = r"^user (\d+)'s plugin has connected again$")]
async fn has_connected_again(world: &mut World, step: &Step, user: u64) {
    world
        .step(step, async |world| {
            let plugin = world.plugin_of(&UserId::from(user))?;
            if world.stage()?.returned(plugin).await? {
                return Ok(());
            }
            Err(Halt::unmet("the hub to accept the plugin again", "it refused it"))
        })
        .await;
}

#[when(regex = r"^the command has come to every plugin of user (\d+)$")]
async fn came_to_every_plugin(world: &mut World, step: &Step, user: u64) {
    world
        .step(step, async |world| {
            for plugin in world.plugins_of(&UserId::from(user)) {
                world.stage()?.commands_received(plugin, 1).await?;
            }
            Ok(())
        })
        .await;
}

#[when(regex = r"^user (\d+)'s plugin answers user (\d+)'s command with (\{.*\})$")]
async fn spoofs(world: &mut World, step: &Step, sender: u64, victim: u64, data: String) {
    world
        .step(step, async |world| {
            let data = world::json(&data)?;
            let (sender, victim) = (world.plugin_of(&UserId::from(sender))?, world.plugin_of(&UserId::from(victim))?);
            let stage = world.stage()?;
            stage.commands_received(victim, 1).await?;
            let id = stage.last_request_id(victim);
            let body = serde_json::json!({"request_id": id, "success": true, "data": data});
            stage.say(sender, RESPONSE_EVENT, vec![body])
        })
        .await;
}

#[when(regex = r"^user (\d+)'s plugin answers its first command with (\{.*\})$")]
async fn answers_its_first(world: &mut World, step: &Step, user: u64, data: String) {
    world
        .step(step, async |world| {
            let data = world::json(&data)?;
            let plugin = world.plugin_of(&UserId::from(user))?;
            let stage = world.stage()?;
            stage.commands_received(plugin, 1).await?;
            let id = stage.first_request_id(plugin);
            let body = serde_json::json!({"request_id": id, "success": true, "data": data});
            stage.say(plugin, RESPONSE_EVENT, vec![body])
        })
        .await;
}

#[when(regex = r#"^user (\d+)'s plugin responds to "(.+)" with (\{.*\})$"#)]
async fn responds_to(world: &mut World, step: &Step, user: u64, id: String, data: String) {
    world
        .step(step, async |world| {
            let data = world::json(&data)?;
            let plugin = world.plugin_of(&UserId::from(user))?;
            let body = serde_json::json!({"request_id": id, "success": true, "data": data});
            world.stage()?.say(plugin, RESPONSE_EVENT, vec![body])
        })
        .await;
}

#[then(regex = r"^user (\d+)'s plugin has received (no|\d+) commands?$")]
async fn has_received(world: &mut World, step: &Step, user: u64, count: String) {
    world
        .step(step, async |world| {
            let plugin = world.plugin_of(&UserId::from(user))?;
            let (wanted, stage) = (count.parse().unwrap_or(0), world.stage()?);
            stage.commands_received(plugin, wanted).await?;
            let got = stage.commands_at(plugin);
            if got == wanted {
                return Ok(());
            }
            Err(Halt::unmet(format!("{wanted} commands at user {user}'s plugin"), format!("{got}")))
        })
        .await;
}

#[then(regex = r"^user (\d+)'s plugin has received (\w+) (\{.*\})$")]
async fn has_received_this(world: &mut World, step: &Step, user: u64, action: String, payload: String) {
    world
        .step(step, async |world| {
            let wanted = serde_json::json!({"action": action, "payload": world::json(&payload)?});
            let plugin = world.plugin_of(&UserId::from(user))?;
            let stage = world.stage()?;
            stage.commands_received(plugin, 1).await?;
            let command = stage.last_command(plugin).unwrap_or_default();
            world::expect(&wanted, &serde_json::json!({"action": command["action"], "payload": command["payload"]}))
        })
        .await;
}

//! The job layer.

use cucumber::gherkin::Step;
use cucumber::{given, then, when};
use serde_json::{Value, json};

use super::calls::in_words;
use crate::contract::action::MARKETPLACE;
use crate::contract::control::{Capability, JobBody, JobStatus};
use crate::contract::need::Need;
use crate::contract::user::UserId;
use crate::event::{Ended, What};
use crate::gherkin::world::{self, World};
use crate::stage::Halt;

#[given(
    regex = r"^an? (\w+) job of user (\d+)(?: for shop (\d+))?(?: with priority (\d+))?(?: with a timeout of ([\d.]+) seconds?)?$"
)]
async fn job(
    world: &mut World,
    step: &Step,
    action: String,
    user: u64,
    shop: String,
    priority: String,
    timeout: String,
) {
    world
        .step(step, async |world| {
            let shop_id = shop.parse::<u64>().ok().map(Value::from);
            let body = JobBody { shop_id, priority: priority.parse().ok(), ..body(user, action) };
            let timeout = if timeout.is_empty() { None } else { Some(world::seconds(&timeout)?) };
            world.job = Some(world.stage()?.create_job(body, timeout).await?);
            Ok(())
        })
        .await;
}

#[given(
    regex = r"^an? (\w+) job of user (\d+) for shop (\d+) with(?: a timeout of ([\d.]+) seconds? and)? the input (\{.*\})$"
)]
async fn job_with_input(
    world: &mut World,
    step: &Step,
    action: String,
    user: u64,
    shop: u64,
    timeout: String,
    input: String,
) {
    world
        .step(step, async |world| {
            let body = JobBody { shop_id: Some(shop.into()), input: Some(world::json(&input)?), ..body(user, action) };
            let timeout = if timeout.is_empty() { None } else { Some(world::seconds(&timeout)?) };
            world.job = Some(world.stage()?.create_job(body, timeout).await?);
            Ok(())
        })
        .await;
}

#[given(regex = r#"^an? (\w+) job of user (\d+) at the marketplace "(\w+)"$"#)]
async fn job_elsewhere(world: &mut World, step: &Step, action: String, user: u64, marketplace: String) {
    world
        .step(step, async |world| {
            let body = JobBody { marketplace, ..body(user, action) };
            world.job = Some(world.stage()?.create_job(body, None).await?);
            Ok(())
        })
        .await;
}

/// A job that leaves everything open but whose it is and what is to be done.
fn body(user: u64, action: String) -> JobBody {
    JobBody {
        marketplace: MARKETPLACE.to_owned(),
        action,
        user_id: UserId::from(user),
        shop_id: None,
        priority: None,
        input: None,
        timeout_s: None,
    }
}

#[when(regex = r"^the next job of user (\d+) is processed$")]
async fn process(world: &mut World, step: &Step, user: u64) {
    world
        .step(step, async |world| {
            let call = world.stage()?.process(UserId::from(user))?;
            world.calls.push(call);
            Ok(())
        })
        .await;
}

#[when("the backend cancels the job")]
async fn cancel(world: &mut World, step: &Step) {
    world
        .step(step, async |world| {
            world.stage()?.need(Capability::Jobs)?;
            let job = world.job.ok_or_else(|| Halt::Trouble("the scenario has created no job".to_owned()))?;
            match world.stage()?.cancel_job(job).await?.status {
                JobStatus::Cancelled => Ok(()),
                other => Err(Halt::unmet("the job to be cancelled", format!("it is {}", other.name()))),
            }
        })
        .await;
}

#[then("the job's run ends")]
async fn run_ends(world: &mut World, step: &Step) {
    world
        .step(step, async |world| {
            let call = world.last_call()?;
            world.stage()?.settled(call).await.map(drop)
        })
        .await;
}

#[then(regex = r"^the job of call (\d+) (succeeds|fails)$")]
async fn earlier_run(world: &mut World, step: &Step, number: usize, how: String) {
    world
        .step(step, async |world| {
            let call = world.call(number)?;
            match world.stage()?.settled(call).await? {
                Ended::JobResult(result) if result.is_object() => {
                    world::expect(&json!(how == "succeeds"), &result["success"])
                }
                other => Err(Halt::unmet("a job's result", in_words(other))),
            }
        })
        .await;
}

#[then(regex = r"^the job that ran is that of shop (\d+)$")]
async fn of_shop(world: &mut World, step: &Step, shop: u64) {
    world
        .step(step, async |world| {
            let id = result(world).await?["job_id"].as_u64();
            let body = world.stage()?.events().iter().find_map(|event| match &event.what {
                What::JobCreated { job, body, .. } if Some(*job) == id => Some(body.clone()),
                _ => None,
            });
            let got = body.and_then(|body| body.shop_id).unwrap_or_default();
            world::expect(&json!(shop), &got)
        })
        .await;
}

#[then(regex = r"^the job will (not )?be tried again, after (\d+) failed attempts?$")]
async fn tried_again(world: &mut World, step: &Step, not: String, failures: u64) {
    world
        .step(step, async |world| {
            let result = result(world).await?;
            world::expect(&json!(not.is_empty()), &result["will_retry"])?;
            world::expect(&json!(failures), &result["retry_count"])
        })
        .await;
}

#[then("the job succeeds")]
async fn succeeds_anyhow(world: &mut World, step: &Step) {
    world
        .step(step, async |world| {
            let result = result(world).await?;
            world::expect(&json!(true), &result["success"])
        })
        .await;
}

#[then(regex = r"^the job succeeds with (\{.*\})$")]
async fn succeeds(world: &mut World, step: &Step, members: String) {
    world
        .step(step, async |world| {
            let wanted = world::json(&members)?;
            let result = result(world).await?;
            world::expect(&json!(true), &result["success"])?;
            let got = &result["result"];
            for (name, value) in wanted.as_object().into_iter().flatten() {
                world::expect(&json!({ name: value }), &json!({ name: got[name] }))?;
            }
            Ok(())
        })
        .await;
}

#[then(regex = r#"^the job's result says marketplace "(\w+)" and action "(\w+)"$"#)]
async fn says(world: &mut World, step: &Step, marketplace: String, action: String) {
    world
        .step(step, async |world| {
            let result = result(world).await?;
            world::expect(&json!(marketplace), &result["marketplace"])?;
            // Known backends show the full code; it is accepted from them.
            let full = format!("{action}_{marketplace}");
            if result["action"] == json!(full) {
                return Ok(());
            }
            world::expect(&json!(action), &result["action"])
        })
        .await;
}

#[then(regex = r#"^the job fails with an error that contains "(.*)"$"#)]
async fn fails(world: &mut World, step: &Step, text: String) {
    world
        .step(step, async |world| {
            let result = result(world).await?;
            world::expect(&json!(false), &result["success"])?;
            match result["error"].as_str() {
                Some(error) if error.contains(&text) => Ok(()),
                _ => Err(Halt::unmet(format!("an error that contains {text:?}"), result["error"].to_string())),
            }
        })
        .await;
}

#[then("there is no job to process")]
async fn no_job(world: &mut World, step: &Step) {
    world
        .step(step, async |world| {
            let call = world.last_call()?;
            match world.stage()?.settled(call).await? {
                Ended::JobResult(Value::Null) => Ok(()),
                other => Err(Halt::unmet("null, as no job is pending", in_words(other))),
            }
        })
        .await;
}

#[then(regex = r"^the job is (pending|running|completed|failed|cancelled|expired)$")]
async fn has_status(world: &mut World, step: &Step, wanted: String) {
    world
        .step(step, async |world| {
            world.stage()?.need(Capability::Jobs)?;
            let job = world.job.ok_or_else(|| Halt::Trouble("the scenario has created no job".to_owned()))?;
            let got: JobStatus = world.stage()?.see_job(job).await?.status;
            if got.name() == wanted {
                return Ok(());
            }
            Err(Halt::unmet(format!("the job to be {wanted}"), format!("it is {}", got.name())))
        })
        .await;
}

#[then(regex = r"^the job's command gets (\d+) seconds to be answered$")]
async fn has_timeout(world: &mut World, step: &Step, seconds: u64) {
    world
        .step(step, async |world| {
            let job = world.job.ok_or_else(|| Halt::Trouble("the scenario has created no job".to_owned()))?;
            let shown = world.stage()?.see_job(job).await?.timeout_s;
            match shown {
                None | Some(Value::Null) => Err(Halt::Needs(Need::JobTimeout)),
                Some(shown) => world::expect(&json!(seconds), &shown),
            }
        })
        .await;
}

/// The result object of the last processing.
async fn result(world: &mut World) -> Result<Value, Halt> {
    let call = world.last_call()?;
    match world.stage()?.settled(call).await? {
        Ended::JobResult(result) if result.is_object() => Ok(result.clone()),
        other => Err(Halt::unmet("a job's result", in_words(other))),
    }
}

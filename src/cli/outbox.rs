//! `relais outbox`: what leaves, what waits, what could not leave.

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use uuid::Uuid;

use super::demande::rfc3339;
use super::people::Format;
use super::{Exit, Outcome, office};
use crate::config::Config;
use crate::store::Role;
use crate::store::outbox::{self, Filter, Row, State};
use crate::store::suspensions::{self, Suspension};
use crate::work::Office;
use crate::work::unreached::resume_by_operator;

/// Notices.
#[derive(Debug, Subcommand)]
pub(super) enum Outbox {
    /// Lists notices, the latest first
    #[command(after_help = "Example:\n  relais outbox list --state dead")]
    List(List),
    /// Shows one notice: to whom, what, when, and what the relay answered
    #[command(after_help = "Example:\n  relais outbox show 01a20f0e-72c5-7527-b973-bdcc2134c1ab")]
    Show {
        /// Its id
        id: Uuid,
        #[command(flatten)]
        format: Format,
    },
    /// Sends a dead or waiting notice as soon as possible
    #[command(after_help = "Example:\n  relais outbox retry 01a20f0e-72c5-7527-b973-bdcc2134c1ab")]
    Retry {
        /// Its id
        id: Uuid,
    },
    /// Sends mails again to an address that was suspended because they did not reach it
    #[command(after_help = "Example:\n  relais outbox resume lea.martin@caf54.example")]
    Resume {
        /// The address
        address: String,
    },
    /// Lists the suspended addresses, the latest first
    #[command(after_help = "Example:\n  relais outbox suspended")]
    Suspended(Format),
}

/// Which notices are listed.
#[derive(Debug, Args)]
pub(super) struct List {
    /// waiting, leased, sent, dead or cancelled
    #[arg(long, value_parser = state)]
    state: Option<State>,
    /// Those of one demande
    #[arg(long)]
    demande: Option<u32>,
    /// At most that many
    #[arg(long, default_value_t = 50)]
    limit: u32,
    #[command(flatten)]
    format: Format,
}

fn state(text: &str) -> Result<State, String> {
    State::from_code(text).ok_or_else(|| "expected waiting, leased, sent, dead or cancelled".to_owned())
}

/// Runs one of them.
pub(super) async fn run(config: &Config, command: &Outbox) -> Outcome {
    let office = office::open(config, Role::Command).await?;
    match command {
        Outbox::List(which) => list(&office, which).await,
        Outbox::Show { id, format } => show(&office, *id, *format).await,
        Outbox::Retry { id } => retry(&office, *id).await,
        Outbox::Resume { address } => resume(&office, address).await,
        Outbox::Suspended(format) => suspended(&office, *format).await,
    }
}

async fn list(office: &Office, which: &List) -> Outcome {
    let filter = Filter { state: which.state, demande: which.demande, limit: which.limit };
    let rows = outbox::list(&mut office.db.read().await?, filter).await?;
    if which.format.json {
        println!("{}", rows.iter().map(as_json).collect::<Value>());
        return Ok(Exit::Ok);
    }
    for row in &rows {
        let demande = row.demande.map(|number| format!("#{number}")).unwrap_or_default();
        let answer = row.answer.as_deref().unwrap_or_default();
        let (what, state) = (row.order.what.code(), row.state.code());
        println!("{} {state:<9} {demande:<8} {what:<22} {:<12} {answer}", row.id, row.to_key);
    }
    Ok(Exit::Ok)
}

pub(super) fn as_json(row: &Row) -> Value {
    json!({
        "id": row.id, "state": row.state.code(), "demande": row.demande, "entry": row.cause, "inbox": row.source,
        "to": row.to_key, "what": row.order.what.code(), "brief": row.order.brief,
        "created_at": rfc3339(row.created_at), "not_before": rfc3339(row.not_before), "attempts": row.attempts,
        "message_id": row.message_id, "sent_at": row.sent_at.map(rfc3339), "answer": row.answer, "path": row.path,
    })
}

async fn show(office: &Office, id: Uuid, format: Format) -> Outcome {
    let Some(row) = outbox::show(&mut office.db.read().await?, id).await? else {
        eprintln!("there is no notice {id}; `relais outbox list` lists them");
        return Ok(Exit::No);
    };
    let shown = as_json(&row);
    if format.json {
        println!("{shown}");
    } else {
        println!("{shown:#}");
    }
    Ok(Exit::Ok)
}

async fn retry(office: &Office, id: Uuid) -> Outcome {
    if outbox::retry(&office.db, id).await? {
        println!("{id} will be sent as soon as possible");
        return Ok(Exit::Ok);
    }
    eprintln!(
        "{id} cannot be sent: there is no such notice, or it was sent already, or it waits for its undo window"
    );
    Ok(Exit::No)
}

async fn resume(office: &Office, address: &str) -> Outcome {
    if resume_by_operator(&office.db, &office.clock, address).await? {
        println!(
            "{address} gets mails again; what was cancelled meanwhile is sent by `relais outbox retry ID`"
        );
        return Ok(Exit::Ok);
    }
    eprintln!("{address} is not suspended; `relais outbox suspended` lists those that are");
    Ok(Exit::No)
}

async fn suspended(office: &Office, format: Format) -> Outcome {
    let all = suspensions::list(&mut office.db.read().await?).await?;
    if format.json {
        let as_json = |s: &Suspension| json!({ "address": s.address, "since": rfc3339(s.since), "code": s.code, "reason": s.reason });
        println!("{}", all.iter().map(as_json).collect::<Value>());
        return Ok(Exit::Ok);
    }
    for suspension in &all {
        let Suspension { address, since, code, reason } = suspension;
        println!("{} {reason:<7} {code:<7} {address}", rfc3339(*since));
    }
    Ok(Exit::Ok)
}

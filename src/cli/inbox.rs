//! `relais inbox`: what arrived, what became of it, and how to work it again.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use uuid::Uuid;

use super::demande::rfc3339;
use super::people::Format;
use super::{Exit, Failure, Outcome, office};
use crate::config::Config;
use crate::receive::{import, with_crlf};
use crate::store::Role;
use crate::store::inbox::{self, Arrival, Filter, Row, State};
use crate::work::Office;

/// Arrivals.
#[derive(Debug, Subcommand)]
pub(super) enum Inbox {
    /// Lists arrivals, the latest first
    #[command(after_help = "Example:\n  relais inbox list --state dead")]
    List(List),
    /// Shows one arrival: its envelope, its verdict, what was understood of it
    #[command(after_help = "Example:\n  relais inbox show 01a20f0e-71b1-7cba-876d-1de899fd9024")]
    Show(Show),
    /// Works an arrival again, through the same road
    #[command(after_help = "Example:\n  relais inbox replay 01a20f0e-71b1-7cba-876d-1de899fd9024")]
    Replay {
        /// Its id
        id: Uuid,
    },
    /// Keeps mails from an .eml, a Maildir or an mbox; beside a running daemon or not
    #[command(after_help = "Example:\n  relais inbox import ~/Maildir")]
    Import {
        /// The file or the folder
        path: PathBuf,
    },
}

/// Which arrivals are listed.
#[derive(Debug, Args)]
pub(super) struct List {
    /// new, done, held, dead, ignored or refused
    #[arg(long, value_parser = state)]
    state: Option<State>,
    /// At most that many
    #[arg(long, default_value_t = 50)]
    limit: u32,
    #[command(flatten)]
    format: Format,
}

/// Which arrival is shown, and how.
#[derive(Debug, Args)]
pub(super) struct Show {
    /// Its id
    id: Uuid,
    /// The raw mail instead
    #[arg(long)]
    raw: bool,
    #[command(flatten)]
    format: Format,
}

fn state(text: &str) -> Result<State, String> {
    State::from_code(text).ok_or_else(|| "expected new, done, held, dead, ignored or refused".to_owned())
}

/// Runs one of them.
pub(super) async fn run(config: &Config, command: &Inbox) -> Outcome {
    let office = office::open(config, Role::Command).await?;
    match command {
        Inbox::List(which) => list(&office, which).await,
        Inbox::Show(which) => show(&office, which).await,
        Inbox::Replay { id } => replay(&office, *id).await,
        Inbox::Import { path } => import_path(&office, path, config.mail.max_size).await,
    }
}

async fn list(office: &Office, which: &List) -> Outcome {
    let filter = Filter { state: which.state, limit: which.limit };
    let rows = inbox::list(&mut office.db.read().await?, filter).await?;
    if which.format.json {
        println!("{}", rows.iter().map(as_json).collect::<Value>());
        return Ok(Exit::Ok);
    }
    for row in &rows {
        let demande = row.demande.map(|number| format!("#{number}")).unwrap_or_default();
        let reason = row.reason.as_deref().unwrap_or_default();
        println!("{} {} {:<8} {demande:<8} {reason}", row.id, rfc3339(row.received_at), row.state.code());
    }
    Ok(Exit::Ok)
}

fn as_json(row: &Row) -> Value {
    json!({
        "id": row.id, "kind": row.kind.code(), "state": row.state.code(), "reason": row.reason,
        "received_at": rfc3339(row.received_at), "size": row.size, "seen": row.seen, "attempts": row.attempts,
        "demande": row.demande, "entry": row.entry, "message_id": row.message_id, "from": row.sender,
        "envelope": row.envelope, "trace": row.trace, "settled_at": row.settled_at.map(rfc3339),
    })
}

async fn show(office: &Office, which: &Show) -> Outcome {
    let Some(found) = inbox::show(&mut office.db.read().await?, which.id).await? else {
        eprintln!("there is no arrival {}; `relais inbox list` lists them", which.id);
        return Ok(Exit::No);
    };
    if which.raw {
        return raw(&found);
    }
    let shown = as_json(&found.row);
    if which.format.json {
        println!("{shown}");
    } else {
        println!("{shown:#}");
    }
    Ok(Exit::Ok)
}

fn raw(found: &inbox::Detail) -> Outcome {
    let Some(bytes) = &found.raw else {
        eprintln!(
            "the raw mail is not shown: it was wiped, or it holds an answer that stands in statistics only"
        );
        return Ok(Exit::No);
    };
    let written = std::io::stdout().write_all(bytes);
    written.map(|()| Exit::Ok).map_err(|error| Failure::new(Exit::Unavailable, error.to_string()))
}

async fn replay(office: &Office, id: Uuid) -> Outcome {
    if inbox::replay(&office.db, id).await? {
        println!("{id} will be worked again");
        return Ok(Exit::Ok);
    }
    eprintln!("{id} cannot be worked again: there is no such arrival, or it was posted already");
    Ok(Exit::No)
}

/// Every mail of a path is kept; the daemon, running or started later, works them. The operator vouches for what his own
/// relay delivered there, so its Authentication-Results is believed.
async fn import_path(office: &Office, path: &Path, limit: usize) -> Outcome {
    let wrong = |error: import::ImportError| Failure::new(Exit::Data, error.to_string());
    let (mut new, mut seen, mut failed) = (0_u32, 0_u32, 0_u32);
    for found in import::open(path, limit).map_err(wrong)? {
        match found {
            Ok(found) => {
                let count = if keep(office, found.bytes).await? { &mut seen } else { &mut new };
                *count += 1;
            }
            Err(error) => {
                eprintln!("{error}");
                failed += 1;
            }
        }
    }
    println!("{new} new, {seen} already here, {failed} left out");
    Ok(if failed > 0 { Exit::Data } else { Exit::Ok })
}

async fn keep(office: &Office, bytes: Vec<u8>) -> Result<bool, Failure> {
    let mut envelope = import::envelope(&bytes);
    envelope.peer.trusted = true;
    let envelope =
        serde_json::to_value(&envelope).map_err(|error| Failure::new(Exit::Data, error.to_string()))?;
    let arrival = Arrival::letter(envelope, with_crlf(bytes), office.clock.now());
    Ok(inbox::keep(&office.db, &office.clock, arrival).await?.seen)
}

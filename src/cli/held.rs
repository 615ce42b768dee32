//! `relais held`: the mails that wait for somebody's word, and the operator's.

use std::io::Write;

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use uuid::Uuid;

use super::demande::rfc3339;
use super::people::Format;
use super::{Exit, Failure, Outcome, office};
use crate::config::Config;
use crate::store::Role;
use crate::store::confirmations::{self, Question};
use crate::store::inbox::{self, Filter, Row, State};
use crate::store::outbox::to_key;
use crate::work::Office;
use crate::work::held::{self, Word};

/// Held mails.
#[derive(Debug, Subcommand)]
pub(super) enum Held {
    /// Lists the held mails, the latest first
    #[command(after_help = "Example:\n  relais held list --json")]
    List {
        /// At most that many
        #[arg(long, default_value_t = 50)]
        limit: u32,
        #[command(flatten)]
        format: Format,
    },
    /// Shows a held mail: who is asked about it, what was verified
    #[command(after_help = "Example:\n  relais held show 019ab2c4-0000-7000-8000-000000000001 --raw")]
    Show(Which),
    /// Lets a held mail through, in the name of who was asked about it; he gets the receipt
    #[command(after_help = "Example:\n  relais held release 019ab2c4-0000-7000-8000-000000000001")]
    Release {
        /// Its id in the inbox
        id: Uuid,
    },
    /// Ends a held mail; nobody is told
    #[command(after_help = "Example:\n  relais held refuse 019ab2c4-0000-7000-8000-000000000001")]
    Refuse {
        /// Its id in the inbox
        id: Uuid,
    },
}

/// Which one is shown, and how.
#[derive(Debug, Args)]
pub(super) struct Which {
    /// Its id in the inbox
    id: Uuid,
    /// The mail itself, as it came; who looks is written down
    #[arg(long)]
    raw: bool,
    #[command(flatten)]
    format: Format,
}

/// Runs one of them.
pub(super) async fn run(config: &Config, command: &Held) -> Outcome {
    let office = office::open(config, Role::Command).await?;
    match command {
        Held::List { limit, format } => list(&office, *limit, *format).await,
        Held::Show(which) if which.raw => raw(&office, which.id).await,
        Held::Show(which) => show(&office, which).await,
        Held::Release { id } => Ok(told(held::release(&office.db, &office.clock, *id).await?, *id)),
        Held::Refuse { id } => Ok(told(held::refuse(&office.db, &office.clock, *id).await?, *id)),
    }
}

async fn list(office: &Office, limit: u32, format: Format) -> Outcome {
    let mut tx = office.db.read().await?;
    let rows = inbox::list(&mut tx, Filter { state: Some(State::Held), limit }).await?;
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        let question = confirmations::of_inbox(&mut tx, row.id).await?;
        all.push((row, question));
    }
    if format.json {
        println!("{}", all.iter().map(|(row, question)| as_json(row, question.as_ref())).collect::<Value>());
        return Ok(Exit::Ok);
    }
    for (row, question) in &all {
        let demande = row.demande.map(|number| format!("#{number}")).unwrap_or_default();
        let asked = question.as_ref().map(|question| question.state.code()).unwrap_or_default();
        let reason = row.reason.as_deref().unwrap_or_default();
        println!("{} {} {demande:<8} {asked:<8} {reason}", row.id, rfc3339(row.received_at));
    }
    Ok(Exit::Ok)
}

/// A held mail without a word of what it says.
fn as_json(row: &Row, question: Option<&Question>) -> Value {
    json!({
        "id": row.id, "received_at": rfc3339(row.received_at), "state": row.state.code(), "demande": row.demande,
        "sender": row.sender, "reason": row.reason, "kind": question.map(|question| question.kind.code()),
        "asked": question.and_then(|q| q.holder).map(|holder| to_key(&held::reader(holder))),
        "question": question.map(|question| question.state.code()),
        "asked_at": question.and_then(|question| question.asked_at).map(rfc3339),
        "expires_at": question.map(|question| rfc3339(question.expires_at)),
        "answered_by": question.and_then(|question| question.answered_by.clone()),
    })
}

async fn show(office: &Office, which: &Which) -> Outcome {
    let mut tx = office.db.read().await?;
    let Some(detail) = inbox::show(&mut tx, which.id).await? else {
        return Ok(told(Word::NotHeld, which.id));
    };
    let question = confirmations::of_inbox(&mut tx, which.id).await?;
    let mut shown = as_json(&detail.row, question.as_ref());
    shown["trace"] = detail.row.trace;
    if which.format.json {
        println!("{shown}");
    } else {
        println!("{shown:#}");
    }
    Ok(Exit::Ok)
}

/// The mail itself: personal data, so that who looked is written down first.
async fn raw(office: &Office, id: Uuid) -> Outcome {
    let mut tx = office.db.begin().await?;
    let Some(detail) = inbox::show(&mut tx, id).await? else { return Ok(told(Word::NotHeld, id)) };
    held::looked_at(&mut tx, &detail.row, office.clock.now()).await?;
    tx.commit().await?;
    let Some(bytes) = detail.raw else {
        eprintln!("{id} holds an answer that may not be displayed");
        return Ok(Exit::No);
    };
    let written = std::io::stdout().lock().write_all(&bytes);
    written.map_err(|error| Failure::new(Exit::Unavailable, format!("standard output: {error}")))?;
    Ok(Exit::Ok)
}

fn told(word: Word, id: Uuid) -> Exit {
    match word {
        Word::Released => println!("{id} is released: the daemon works it next"),
        Word::Refused => println!("{id} is refused"),
        Word::NotHeld => eprintln!("{id} is not held; `relais held list` lists those that are"),
        Word::NobodyS => {
            eprintln!("{id} can only be refused: nobody who may write on that demande could be its author");
        }
    }
    if matches!(word, Word::Released | Word::Refused) { Exit::Ok } else { Exit::No }
}

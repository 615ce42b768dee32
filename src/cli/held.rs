//! `relais held`: the mails that wait for somebody's word, and the operator's.

use std::io::Write;

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Exit, Failure, Outcome};
use crate::config::Config;
use crate::store::confirmations::{self, Question};
use crate::store::inbox::{self, Filter, Row, State};
use crate::store::outbox::to_key;
use crate::store::{Db, Role, Tx};
use crate::work::held::{self, Word};

/// Arguments of `relais held`.
#[derive(Debug, Args)]
pub(super) struct Held {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Lists the held mails, the latest first
    #[command(after_help = "Examples:\n  relais held list\n  relais held list --json")]
    List {
        /// One JSON array
        #[arg(long)]
        json: bool,
        /// At most that many
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// Shows a held mail: who is asked about it, what was verified; with --raw, its bytes (audited)
    #[command(after_help = "Example:\n  relais held show 019ab2c4-0000-7000-8000-000000000001")]
    Show {
        /// Its id in the inbox
        id: Uuid,
        /// The mail itself, as it came
        #[arg(long)]
        raw: bool,
    },
    /// Lets a held mail through, in the name of who was asked about it (audited; he gets the receipt)
    #[command(after_help = "Example:\n  relais held release 019ab2c4-0000-7000-8000-000000000001")]
    Release {
        /// Its id in the inbox
        id: Uuid,
    },
    /// Ends a held mail (audited; nobody is told)
    #[command(after_help = "Example:\n  relais held refuse 019ab2c4-0000-7000-8000-000000000001")]
    Refuse {
        /// Its id in the inbox
        id: Uuid,
    },
}

/// Runs it.
pub(super) async fn run(args: &Held, config: &Config) -> Outcome {
    let (db, clock) = (Db::open(&config.database_url()?, Role::Command).await?, config.clock());
    match &args.what {
        What::List { json, limit } => list(&db, *limit, *json).await,
        What::Show { id, raw: false } => show(&db, *id).await,
        What::Show { id, raw: true } => raw(&db, clock.now(), *id).await,
        What::Release { id } => told(held::release(&db, &clock, *id).await?, *id),
        What::Refuse { id } => told(held::refuse(&db, &clock, *id).await?, *id),
    }
}

async fn list(db: &Db, limit: u32, json: bool) -> Outcome {
    let mut tx = db.read().await?;
    let rows = inbox::list(&mut tx, Filter { state: Some(State::Held), limit }).await?;
    let mut all = Vec::with_capacity(rows.len());
    for row in &rows {
        all.push(described(row, confirmations::of_inbox(&mut tx, row.id).await?.as_ref()));
    }
    if json {
        say(Value::from(all).to_string().as_bytes())?;
        return Ok(Exit::Ok);
    }
    for held in &all {
        let field =
            |name: &str| held[name].as_str().map_or_else(|| held[name].to_string(), ToOwned::to_owned);
        let line = format!("{}  #{}  {}  {}", field("id"), field("demande"), field("asked"), field("reason"));
        say(line.as_bytes())?;
    }
    Ok(Exit::Ok)
}

/// A held mail without a word of what it says.
fn described(row: &Row, question: Option<&Question>) -> Value {
    json!({
        "id": row.id, "received_at": row.received_at, "demande": row.demande, "sender": row.sender,
        "reason": row.reason, "kind": question.map(|question| question.kind.code()),
        "asked": question.and_then(|q| q.holder).map(|holder| to_key(&held::reader(holder))),
        "question": question.map(|question| question.state.code()),
        "asked_at": question.and_then(|question| question.asked_at),
        "expires_at": question.map(|question| question.expires_at),
    })
}

async fn show(db: &Db, id: Uuid) -> Outcome {
    let mut tx = db.read().await?;
    let Some(detail) = inbox::show(&mut tx, id).await? else { return told(Word::NotHeld, id) };
    let question = confirmations::of_inbox(&mut tx, id).await?;
    let mut shown = described(&detail.row, question.as_ref());
    shown["state"] = json!(detail.row.state.code());
    shown["trace"] = detail.row.trace;
    let text = serde_json::to_string_pretty(&shown).unwrap_or_default();
    say(text.as_bytes())?;
    Ok(Exit::Ok)
}

/// The mail itself: personal data, so that who looked is written down.
async fn raw(db: &Db, at: crate::demande::Millis, id: Uuid) -> Outcome {
    let mut tx: Tx = db.begin().await?;
    let Some(detail) = inbox::show(&mut tx, id).await? else { return told(Word::NotHeld, id) };
    held::looked_at(&mut tx, &detail.row, at).await?;
    tx.commit().await?;
    match detail.raw {
        Some(bytes) => say(&bytes).map(|()| Exit::Ok),
        None => Err(Failure::new(Exit::No, format!("{id} holds an answer that may not be displayed"))),
    }
}

fn told(word: Word, id: Uuid) -> Outcome {
    match word {
        Word::Released => say(b"released: the daemon works it next").map(|()| Exit::Ok),
        Word::Refused => say(b"refused").map(|()| Exit::Ok),
        Word::NotHeld => Err(Failure::new(
            Exit::No,
            format!("{id} is not held (see `relais held list`, `relais inbox show`)"),
        )),
        Word::NobodyS => Err(Failure::new(
            Exit::No,
            format!("{id} can only be refused: nobody who may write on that demande sent it"),
        )),
    }
}

/// Writes a line; a reader that went away (`| head`) is no failure.
fn say(text: &[u8]) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text).and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::new(Exit::Unavailable, format!("standard output: {error}")))
        }
        _ => Ok(()),
    }
}

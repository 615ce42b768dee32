//! Held mails that wait for somebody's word: in line, asked about once, answered once.
//!
//! Knows rows and states. Does not know what a question says, nor what follows from its answer.

mod rows;

use uuid::Uuid;

use super::{StoreError, Tx, row, rows as all_rows, run, values};
use crate::demande::Millis;
use crate::demande::admission::Holder;
use crate::demande::confirmation::Kind;
use rows::{COLUMNS, Raw};
pub use rows::{Question, State};
use sqlx::AssertSqlSafe;

/// A held mail to put in line.
#[derive(Debug, Clone, Copy)]
pub struct Held {
    /// The held arrival.
    pub inbox: Uuid,
    /// What is asked about it.
    pub kind: Kind,
    /// The demande it is about.
    pub demande: u32,
    /// Who is asked.
    pub holder: Holder,
    /// When it was held.
    pub at: Millis,
    /// When it ends unasked.
    pub expires_at: Millis,
}

/// Puts a held mail in line, under that number. One that is in line already stays there; one whose question ended
/// without a yes is asked about anew.
///
/// # Errors
/// [`StoreError::Conflict`] when the number is taken: draw another.
pub async fn hold(tx: &mut Tx, id: u32, held: &Held) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO confirmations (id, inbox, kind, demande, holder, state, held_at, expires_at) \
        VALUES ($1, $2, $3, $4, $5, 'waiting', $6, $7) ON CONFLICT (inbox) DO UPDATE SET id = excluded.id, \
        kind = excluded.kind, demande = excluded.demande, holder = excluded.holder, state = 'waiting', \
        asked_at = NULL, expires_at = excluded.expires_at, answered_at = NULL, answered_by = NULL, \
        explained = FALSE WHERE confirmations.state IN ('no', 'expired')";
    let holder = holder_key(held.holder);
    let demande = i64::from(held.demande);
    run!(tx, SQL, i64::from(id), held.inbox, held.kind.code(), demande, holder, held.at, held.expires_at)
        .map(drop)
}

/// Those whose held mails wait in one line: one question is open at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// What is asked.
    pub kind: Kind,
    /// About which demande.
    pub demande: u32,
    /// Whom.
    pub holder: Holder,
}

/// Opens the question of the first in line, unless one is open; its number and the held arrival.
pub async fn ask_next(
    tx: &mut Tx,
    line: Line,
    now: Millis,
    expires_at: Millis,
) -> Result<Option<(u32, Uuid)>, StoreError> {
    const SQL: &str = "UPDATE confirmations SET state = 'open', asked_at = $4, expires_at = $5 WHERE id = \
        (SELECT id FROM confirmations WHERE kind = $1 AND demande = $2 AND holder = $3 AND state = 'waiting' \
         ORDER BY held_at, id LIMIT 1) AND NOT EXISTS (SELECT 1 FROM confirmations WHERE kind = $1 \
         AND demande = $2 AND holder = $3 AND state = 'open') RETURNING id, inbox";
    let (kind, demande, holder) = (line.kind.code(), i64::from(line.demande), holder_key(line.holder));
    let found = row!(tx, (i64, Uuid), SQL, kind, demande, holder, now, expires_at)?;
    found.map(|(id, inbox)| Ok((values::number(id)?, inbox))).transpose()
}

/// The question of that number.
pub async fn find(tx: &mut Tx, id: u32) -> Result<Option<Question>, StoreError> {
    let sql = AssertSqlSafe(format!("SELECT {COLUMNS} FROM confirmations WHERE id = $1"));
    row!(tx, Raw, sql, i64::from(id))?.map(Question::try_from).transpose()
}

/// What was asked about that arrival.
pub async fn of_inbox(tx: &mut Tx, inbox: Uuid) -> Result<Option<Question>, StoreError> {
    let sql = AssertSqlSafe(format!("SELECT {COLUMNS} FROM confirmations WHERE inbox = $1"));
    row!(tx, Raw, sql, inbox)?.map(Question::try_from).transpose()
}

/// Who ends a question, how, when.
#[derive(Debug, Clone, Copy)]
pub struct Ending<'a> {
    /// [`State::Yes`], [`State::No`] or [`State::Expired`].
    pub state: State,
    /// "person:12", "operator", "relais".
    pub by: &'a str,
    /// When.
    pub at: Millis,
}

/// Ends an open question, or one in line; false when somebody did before: a question is answered once.
pub async fn end(tx: &mut Tx, id: u32, ending: Ending<'_>) -> Result<bool, StoreError> {
    const SQL: &str = "UPDATE confirmations SET state = $2, answered_by = $3, answered_at = $4 \
        WHERE id = $1 AND state IN ('open', 'waiting')";
    let touched = run!(tx, SQL, i64::from(id), ending.state.code(), ending.by, ending.at)?;
    Ok(touched == 1)
}

/// Notes that the operator lets an arrival through, whatever was asked about it.
pub async fn let_through(tx: &mut Tx, id: u32, inbox: Uuid, at: Millis) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO confirmations (id, inbox, kind, demande, holder, state, held_at, expires_at, \
        answered_at, answered_by) VALUES ($1, $2, 'plafond', 0, '', 'yes', $3, $3, $3, 'operator') \
        ON CONFLICT (inbox) DO UPDATE SET state = 'yes', answered_at = $3, answered_by = 'operator'";
    run!(tx, SQL, i64::from(id), inbox, at).map(drop)
}

/// True for the first that explains how to answer that question.
pub async fn explain_once(tx: &mut Tx, id: u32) -> Result<bool, StoreError> {
    const SQL: &str = "UPDATE confirmations SET explained = TRUE WHERE id = $1 AND NOT explained";
    Ok(run!(tx, SQL, i64::from(id))? == 1)
}

/// Questions whose time is over, the oldest first.
pub async fn due(tx: &mut Tx, now: Millis, limit: u32) -> Result<Vec<Question>, StoreError> {
    let sql = AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM confirmations WHERE state IN ('open', 'waiting') AND expires_at <= $1 \
         ORDER BY expires_at, id LIMIT $2"
    ));
    all_rows!(tx, Raw, sql, now, i64::from(limit))?.into_iter().map(Question::try_from).collect()
}

fn holder_key(holder: Holder) -> String {
    match holder {
        Holder::Person(id) => format!("person:{}", id.0),
        Holder::Group(id) => format!("group:{}", id.0),
    }
}

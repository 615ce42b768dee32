//! Looking at the outbox: lists, one order, and figures.

use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::super::{StoreError, Tx, row, rows, values};
use super::State;
use crate::demande::Millis;
use crate::demande::notice::Order;

pub(in super::super) const COLUMNS: &str = "id, demande, cause, source, notice, to_key, state, not_before, \
    attempts, message_id, created_at, sent_at, answer, path";

/// A row of the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its id.
    pub id: Uuid,
    /// Its demande.
    pub demande: Option<u32>,
    /// The entry that caused it.
    pub cause: Option<u32>,
    /// The arrival that caused it.
    pub source: Option<Uuid>,
    /// What to tell, to whom.
    pub order: Order,
    /// To whom, as a key ([`super::to_key`]).
    pub to_key: String,
    /// Where it stands.
    pub state: State,
    /// Not sent before that time.
    pub not_before: Millis,
    /// How many times it was taken.
    pub attempts: u32,
    /// Its Message-ID, once composed.
    pub message_id: Option<String>,
    /// When it was ordered.
    pub created_at: Millis,
    /// When the relay took it.
    pub sent_at: Option<Millis>,
    /// What the relay answered last, or why it was cancelled.
    pub answer: Option<String>,
    /// The file it was written to.
    pub path: Option<String>,
}

#[derive(sqlx::FromRow)]
pub(in super::super) struct RawRow {
    id: Uuid,
    demande: Option<i64>,
    cause: Option<i64>,
    source: Option<Uuid>,
    #[sqlx(json)]
    notice: Order,
    to_key: String,
    state: String,
    not_before: i64,
    attempts: i64,
    message_id: Option<String>,
    created_at: i64,
    sent_at: Option<i64>,
    answer: Option<String>,
    path: Option<String>,
}

impl TryFrom<RawRow> for Row {
    type Error = StoreError;

    fn try_from(raw: RawRow) -> Result<Self, StoreError> {
        Ok(Row {
            id: raw.id,
            demande: values::maybe_number(raw.demande)?,
            cause: values::maybe_number(raw.cause)?,
            source: raw.source,
            order: raw.notice,
            to_key: raw.to_key,
            state: State::from_code(&raw.state).ok_or_else(|| StoreError::unreadable("outbox.state"))?,
            not_before: raw.not_before,
            attempts: values::number(raw.attempts)?,
            message_id: raw.message_id,
            created_at: raw.created_at,
            sent_at: raw.sent_at,
            answer: raw.answer,
            path: raw.path,
        })
    }
}

/// Which rows [`list`] shows.
#[derive(Debug, Clone, Copy)]
pub struct Filter {
    /// Only those in that state.
    pub state: Option<State>,
    /// Only those of that demande.
    pub demande: Option<u32>,
    /// At most that many.
    pub limit: u32,
}

impl Default for Filter {
    fn default() -> Self {
        Filter { state: None, demande: None, limit: 50 }
    }
}

/// The latest rows first.
pub async fn list(tx: &mut Tx, filter: Filter) -> Result<Vec<Row>, StoreError> {
    let state = filter.state.map(|state| format!("state = '{}'", state.code()));
    let demande = filter.demande.map(|number| format!("demande = {number}"));
    let which: Vec<String> = state.into_iter().chain(demande).collect();
    let which = if which.is_empty() { String::new() } else { format!("WHERE {}", which.join(" AND ")) };
    let sql = AssertSqlSafe(format!("SELECT {COLUMNS} FROM outbox {which} ORDER BY id DESC LIMIT $1"));
    let found = rows!(tx, RawRow, sql, i64::from(filter.limit))?;
    found.into_iter().map(Row::try_from).collect()
}

/// One order.
pub async fn show(tx: &mut Tx, id: Uuid) -> Result<Option<Row>, StoreError> {
    let sql = AssertSqlSafe(format!("SELECT {COLUMNS} FROM outbox WHERE id = $1"));
    row!(tx, RawRow, sql, id)?.map(Row::try_from).transpose()
}

/// What waits in the outbox. Settled rows are not counted: there are millions of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Waiting, those for later included.
    pub waiting: u64,
    /// Being sent.
    pub leased: u64,
    /// Given up.
    pub dead: u64,
    /// Since when the oldest waiting one is due, or will be.
    pub oldest_due: Option<Millis>,
}

/// What waits, and since when.
pub async fn counts(tx: &mut Tx) -> Result<Counts, StoreError> {
    const SQL: &str = "SELECT (SELECT COUNT(*) FROM outbox WHERE state = 'waiting'), \
        (SELECT COUNT(*) FROM outbox WHERE state = 'leased'), (SELECT COUNT(*) FROM outbox WHERE state = 'dead'), \
        (SELECT MIN(not_before) FROM outbox WHERE state = 'waiting')";
    let found = row!(tx, (i64, i64, i64, Option<i64>), SQL)?;
    let (waiting, leased, dead, oldest_due) = found.unwrap_or_default();
    Ok(Counts {
        waiting: values::size(waiting),
        leased: values::size(leased),
        dead: values::size(dead),
        oldest_due,
    })
}

/// True when a mail of that demande was sent to that reader ([`super::to_key`]).
pub async fn wrote_to(tx: &mut Tx, demande: u32, to_key: &str) -> Result<bool, StoreError> {
    const SQL: &str =
        "SELECT 1 FROM outbox WHERE demande = $1 AND to_key = $2 AND sent_at IS NOT NULL LIMIT 1";
    Ok(row!(tx, (i32,), SQL, i64::from(demande), to_key)?.is_some())
}

/// The row that these Message-IDs (without angle brackets, first match wins) are of: our own ledger of what we wrote,
/// which no stranger can write (mail.md §1).
pub async fn by_message_id(tx: &mut Tx, message_ids: &[String]) -> Result<Option<Row>, StoreError> {
    for message_id in message_ids {
        let sql = AssertSqlSafe(format!("SELECT {COLUMNS} FROM outbox WHERE message_id = $1"));
        if let Some(found) = row!(tx, RawRow, sql, message_id)? {
            return found.try_into().map(Some);
        }
    }
    Ok(None)
}

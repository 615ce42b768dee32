//! Looking at the inbox: lists, one arrival in full, and figures.

use serde_json::Value;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::super::{StoreError, Tx, row, rows, values};
use super::{ArrivalKind, State, kind_of};
use crate::demande::{Millis, PersonId};

pub(in super::super) const COLUMNS: &str = "id, key, kind, state, envelope, size, received_at, seen, \
    not_before, attempts, lease_by, reason, demande, entry, person, message_id, sender, trace, sealed, settled_at";

/// A row of the inbox, without its raw bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its id.
    pub id: Uuid,
    /// What makes it unique.
    pub key: String,
    /// What arrived.
    pub kind: ArrivalKind,
    /// Where it stands.
    pub state: State,
    /// What the door knew.
    pub envelope: Value,
    /// Size of the raw bytes.
    pub size: u64,
    /// When it arrived.
    pub received_at: Millis,
    /// How many times it arrived.
    pub seen: u32,
    /// Not worked before that time.
    pub not_before: Millis,
    /// How many times it was taken.
    pub attempts: u32,
    /// Who works, or last worked, on it.
    pub lease_by: Option<String>,
    /// Why it stands there.
    pub reason: Option<String>,
    /// Its demande.
    pub demande: Option<u32>,
    /// The first entry it made.
    pub entry: Option<u32>,
    /// In whose name.
    pub person: Option<PersonId>,
    /// The incoming Message-ID.
    pub message_id: Option<String>,
    /// The sender's address, in lower case.
    pub sender: Option<String>,
    /// What was verified and understood.
    pub trace: Value,
    /// Its raw bytes may not be displayed.
    pub sealed: bool,
    /// When it was settled.
    pub settled_at: Option<Millis>,
}

#[derive(sqlx::FromRow)]
pub(in super::super) struct RawRow {
    id: Uuid,
    key: String,
    kind: String,
    state: String,
    #[sqlx(json)]
    envelope: Value,
    size: i64,
    received_at: i64,
    seen: i64,
    not_before: i64,
    attempts: i64,
    lease_by: Option<String>,
    reason: Option<String>,
    demande: Option<i64>,
    entry: Option<i64>,
    person: Option<i64>,
    message_id: Option<String>,
    sender: Option<String>,
    #[sqlx(json)]
    trace: Value,
    sealed: bool,
    settled_at: Option<i64>,
}

impl TryFrom<RawRow> for Row {
    type Error = StoreError;

    fn try_from(raw: RawRow) -> Result<Self, StoreError> {
        Ok(Row {
            id: raw.id,
            key: raw.key,
            kind: kind_of(&raw.kind)?,
            state: State::from_code(&raw.state).ok_or_else(|| StoreError::unreadable("inbox.state"))?,
            envelope: raw.envelope,
            size: values::size(raw.size),
            received_at: raw.received_at,
            seen: values::number(raw.seen)?,
            not_before: raw.not_before,
            attempts: values::number(raw.attempts)?,
            lease_by: raw.lease_by,
            reason: raw.reason,
            demande: values::maybe_number(raw.demande)?,
            entry: values::maybe_number(raw.entry)?,
            person: raw.person.map(values::person).transpose()?,
            message_id: raw.message_id,
            sender: raw.sender,
            trace: raw.trace,
            sealed: raw.sealed,
            settled_at: raw.settled_at,
        })
    }
}

/// Which rows [`list`] shows.
#[derive(Debug, Clone, Copy)]
pub struct Filter {
    /// Only those in that state.
    pub state: Option<State>,
    /// At most that many.
    pub limit: u32,
}

impl Default for Filter {
    fn default() -> Self {
        Filter { state: None, limit: 50 }
    }
}

/// The latest rows first.
pub async fn list(tx: &mut Tx, filter: Filter) -> Result<Vec<Row>, StoreError> {
    let which = filter.state.map_or(String::new(), |state| format!("WHERE state = '{}'", state.code()));
    let order = match filter.state {
        Some(State::New | State::Held | State::Dead) => "received_at DESC, id DESC",
        _ => "id DESC",
    };
    let sql = AssertSqlSafe(format!("SELECT {COLUMNS} FROM inbox {which} ORDER BY {order} LIMIT $1"));
    let found = rows!(tx, RawRow, sql, i64::from(filter.limit))?;
    found.into_iter().map(Row::try_from).collect()
}

/// One arrival in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// Its row.
    pub row: Row,
    /// Its raw bytes; `None` when it is sealed.
    pub raw: Option<Vec<u8>>,
}

/// One arrival in full, for the operator.
pub async fn show(tx: &mut Tx, id: Uuid) -> Result<Option<Detail>, StoreError> {
    let sql = AssertSqlSafe(format!("SELECT {COLUMNS} FROM inbox WHERE id = $1"));
    let Some(found) = row!(tx, RawRow, sql, id)? else { return Ok(None) };
    let row = Row::try_from(found)?;
    let raw = if row.sealed {
        None
    } else {
        row!(tx, (Vec<u8>,), "SELECT bytes FROM inbox_raw WHERE id = $1", id)?.map(|(bytes,)| bytes)
    };
    Ok(Some(Detail { row, raw }))
}

/// What waits in the inbox. Settled rows are not counted: there are millions of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Not worked yet.
    pub new: u64,
    /// Held.
    pub held: u64,
    /// Dead letters.
    pub dead: u64,
    /// When the oldest new one arrived.
    pub oldest_new: Option<Millis>,
}

/// What waits, and since when.
pub async fn counts(tx: &mut Tx) -> Result<Counts, StoreError> {
    const SQL: &str = "SELECT (SELECT COUNT(*) FROM inbox WHERE state = 'new'), \
        (SELECT COUNT(*) FROM inbox WHERE state = 'held'), (SELECT COUNT(*) FROM inbox WHERE state = 'dead'), \
        (SELECT MIN(received_at) FROM inbox WHERE state = 'new')";
    let found = row!(tx, (i64, i64, i64, Option<i64>), SQL)?;
    let (new, held, dead, oldest_new) = found.unwrap_or_default();
    Ok(Counts { new: values::size(new), held: values::size(held), dead: values::size(dead), oldest_new })
}

//! The outbox: what must be told, written with the change that caused it, leased, sent, settled.
//!
//! Knows rows and states. Does not know how a notice looks, nor how long to wait between two attempts.

mod look;
mod work;

pub(super) use look::{COLUMNS, RawRow};
pub use look::{Counts, Filter, Row, by_message_id, counts, list, show, wrote_to};
use serde_json::{Value, json};
use uuid::Uuid;
pub use work::{Leased, Outcome, cancel, lease, release, retry, settle, settle_all};

use super::{StoreError, Tx, row, run, values};
use crate::clock::Clock;
use crate::demande::notice::{Order, Reader};

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// Waits for its time.
    Waiting,
    /// Somebody sends it.
    Leased,
    /// The relay took it.
    Sent,
    /// Given up; the operator may retry it.
    Dead,
    /// Must not be sent any more.
    Cancelled,
}

impl State {
    /// Every state.
    pub const ALL: [State; 5] = [State::Waiting, State::Leased, State::Sent, State::Dead, State::Cancelled];

    /// Name in the store and in JSON.
    pub fn code(self) -> &'static str {
        match self {
            State::Waiting => "waiting",
            State::Leased => "leased",
            State::Sent => "sent",
            State::Dead => "dead",
            State::Cancelled => "cancelled",
        }
    }

    /// The state of that name.
    pub fn from_code(code: &str) -> Option<Self> {
        State::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// The column `to_key` of a reader: "person:12", "group:3", or the address in lower case.
pub fn to_key(reader: &Reader) -> String {
    match reader {
        Reader::Person(id) => format!("person:{}", id.0),
        Reader::Group(id) => format!("group:{}", id.0),
        Reader::Address(address) => values::address_key(address),
    }
}

/// Orders to tell, all in one statement; their ids, in the same order. `source` is the arrival that caused them.
pub async fn post(
    tx: &mut Tx,
    clock: &Clock,
    demande: Option<u32>,
    source: Option<Uuid>,
    orders: &[(Option<u32>, Order)],
) -> Result<Vec<Uuid>, StoreError> {
    const SQL: &str = "WITH given AS (SELECT value AS v FROM json_each($1)) \
        INSERT INTO outbox (id, demande, cause, source, what, notice, to_key, not_before, created_at) \
        SELECT unhex(v ->> 'id'), $2, CAST(v ->> 'cause' AS BIGINT), $3, v ->> 'what', v -> 'order', v ->> 'to', \
               CAST(v ->> 'not_before' AS BIGINT), $4 FROM given WHERE true";
    if orders.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = orders.iter().map(|_| clock.new_id()).collect();
    let rows: Result<Vec<Value>, _> =
        ids.iter().zip(orders).map(|(id, order)| described(*id, order)).collect();
    let mut given = Value::from(rows?);
    values::clean_json(&mut given);
    run!(tx, SQL, given.to_string(), demande.map(i64::from), source, clock.now())?;
    Ok(ids)
}

fn described(id: Uuid, (cause, order): &(Option<u32>, Order)) -> Result<Value, StoreError> {
    let notice = serde_json::to_value(order).map_err(|_| StoreError::unreadable("outbox.notice"))?;
    Ok(json!({
        "id": values::hex(id), "cause": cause, "what": order.what.code(), "order": notice,
        "to": to_key(&order.to), "not_before": order.not_before,
    }))
}

/// Cancels what these entries caused and that nobody has begun to send; returns how many.
pub async fn cancel_caused_by(tx: &mut Tx, demande: u32, entries: &[u32]) -> Result<u64, StoreError> {
    const SQL: &str = "UPDATE outbox SET state = 'cancelled', answer = 'withdrawn' \
        WHERE demande = $1 AND state = 'waiting' AND cause IN (SELECT CAST(value AS BIGINT) FROM json_each($2))";
    if entries.is_empty() {
        return Ok(0);
    }
    run!(tx, SQL, i64::from(demande), values::numbers(entries.iter().copied()))
}

/// True when that address had its explanation that day already; if not, this one is now counted (mail.md §2: at
/// most one a day). `day` is the local date, "2026-11-24".
pub async fn explained_today(tx: &mut Tx, address: &str, day: &str) -> Result<bool, StoreError> {
    const SQL: &str =
        "INSERT INTO explanations (id, day) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING RETURNING day";
    let id = values::fingerprint(&[&values::address_key(address), day]);
    Ok(row!(tx, (String,), SQL, id, day)?.is_none())
}

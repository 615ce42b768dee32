//! Working the inbox: leases by the database's clock, one settlement for each arrival, and the way back.

use serde_json::Value;
use sqlx::types::Json;
use uuid::Uuid;

use super::super::{Claim, Db, StoreError, Tx, now_ms, row, rows, run, values};
use super::{Arrival, State, gone, kind_of};
use crate::demande::{Millis, PersonId};

/// A lease hands out at most that many raw bytes (but one arrival at least).
const LEASE_BYTES: i64 = 64 << 20;

/// An arrival to work on, ours until the lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leased {
    /// Its id.
    pub id: Uuid,
    /// What arrived.
    pub arrival: Arrival,
    /// How many times it was taken, this one included: a letter that kills its reader is known by it.
    pub attempts: u32,
}

/// How an arrival ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// Where it stands now; [`State::New`] puts it back.
    pub state: State,
    /// Why, in a few words without personal data.
    pub reason: Option<String>,
    /// The demande it belongs to.
    pub demande: Option<u32>,
    /// The first entry it made there.
    pub entry: Option<u32>,
    /// In whose name it was done.
    pub person: Option<PersonId>,
    /// The incoming Message-ID, without angle brackets.
    pub message_id: Option<String>,
    /// The address of its From; without it the envelope's sender stays.
    pub sender: Option<String>,
    /// What was verified and understood, for `relais trace`.
    pub trace: Value,
    /// The raw mail may not be displayed: it holds the answer to the archiving question (domain.md §3).
    pub sealed: bool,
    /// Somebody whose name was proved was let act by it: the caps count such mails apart.
    pub admitted: bool,
    /// Fingerprint of what was said, for the caps ([`fingerprint`]).
    pub said: Option<Uuid>,
    /// When.
    pub at: Millis,
}

impl Settlement {
    /// A settlement that tells nothing but the state.
    pub fn new(state: State, at: Millis) -> Self {
        Settlement {
            state,
            reason: None,
            demande: None,
            entry: None,
            person: None,
            message_id: None,
            sender: None,
            trace: Value::Null,
            sealed: false,
            admitted: false,
            said: None,
            at,
        }
    }
}

/// What must be posted once only (mail.md §1): the same person's same words, however often they arrive.
#[derive(Debug, Clone, Copy)]
pub struct Posting<'a> {
    /// The authenticated sender.
    pub sender: &'a str,
    /// The Message-ID.
    pub message_id: &'a str,
    /// Hash of what was said and of its files.
    pub said_hash: &'a str,
}

// The outer guard says COALESCE so that PostgreSQL finds the picked rows by their id: offered the partial index, it
// walks the whole backlog once for each of them.
macro_rules! lease_sql {
    ($skip:literal) => {
        concat!(
            "WITH picked AS MATERIALIZED (SELECT id FROM inbox WHERE state = 'new' AND not_before <= $3 ",
            "AND lease_until < ",
            now_ms!(),
            " ORDER BY received_at, id LIMIT $4",
            $skip,
            ") UPDATE inbox SET lease_by = $1, attempts = attempts + 1, lease_until = $2 + ",
            now_ms!(),
            " WHERE id IN (SELECT id FROM picked) AND COALESCE(state, '') = 'new' AND lease_until < ",
            now_ms!(),
            " RETURNING id, key, kind, envelope, size, received_at, attempts"
        )
    };
}

#[derive(sqlx::FromRow)]
struct Picked {
    id: Uuid,
    key: String,
    kind: String,
    #[sqlx(json)]
    envelope: Value,
    size: i64,
    received_at: i64,
    attempts: i64,
}

/// Takes the oldest arrivals that nobody works on, for a time; a lease that ended is taken again.
pub async fn lease(db: &Db, claim: Claim<'_>) -> Result<Vec<Leased>, StoreError> {
    let mut tx = db.begin().await?;
    let sql = tx.either(lease_sql!(""), lease_sql!(" FOR UPDATE SKIP LOCKED"));
    let limit = i64::from(claim.limit);
    let mut picked: Vec<Picked> = rows!(&mut tx, Picked, sql, claim.who, claim.for_ms, claim.now, limit)?;
    picked.sort_by_key(|row| (row.received_at, row.id));
    let too_much = beyond(&picked, LEASE_BYTES);
    give_back(&mut tx, picked.drain(too_much..).map(|row| row.id)).await?;
    tx.commit().await?;
    with_raw(db, picked).await
}

/// From which row on the bytes are too many.
fn beyond(picked: &[Picked], limit: i64) -> usize {
    let mut bytes = 0;
    let fits = |row: &&Picked| {
        bytes += row.size;
        bytes <= limit
    };
    picked.iter().take_while(fits).count().max(1).min(picked.len())
}

async fn give_back(tx: &mut Tx, ids: impl Iterator<Item = Uuid>) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE inbox SET lease_by = NULL, lease_until = 0, attempts = attempts - 1 \
        WHERE id IN (SELECT unhex(value) FROM json_each($1))";
    let ids: Vec<_> = ids.collect();
    if !ids.is_empty() {
        run!(tx, SQL, values::ids(ids))?;
    }
    Ok(())
}

async fn with_raw(db: &Db, picked: Vec<Picked>) -> Result<Vec<Leased>, StoreError> {
    const SQL: &str =
        "SELECT id, bytes FROM inbox_raw WHERE id IN (SELECT unhex(value) FROM json_each($1)) ORDER BY id";
    if picked.is_empty() {
        return Ok(Vec::new());
    }
    let mut tx = db.read().await?;
    let ids = values::ids(picked.iter().map(|row| row.id));
    let mut raws: std::collections::HashMap<Uuid, Vec<u8>> =
        rows!(&mut tx, (Uuid, Vec<u8>), SQL, ids)?.into_iter().collect();
    let leased = picked.into_iter().map(|row| {
        let raw = raws.remove(&row.id).ok_or_else(|| StoreError::unreadable("inbox_raw"))?;
        let kind = kind_of(&row.kind)?;
        let arrival =
            Arrival { key: row.key, kind, envelope: row.envelope, raw, received_at: row.received_at };
        Ok(Leased { id: row.id, arrival, attempts: values::number(row.attempts)? })
    });
    leased.collect()
}

/// Settles an arrival, in the transaction that records what it did.
///
/// # Errors
/// [`StoreError::Conflict`] when somebody else settled it first (our lease had ended): roll back, do nothing.
pub async fn settle(tx: &mut Tx, id: Uuid, settlement: &Settlement) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE inbox SET state = $2, reason = $3, demande = $4, entry = $5, person = $6, \
        message_id = $7, sender = COALESCE($8, sender), trace = $9, sealed = $10, settled_at = $11, \
        admitted = $12, said = $13, lease_by = NULL, lease_until = 0 WHERE id = $1 AND state = 'new'";
    let mut trace = settlement.trace.clone();
    values::clean_json(&mut trace);
    let touched = run!(
        tx,
        SQL,
        id,
        settlement.state.code(),
        settlement.reason.as_deref().map(values::clean),
        settlement.demande.map(i64::from),
        settlement.entry.map(i64::from),
        settlement.person.map(|person| i64::from(person.0)),
        settlement.message_id.as_deref().map(values::clean),
        settlement.sender.as_deref().map(values::address_key),
        Json(&trace),
        settlement.sealed,
        settlement.at,
        settlement.admitted,
        settlement.said,
    )?;
    if touched == 1 { Ok(()) } else { Err(gone(id)) }
}

/// Puts an arrival back after a temporary failure, for not before that time of the daemon's clock.
pub async fn again(db: &Db, id: Uuid, not_before: Millis, reason: &str) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE inbox SET lease_by = NULL, lease_until = 0, not_before = $2, reason = $3 \
        WHERE id = $1 AND state = 'new'";
    let mut tx = db.begin().await?;
    run!(&mut tx, SQL, id, not_before, values::clean(reason))?;
    tx.commit().await
}

/// Gives back every lease of that worker, at a soft stop; returns how many. They do not count as attempts.
pub async fn release(db: &Db, who: &str) -> Result<u64, StoreError> {
    const SQL: &str = "UPDATE inbox SET lease_by = NULL, lease_until = 0, attempts = attempts - 1 \
        WHERE state = 'new' AND lease_by = $1";
    let mut tx = db.begin().await?;
    let released = run!(&mut tx, SQL, who)?;
    tx.commit().await?;
    Ok(released)
}

/// Has a settled arrival worked again, as if it came now; false if there is none to replay.
pub async fn replay(db: &Db, id: Uuid) -> Result<bool, StoreError> {
    let mut tx = db.begin().await?;
    let replayed = replay_in(&mut tx, id).await?;
    tx.commit().await?;
    Ok(replayed)
}

/// The same within a transaction: a held mail whose owner confirmed it. What was posted once is not posted twice
/// ([`claim_posting`]).
pub async fn replay_in(tx: &mut Tx, id: Uuid) -> Result<bool, StoreError> {
    const SQL: &str = "UPDATE inbox SET state = 'new', attempts = 0, not_before = 0, lease_by = NULL, \
        lease_until = 0, reason = NULL, settled_at = NULL WHERE id = $1 AND state <> 'new'";
    Ok(run!(tx, SQL, id)? == 1)
}

/// Ends a held arrival; false when it is held no more.
pub async fn end_held(
    tx: &mut Tx,
    id: Uuid,
    state: State,
    reason: &str,
    at: Millis,
) -> Result<bool, StoreError> {
    const SQL: &str =
        "UPDATE inbox SET state = $2, reason = $3, settled_at = $4 WHERE id = $1 AND state = 'held'";
    Ok(run!(tx, SQL, id, state.code(), values::clean(reason), at)? == 1)
}

/// True when an arrival has been held since before `since`.
pub async fn held_since(tx: &mut Tx, since: Millis) -> Result<bool, StoreError> {
    const SQL: &str = "SELECT 1 FROM inbox WHERE state = 'held' AND received_at <= $1 LIMIT 1";
    Ok(row!(tx, (i32,), SQL, since)?.is_some())
}

/// Ends every arrival that has been held since before `since`, and forgets what it said; returns how many.
pub async fn end_held_since(tx: &mut Tx, since: Millis, reason: &str, at: Millis) -> Result<u64, StoreError> {
    const FORGET: &str = "UPDATE inbox_raw SET bytes = $2 WHERE id IN \
        (SELECT id FROM inbox WHERE state = 'held' AND received_at <= $1)";
    const END: &str = "UPDATE inbox SET state = 'refused', reason = $2, settled_at = $3 \
        WHERE state = 'held' AND received_at <= $1";
    run!(tx, FORGET, since, Vec::<u8>::new())?;
    run!(tx, END, since, values::clean(reason), at)
}

/// One number for these words, to tell whether the same are said again.
pub fn fingerprint(words: &str) -> Uuid {
    values::fingerprint(&[words])
}

/// True for the first that claims these words; false when they were posted before. Undone with the transaction.
pub async fn claim_posting(tx: &mut Tx, posting: Posting<'_>) -> Result<bool, StoreError> {
    const SQL: &str = "INSERT INTO postings (id) VALUES ($1) ON CONFLICT (id) DO NOTHING RETURNING id";
    let sender = values::address_key(posting.sender);
    let id = values::fingerprint(&[&sender, posting.message_id, posting.said_hash]);
    Ok(row!(tx, (Uuid,), SQL, id)?.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_size(size: i64) -> Picked {
        let (key, kind) = (String::new(), String::new());
        Picked { id: Uuid::nil(), key, kind, envelope: Value::Null, size, received_at: 0, attempts: 1 }
    }

    #[test]
    fn bytes_are_bounded_but_one_always_fits() {
        assert_eq!(beyond(&[], 10), 0);
        assert_eq!(beyond(&[of_size(99)], 10), 1);
        assert_eq!(beyond(&[of_size(4), of_size(6), of_size(1)], 10), 2);
    }
}

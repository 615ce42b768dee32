//! Working the outbox: a lease and its outcome. Never a send inside a transaction.

use serde_json::{Value, json};
use uuid::Uuid;

use super::super::{Claim, Db, StoreError, now_ms, rows, run, values};
use crate::demande::Millis;
use crate::demande::notice::Order;

/// An order to send, ours until the lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leased {
    /// Its id: Message-ID and boundaries are made from it, so that a retry is byte-equal.
    pub id: Uuid,
    /// Its demande, if it is about one.
    pub demande: Option<u32>,
    /// The entry that caused it.
    pub cause: Option<u32>,
    /// The arrival that caused it.
    pub source: Option<Uuid>,
    /// What to tell, to whom.
    pub order: Order,
    /// How many times it was taken, this one included.
    pub attempts: u32,
    /// When it was ordered: the Date of the mail.
    pub created_at: Millis,
    /// The Message-ID of an earlier attempt.
    pub message_id: Option<String>,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The relay took it.
    Sent {
        /// When.
        at: Millis,
        /// Its Message-ID, without angle brackets.
        message_id: Option<String>,
        /// What the relay answered.
        answer: Option<String>,
        /// The file it was written to, for the folder.
        path: Option<String>,
    },
    /// To be tried again.
    Again {
        /// Not before that time.
        not_before: Millis,
        /// The Message-ID it had, which it keeps.
        message_id: Option<String>,
        /// What the relay answered, or the cause.
        answer: Option<String>,
    },
    /// Given up.
    Dead {
        /// What the relay answered, or the cause.
        answer: Option<String>,
    },
    /// Must not be sent any more.
    Cancelled {
        /// Why.
        reason: String,
    },
}

// The outer guard says COALESCE so that PostgreSQL finds the picked rows by their id: offered the partial index, it
// walks the whole backlog once for each of them.
macro_rules! lease_sql {
    ($skip:literal) => {
        concat!(
            "WITH picked AS MATERIALIZED (SELECT id FROM outbox WHERE state = 'waiting' AND not_before <= $3 ",
            "ORDER BY not_before, id LIMIT $4",
            $skip,
            ") UPDATE outbox SET state = 'leased', lease_by = $1, attempts = attempts + 1, lease_until = $2 + ",
            now_ms!(),
            " WHERE id IN (SELECT id FROM picked) AND COALESCE(state, '') = 'waiting' ",
            "RETURNING id, demande, cause, source, notice, attempts, created_at, message_id, not_before"
        )
    };
}

#[derive(sqlx::FromRow)]
struct Picked {
    id: Uuid,
    demande: Option<i64>,
    cause: Option<i64>,
    source: Option<Uuid>,
    #[sqlx(json)]
    notice: Order,
    attempts: i64,
    created_at: i64,
    message_id: Option<String>,
    not_before: i64,
}

/// Takes what is due and that nobody sends, for a time; what a lost worker held comes back first.
pub async fn lease(db: &Db, claim: Claim<'_>) -> Result<Vec<Leased>, StoreError> {
    const EXPIRED: &str = concat!(
        "UPDATE outbox SET state = 'waiting', lease_by = NULL, lease_until = 0 ",
        "WHERE state = 'leased' AND lease_until < ",
        now_ms!()
    );
    let mut tx = db.begin().await?;
    run!(&mut tx, EXPIRED)?;
    let sql = tx.either(lease_sql!(""), lease_sql!(" FOR UPDATE SKIP LOCKED"));
    let limit = i64::from(claim.limit);
    let mut picked = rows!(&mut tx, Picked, sql, claim.who, claim.for_ms, claim.now, limit)?;
    tx.commit().await?;
    picked.sort_by_key(|row| (row.not_before, row.id));
    picked.into_iter().map(Leased::try_from).collect()
}

impl TryFrom<Picked> for Leased {
    type Error = StoreError;

    fn try_from(row: Picked) -> Result<Self, StoreError> {
        Ok(Leased {
            id: row.id,
            demande: values::maybe_number(row.demande)?,
            cause: values::maybe_number(row.cause)?,
            source: row.source,
            order: row.notice,
            attempts: values::number(row.attempts)?,
            created_at: row.created_at,
            message_id: row.message_id,
        })
    }
}

/// Writes down how one attempt ended.
pub async fn settle(db: &Db, id: Uuid, outcome: Outcome) -> Result<(), StoreError> {
    settle_all(db, &[(id, outcome)]).await
}

/// Writes down how a batch of attempts ended, in one statement and one commit. A sent one stays sent whatever comes
/// later; what somebody cancelled or retried meanwhile is only changed by having been sent.
pub async fn settle_all(db: &Db, outcomes: &[(Uuid, Outcome)]) -> Result<(), StoreError> {
    const SQL: &str = "WITH given AS (SELECT value AS v FROM json_each($1)) \
        UPDATE outbox SET state = v ->> 'state', lease_by = NULL, lease_until = 0, \
            not_before = COALESCE(CAST(v ->> 'not_before' AS BIGINT), outbox.not_before), \
            message_id = COALESCE(v ->> 'message_id', outbox.message_id), \
            answer = v ->> 'answer', path = v ->> 'path', sent_at = CAST(v ->> 'at' AS BIGINT) \
        FROM given WHERE outbox.id = unhex(v ->> 'id') \
            AND (outbox.state = 'leased' OR (v ->> 'state' = 'sent' AND outbox.state <> 'sent'))";
    if outcomes.is_empty() {
        return Ok(());
    }
    let mut given = Value::from(outcomes.iter().map(|(id, o)| described(*id, o)).collect::<Vec<_>>());
    values::clean_json(&mut given);
    let mut tx = db.begin().await?;
    run!(&mut tx, SQL, given.to_string())?;
    tx.commit().await
}

fn described(id: Uuid, outcome: &Outcome) -> Value {
    let id = values::hex(id);
    match outcome {
        Outcome::Sent { at, message_id, answer, path } => json!({
            "id": id, "state": "sent", "at": at, "message_id": message_id, "answer": answer, "path": path,
        }),
        Outcome::Again { not_before, message_id, answer } => json!({
            "id": id, "state": "waiting", "not_before": not_before, "message_id": message_id, "answer": answer,
        }),
        Outcome::Dead { answer } => json!({"id": id, "state": "dead", "answer": answer}),
        Outcome::Cancelled { reason } => json!({"id": id, "state": "cancelled", "answer": reason}),
    }
}

/// Gives back every lease of that worker, at a soft stop; returns how many. They do not count as attempts.
pub async fn release(db: &Db, who: &str) -> Result<u64, StoreError> {
    const SQL: &str = "UPDATE outbox SET state = 'waiting', lease_by = NULL, lease_until = 0, \
        attempts = attempts - 1 WHERE state = 'leased' AND lease_by = $1";
    let mut tx = db.begin().await?;
    let released = run!(&mut tx, SQL, who)?;
    tx.commit().await?;
    Ok(released)
}

/// Has a dead, cancelled or waiting order sent now; false when there is none, or it was sent or is being sent.
pub async fn retry(db: &Db, id: Uuid) -> Result<bool, StoreError> {
    const SQL: &str = "UPDATE outbox SET state = 'waiting', not_before = 0, attempts = 0 \
        WHERE id = $1 AND (state IN ('dead', 'cancelled') OR state = 'waiting' AND attempts > 0)";
    one(db, SQL, id).await
}

/// Cancels an order that waits or is dead; false when there is none such.
pub async fn cancel(db: &Db, id: Uuid) -> Result<bool, StoreError> {
    const SQL: &str = "UPDATE outbox SET state = 'cancelled', answer = 'by the operator' \
        WHERE id = $1 AND state IN ('waiting', 'dead')";
    one(db, SQL, id).await
}

async fn one(db: &Db, sql: &'static str, id: Uuid) -> Result<bool, StoreError> {
    let mut tx = db.begin().await?;
    let touched = run!(&mut tx, sql, id)?;
    tx.commit().await?;
    Ok(touched == 1)
}

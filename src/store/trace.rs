//! What `relais trace` tells: what was received, what it led to, what was sent for it.

use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::{StoreError, Tx, inbox, outbox, row, rows, values};

/// At most that many rows of either box, the latest.
const LIMIT: i64 = 500;

/// What to follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A demande, by its number.
    Demande(u32),
    /// A mail received or sent, by its Message-ID, with or without angle brackets.
    MessageId(String),
    /// Everything received from or sent to an address.
    Address(String),
}

/// What is known of it, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trace {
    /// What arrived, with what was understood.
    pub received: Vec<inbox::Row>,
    /// What it caused to be told, with what the relay answered.
    pub sent: Vec<outbox::Row>,
}

/// Follows it through both boxes.
pub async fn trace(tx: &mut Tx, subject: &Subject) -> Result<Trace, StoreError> {
    match subject {
        Subject::Demande(number) => {
            let by = number.to_string();
            let received = received(tx, "demande = CAST($1 AS BIGINT)", &by).await?;
            let sent = sent(tx, "demande = CAST($1 AS BIGINT)", &by).await?;
            Ok(Trace { received, sent })
        }
        Subject::MessageId(id) => {
            of_message(tx, id.trim().trim_start_matches('<').trim_end_matches('>')).await
        }
        Subject::Address(address) => of_address(tx, &values::address_key(address)).await,
    }
}

async fn of_message(tx: &mut Tx, id: &str) -> Result<Trace, StoreError> {
    let mut received = received(tx, "message_id = $1", id).await?;
    let mut sent = sent(tx, "message_id = $1", id).await?;
    let sources: Vec<Uuid> = sent.iter().filter_map(|row| row.source).collect();
    if received.is_empty() && !sources.is_empty() {
        received = by_ids(tx, sources).await?;
    } else if !received.is_empty() {
        sent.extend(caused_by(tx, &received).await?);
        sent.sort_by_key(|row| row.id);
        sent.dedup_by_key(|row| row.id);
    }
    Ok(Trace { received, sent })
}

async fn of_address(tx: &mut Tx, key: &str) -> Result<Trace, StoreError> {
    let received = received(tx, "sender = $1", key).await?;
    let mut sent = sent(tx, "to_key = $1", key).await?;
    for holder in holders(tx, key).await? {
        sent.extend(self::sent(tx, "to_key = $1", &holder).await?);
    }
    sent.extend(caused_by(tx, &received).await?);
    sent.sort_by_key(|row| row.id);
    sent.dedup_by_key(|row| row.id);
    Ok(Trace { received, sent })
}

/// The keys under which the outbox knows an address.
async fn holders(tx: &mut Tx, key: &str) -> Result<Vec<String>, StoreError> {
    const PERSON: &str = "SELECT person FROM people_addresses WHERE address_key = $1";
    const GROUPS: &str = "SELECT id FROM groupes WHERE bal_key = $1";
    let person = row!(tx, (i64,), PERSON, key)?.map(|(id,)| format!("person:{id}"));
    let groups = rows!(tx, (i64,), GROUPS, key)?;
    Ok(person.into_iter().chain(groups.into_iter().map(|(id,)| format!("group:{id}"))).collect())
}

async fn received(tx: &mut Tx, which: &'static str, by: &str) -> Result<Vec<inbox::Row>, StoreError> {
    let columns = inbox::COLUMNS;
    let sql = AssertSqlSafe(format!("SELECT {columns} FROM inbox WHERE {which} ORDER BY id DESC LIMIT $2"));
    let found = rows!(tx, inbox::RawRow, sql, by, LIMIT)?;
    found.into_iter().rev().map(inbox::Row::try_from).collect()
}

async fn by_ids(tx: &mut Tx, ids: Vec<Uuid>) -> Result<Vec<inbox::Row>, StoreError> {
    received(tx, "id IN (SELECT unhex(value) FROM json_each($1))", &values::ids(ids)).await
}

async fn sent(tx: &mut Tx, which: &'static str, by: &str) -> Result<Vec<outbox::Row>, StoreError> {
    let columns = outbox::COLUMNS;
    let sql = AssertSqlSafe(format!("SELECT {columns} FROM outbox WHERE {which} ORDER BY id DESC LIMIT $2"));
    let found = rows!(tx, outbox::RawRow, sql, by, LIMIT)?;
    found.into_iter().rev().map(outbox::Row::try_from).collect()
}

async fn caused_by(tx: &mut Tx, received: &[inbox::Row]) -> Result<Vec<outbox::Row>, StoreError> {
    let ids = values::ids(received.iter().map(|row| row.id));
    sent(tx, "source IN (SELECT unhex(value) FROM json_each($1))", &ids).await
}

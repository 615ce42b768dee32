//! Recording a decision: its entries, what it withdraws, who joins, and the columns that lists are read from.

use serde_json::{Value, json};

use super::super::{StoreError, Tx, outbox, run, values};
use crate::demande::decide::{Decision, NewEntry};
use crate::demande::{FileRef, Millis, Participant, PersonId};

/// Records a decision in the transaction that settles its arrival. The orders of what it withdraws are cancelled
/// where they still wait; its own orders are posted by [`outbox::post`].
///
/// # Errors
/// [`StoreError::Conflict`] when somebody else took a rank meanwhile: roll back, read the scene again, decide again.
pub async fn record(tx: &mut Tx, number: u32, decision: &Decision, at: Millis) -> Result<(), StoreError> {
    append(tx, number, &decision.entries).await?;
    attach(tx, number, &decision.entries).await?;
    withdraw(tx, number, &decision.withdraw, at).await?;
    outbox::cancel_caused_by(tx, number, &decision.withdraw).await?;
    join(tx, number, &decision.joins).await?;
    follow(tx, number, &decision.follows).await?;
    if let Some(answer) = decision.usefulness {
        count_answer(tx, number, answer, at).await?;
    }
    if decision.entries.is_empty() && decision.withdraw.is_empty() {
        return Ok(());
    }
    project(tx, number, decision.entries.iter().map(|entry| entry.at).max()).await
}

async fn append(tx: &mut Tx, number: u32, entries: &[NewEntry]) -> Result<(), StoreError> {
    const SQL: &str = "WITH given AS (SELECT value AS v FROM json_each($2)) \
        INSERT INTO entries (demande, n, kind, author_person, author_group, author_name, author_side, visibility, \
            text, quoted, signature, channel, source, at, pending_until) \
        SELECT $1, CAST(v ->> 'n' AS BIGINT), v ->> 'kind', CAST(v ->> 'person' AS BIGINT), \
            CAST(v ->> 'group' AS BIGINT), v ->> 'name', v ->> 'side', v ->> 'visibility', v ->> 'text', \
            v ->> 'quoted', v ->> 'signature', v ->> 'channel', unhex(v ->> 'source'), \
            CAST(v ->> 'at' AS BIGINT), CAST(v ->> 'pending_until' AS BIGINT) FROM given WHERE true";
    if entries.is_empty() {
        return Ok(());
    }
    let mut given = Value::from(entries.iter().map(described).collect::<Vec<_>>());
    values::clean_json(&mut given);
    run!(tx, SQL, i64::from(number), given.to_string()).map(drop)
}

fn described(entry: &NewEntry) -> Value {
    json!({
        "n": entry.n,
        "kind": entry.kind.code(),
        "person": entry.author.person,
        "group": entry.author.group,
        "name": entry.author.name,
        "side": entry.author.side.map(crate::demande::Side::code),
        "visibility": entry.visibility.code(),
        "text": entry.text,
        "quoted": entry.quoted,
        "signature": entry.signature,
        "channel": entry.channel.code(),
        "source": entry.source.map(values::hex),
        "at": entry.at,
        "pending_until": entry.pending_until,
    })
}

/// Ties the files, kept before their entry had a rank, to it.
async fn attach(tx: &mut Tx, number: u32, entries: &[NewEntry]) -> Result<(), StoreError> {
    const SQL: &str = "WITH given AS (SELECT value AS v FROM json_each($2)) \
        UPDATE files SET entry = CAST(v ->> 'n' AS BIGINT), rank = CAST(v ->> 'rank' AS BIGINT) FROM given \
        WHERE files.id = unhex(v ->> 'id') AND files.demande = $1";
    let tie =
        |n: u32, (rank, file): (usize, &FileRef)| json!({"n": n, "rank": rank, "id": values::hex(file.id)});
    let of_entry = |entry: &NewEntry| -> Vec<Value> {
        entry.files.iter().enumerate().map(|file| tie(entry.n, file)).collect()
    };
    let ties: Vec<Value> = entries.iter().flat_map(of_entry).collect();
    if ties.is_empty() {
        return Ok(());
    }
    run!(tx, SQL, i64::from(number), Value::from(ties).to_string()).map(drop)
}

async fn withdraw(tx: &mut Tx, number: u32, entries: &[u32], at: Millis) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE entries SET withdrawn_at = $3 WHERE demande = $1 AND withdrawn_at IS NULL \
        AND n IN (SELECT CAST(value AS BIGINT) FROM json_each($2))";
    if entries.is_empty() {
        return Ok(());
    }
    run!(tx, SQL, i64::from(number), values::numbers(entries.iter().copied()), at).map(drop)
}

/// Adds participants. Who comes back keeps his side, for good (domain.md §2), and the date he first joined.
pub(super) async fn join(tx: &mut Tx, number: u32, joins: &[Participant]) -> Result<(), StoreError> {
    const SQL: &str = "WITH given AS (SELECT value AS v FROM json_each($2)) \
        INSERT INTO participants (demande, person, side, role, joined_at, left_at, follows) \
        SELECT $1, CAST(v ->> 'person' AS BIGINT), v ->> 'side', v ->> 'role', CAST(v ->> 'joined_at' AS BIGINT), \
            CAST(v ->> 'left_at' AS BIGINT), CAST(v ->> 'follows' AS BOOLEAN) FROM given WHERE true \
        ON CONFLICT (demande, person) DO UPDATE SET role = excluded.role, left_at = excluded.left_at, \
            follows = excluded.follows";
    if joins.is_empty() {
        return Ok(());
    }
    let given: Vec<Value> = joins.iter().map(|p| json!(p)).collect();
    run!(tx, SQL, i64::from(number), Value::from(given).to_string()).map(drop)
}

async fn follow(tx: &mut Tx, number: u32, follows: &[(PersonId, bool)]) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE participants SET follows = $3 WHERE demande = $1 AND person = $2";
    for (person, follows) in follows {
        run!(tx, SQL, i64::from(number), i64::from(person.0), *follows)?;
    }
    Ok(())
}

/// One more answer in the month's sum of the territoire; nothing leads back to the demande (domain.md §3).
async fn count_answer(tx: &mut Tx, number: u32, answer: &str, at: Millis) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO usefulness (month, territoire, answer, answers) \
        SELECT $2, territoire, $3, 1 FROM demandes WHERE number = $1 \
        ON CONFLICT (month, territoire, answer) DO UPDATE SET answers = usefulness.answers + 1";
    run!(tx, SQL, i64::from(number), month(at), answer).map(drop)
}

/// "2026-11", in UTC.
fn month(at: Millis) -> String {
    let moment = time::OffsetDateTime::from_unix_timestamp(at.div_euclid(1000));
    let date = moment.unwrap_or(time::OffsetDateTime::UNIX_EPOCH).date();
    format!("{:04}-{:02}", date.year(), u8::from(date.month()))
}

/// The columns lists are sorted and cut by. `closed_at` is [`crate::demande::Demande::closed_at`] in SQL.
async fn project(tx: &mut Tx, number: u32, activity: Option<Millis>) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE demandes SET \
        last_activity = CASE WHEN $2 > last_activity THEN $2 ELSE last_activity END, \
        closed_at = (SELECT CASE WHEN kind = 'archivage' THEN at END FROM entries WHERE demande = $1 \
            AND withdrawn_at IS NULL AND kind IN ('archivage', 'reouverture') ORDER BY n DESC LIMIT 1) \
        WHERE number = $1";
    run!(tx, SQL, i64::from(number), activity.unwrap_or(0)).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_a_calendar_one() {
        assert_eq!(month(0), "1970-01");
        assert_eq!(month(1_795_544_217_951), "2026-11");
    }
}

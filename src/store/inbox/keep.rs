//! Keeping what arrives: group commit, so that concurrent deliveries share one flush of the disk.
//!
//! One task owns the writing. It gathers what came while it committed, waits at most 2 ms more when the last batch
//! shows that several senders are at work, and answers each caller only after the commit.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

use super::super::open::Pools;
use super::super::{Db, StoreError, Tx, now_ms, on, row, rows, run, values};
use super::Arrival;
use crate::clock::Clock;

/// Callers that may wait in line before others wait to get in it.
const LINE: usize = 256;
/// At most that many arrivals, and that many raw bytes (but one arrival at least), in one commit.
const BATCH: usize = 128;
const BATCH_BYTES: usize = 64 << 20;
const GATHER: Duration = Duration::from_millis(2);

/// The answer of [`keep`]: it is on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// Id of the row, old or new.
    pub id: Uuid,
    /// The same key had arrived before.
    pub seen: bool,
}

/// Keeps an arrival; when this returns it is on disk, and "250" may be said.
///
/// One mail delivered twice is one row. If the second delivery names other recipients, they are added to the
/// envelope's `recipients` while the row is not worked yet; if it is leased or settled already they go to the
/// envelope's `late`, which only the operator's trace shows: the first reading had To and Cc to find every demande.
///
/// # Errors
/// [`StoreError::Temporary`] means "try again" (4xx): nothing was promised, though it may have been kept.
pub async fn keep(db: &Db, clock: &Clock, arrival: Arrival) -> Result<Kept, StoreError> {
    let (answer, receipt) = oneshot::channel();
    let request = Request { item: Item { id: clock.new_id(), arrival }, answer };
    db.keeper.line.send(request).await.map_err(|_| stopped())?;
    receipt.await.map_err(|_| stopped())?
}

/// Keeps an arrival within a transaction: a page's form, settled by the same commit.
pub async fn keep_in(tx: &mut Tx, clock: &Clock, arrival: Arrival) -> Result<Kept, StoreError> {
    let item = Item { id: clock.new_id(), arrival };
    let kept = write(tx, std::slice::from_ref(&item)).await?;
    kept.into_iter().next().ok_or_else(stopped)
}

fn stopped() -> StoreError {
    StoreError::Temporary("the store is closing".to_owned())
}

struct Item {
    id: Uuid,
    arrival: Arrival,
}

struct Request {
    item: Item,
    answer: oneshot::Sender<Result<Kept, StoreError>>,
}

/// The line that leads to the writing task; the task ends with the last clone.
#[derive(Debug, Clone)]
pub(in super::super) struct Keeper {
    line: mpsc::Sender<Request>,
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request").field("id", &self.item.id).finish_non_exhaustive()
    }
}

impl Keeper {
    pub(in super::super) fn start(pools: Pools) -> Self {
        let (line, requests) = mpsc::channel(LINE);
        tokio::spawn(write_all(pools, requests));
        Keeper { line }
    }
}

async fn write_all(pools: Pools, mut requests: mpsc::Receiver<Request>) {
    let mut last = 1;
    while let Some(first) = requests.recv().await {
        let batch = gather(first, &mut requests, last).await;
        last = batch.len();
        answer(&pools, batch).await;
    }
}

/// What waits already; then, up to as many as last time, what comes within 2 ms. A lone sender never waits.
async fn gather(first: Request, requests: &mut mpsc::Receiver<Request>, expected: usize) -> Vec<Request> {
    let deadline = Instant::now() + GATHER;
    let mut bytes = first.item.arrival.raw.len();
    let mut batch = vec![first];
    while batch.len() < BATCH && bytes < BATCH_BYTES {
        let next = match requests.try_recv() {
            Ok(next) => Some(next),
            Err(_) if batch.len() < expected => timeout_at(deadline, requests.recv()).await.ok().flatten(),
            Err(_) => None,
        };
        let Some(next) = next else { break };
        bytes += next.item.arrival.raw.len();
        batch.push(next);
    }
    batch
}

/// Commits the batch; if it is refused as a whole, each alone, so that a bad one does not fail its neighbours.
async fn answer(pools: &Pools, batch: Vec<Request>) {
    let (items, answers): (Vec<_>, Vec<_>) =
        batch.into_iter().map(|request| (request.item, request.answer)).unzip();
    let results = match commit(pools, &items).await {
        Ok(kept) => kept.into_iter().map(Ok).collect(),
        Err(error) if items.len() == 1 || error.is_temporary() => vec![Err(error); items.len()],
        Err(_) => one_by_one(pools, &items).await,
    };
    for (answer, result) in answers.into_iter().zip(results) {
        // A caller that went away keeps its row: its sender delivers again, and is then "seen".
        let _ = answer.send(result);
    }
}

async fn one_by_one(pools: &Pools, items: &[Item]) -> Vec<Result<Kept, StoreError>> {
    let mut results = Vec::with_capacity(items.len());
    for item in items {
        let alone = commit(pools, std::slice::from_ref(item)).await;
        results.push(alone.and_then(|kept| kept.into_iter().next().ok_or_else(stopped)));
    }
    results
}

async fn commit(pools: &Pools, items: &[Item]) -> Result<Vec<Kept>, StoreError> {
    let mut tx = pools.begin().await?;
    let kept = write(&mut tx, items).await?;
    tx.commit().await?;
    Ok(kept)
}

/// Writes every item, in order; the answers are in the same order.
async fn write(tx: &mut Tx, items: &[Item]) -> Result<Vec<Kept>, StoreError> {
    let new = insert(tx, items).await?;
    insert_raw(tx, items.iter().filter(|item| new.contains(&item.id))).await?;
    let mut kept = Vec::with_capacity(items.len());
    for item in items {
        if new.contains(&item.id) {
            kept.push(Kept { id: item.id, seen: false });
        } else {
            kept.push(Kept { id: meet_again(tx, &item.arrival).await?, seen: true });
        }
    }
    Ok(kept)
}

async fn insert(tx: &mut Tx, items: &[Item]) -> Result<Vec<Uuid>, StoreError> {
    const SQL: &str = "WITH given AS (SELECT value AS v FROM json_each($1)) \
        INSERT INTO inbox (id, key, kind, envelope, size, received_at, sender) \
        SELECT unhex(v ->> 'id'), v ->> 'key', v ->> 'kind', v -> 'envelope', CAST(v ->> 'size' AS BIGINT), \
               CAST(v ->> 'at' AS BIGINT), v ->> 'sender' \
        FROM given WHERE true ON CONFLICT (key) DO NOTHING RETURNING id";
    let given = Value::from(items.iter().map(described).collect::<Vec<_>>()).to_string();
    let new: Vec<(Uuid,)> = rows!(tx, (Uuid,), SQL, &given)?;
    Ok(new.into_iter().map(|(id,)| id).collect())
}

fn described(item: &Item) -> Value {
    let arrival = &item.arrival;
    let mut envelope = arrival.envelope.clone();
    values::clean_json(&mut envelope);
    let sender = envelope.get("sender").and_then(Value::as_str).map(values::address_key);
    json!({
        "id": values::hex(item.id),
        "key": values::clean(&arrival.key),
        "kind": arrival.kind.code(),
        "envelope": envelope,
        "size": arrival.raw.len(),
        "at": arrival.received_at,
        "sender": sender,
    })
}

async fn insert_raw<'a>(tx: &mut Tx, items: impl Iterator<Item = &'a Item>) -> Result<(), StoreError> {
    let items: Vec<_> = items.collect();
    if items.is_empty() {
        return Ok(());
    }
    on!(tx, |c| {
        let mut sql = sqlx::QueryBuilder::new("INSERT INTO inbox_raw (id, bytes) ");
        sql.push_values(&items, |mut tuple, item| {
            tuple.push_bind(item.id).push_bind(item.arrival.raw.as_slice());
        });
        sql.build().execute(c).await.map(drop)
    })?;
    Ok(())
}

/// The row that was there before, with the new delivery's recipients added where they still count.
async fn meet_again(tx: &mut Tx, arrival: &Arrival) -> Result<Uuid, StoreError> {
    // The update takes the row's lock, so that nobody leases it between the reading and the writing.
    const MEET: &str = concat!(
        "UPDATE inbox SET seen = seen + 1 WHERE key = $1 ",
        "RETURNING id, envelope, state = 'new' AND lease_until < ",
        now_ms!()
    );
    const MERGE: &str = "UPDATE inbox SET envelope = $2 WHERE id = $1";
    let met = row!(tx, (Uuid, sqlx::types::Json<Value>, bool), MEET, values::clean(&arrival.key))?;
    let (id, sqlx::types::Json(mut envelope), free) =
        met.ok_or_else(|| StoreError::Conflict("an arrival of that key was deleted meanwhile".to_owned()))?;
    let into = if free { "recipients" } else { "late" };
    if add_recipients(&mut envelope, &arrival.envelope, into) {
        run!(tx, MERGE, id, sqlx::types::Json(&envelope))?;
    }
    Ok(id)
}

/// True when a recipient was added.
fn add_recipients(kept: &mut Value, again: &Value, into: &str) -> bool {
    let known = |list: &str, one: &Value| {
        kept.get(list).and_then(Value::as_array).is_some_and(|known| known.contains(one))
    };
    let others = again.get("recipients").and_then(Value::as_array).into_iter().flatten();
    let mut others: Vec<Value> =
        others.filter(|one| !known("recipients", one) && !known(into, one)).cloned().collect();
    others.iter_mut().for_each(values::clean_json);
    let Some(envelope) = kept.as_object_mut().filter(|_| !others.is_empty()) else { return false };
    if let Value::Array(list) = envelope.entry(into).or_insert_with(|| Value::from(Vec::<Value>::new())) {
        list.extend(others);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recipients_are_added_once() {
        let mut kept = json!({"recipients": ["a@x.test"]});
        assert!(add_recipients(&mut kept, &json!({"recipients": ["b@x.test", "a@x.test"]}), "recipients"));
        assert!(!add_recipients(&mut kept, &json!({"recipients": ["b@x.test"]}), "late"));
        assert!(add_recipients(&mut kept, &json!({"recipients": ["c@x.test"]}), "late"));
        assert_eq!(kept, json!({"recipients": ["a@x.test", "b@x.test"], "late": ["c@x.test"]}));
    }
}

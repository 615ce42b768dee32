//! How fast mails came: counted off the inbox itself, which every daemon shares, by ids that grow with time. A count stops
//! at the cap it is compared with, so that a flood costs no more than that.

use uuid::Uuid;

use super::super::{StoreError, Tx, row, values};
use crate::demande::Millis;

/// Which arrivals are counted, before which one.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Those whose sender was let act, or the others: two counts, so that strangers close nobody's way.
    pub admitted: bool,
    /// Since that time.
    pub since: Millis,
    /// Before that arrival.
    pub before: Uuid,
    /// Counts no further.
    pub up_to: u32,
}

/// How many arrivals of that sender.
pub async fn from_sender(tx: &mut Tx, sender: &str, pace: Pace) -> Result<u32, StoreError> {
    const SQL: &str = "SELECT COUNT(*) FROM (SELECT 1 FROM inbox WHERE sender = $1 AND admitted = $2 \
        AND id >= $3 AND id < $4 LIMIT $5) AS counted";
    let since = values::id_at(pace.since);
    let sender = values::address_key(sender);
    let found = row!(tx, (i64,), SQL, sender, pace.admitted, since, pace.before, i64::from(pace.up_to))?;
    values::number(found.map_or(0, |(count,)| count))
}

/// How many arrivals about that demande.
pub async fn about_demande(tx: &mut Tx, demande: u32, pace: Pace) -> Result<u32, StoreError> {
    const SQL: &str = "SELECT COUNT(*) FROM (SELECT 1 FROM inbox WHERE demande = $1 AND admitted = $2 \
        AND id >= $3 AND id < $4 LIMIT $5) AS counted";
    let (demande, since) = (i64::from(demande), values::id_at(pace.since));
    let found = row!(tx, (i64,), SQL, demande, pace.admitted, since, pace.before, i64::from(pace.up_to))?;
    values::number(found.map_or(0, |(count,)| count))
}

/// How many times that was said since then, before that arrival.
pub async fn said(tx: &mut Tx, said: Uuid, since: Millis, before: Uuid) -> Result<u32, StoreError> {
    const SQL: &str = "SELECT COUNT(*) FROM (SELECT 1 FROM inbox WHERE said = $1 AND id >= $2 AND id < $3 \
        LIMIT 100) AS counted";
    let found = row!(tx, (i64,), SQL, said, values::id_at(since), before)?;
    values::number(found.map_or(0, |(count,)| count))
}

/// Ends the reason of a refusal that was not told again.
pub const TOLD: &str = ", told before";

/// True when that was refused for that reason since then, before that arrival.
pub async fn refused(
    tx: &mut Tx,
    (said, reason): (Uuid, &str),
    since: Millis,
    before: Uuid,
) -> Result<bool, StoreError> {
    const SQL: &str = "SELECT 1 FROM inbox WHERE said = $1 AND id >= $2 AND id < $3 AND state = 'refused' \
        AND reason IN ($4, $5) LIMIT 1";
    let told = format!("{reason}{TOLD}");
    Ok(row!(tx, (i32,), SQL, said, values::id_at(since), before, reason, told)?.is_some())
}

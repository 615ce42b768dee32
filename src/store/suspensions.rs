//! Addresses that our mails do not reach, until their owner writes to us.
//!
//! Knows rows. Does not know which reports are believed.

use super::{StoreError, Tx, row, rows, run, values};
use crate::demande::Millis;

/// An address that gets no mails for now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspension {
    /// The address, in lower case.
    pub address: String,
    /// Since when.
    pub since: Millis,
    /// The enhanced status code that ended it, "5.1.1"; empty when the report had none.
    pub code: String,
    /// Who told: "bounce", "relay".
    pub reason: String,
}

impl From<(String, i64, String, String)> for Suspension {
    fn from((address, since, code, reason): (String, i64, String, String)) -> Self {
        Suspension { address, since, code, reason }
    }
}

/// Suspends an address; false when it was already.
pub async fn suspend(tx: &mut Tx, suspension: &Suspension) -> Result<bool, StoreError> {
    const SQL: &str = "INSERT INTO suspensions (address_key, since, code, reason) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (address_key) DO NOTHING";
    let (key, code) = (values::address_key(&suspension.address), values::clean(&suspension.code));
    Ok(run!(tx, SQL, key, suspension.since, code, &suspension.reason)? == 1)
}

/// Ends the suspension of an address: its owner wrote to us, or the operator knows better; false when there was none.
pub async fn resume(tx: &mut Tx, address: &str) -> Result<bool, StoreError> {
    const SQL: &str = "DELETE FROM suspensions WHERE address_key = $1";
    Ok(run!(tx, SQL, values::address_key(address))? == 1)
}

/// The suspension of an address.
pub async fn of(tx: &mut Tx, address: &str) -> Result<Option<Suspension>, StoreError> {
    const SQL: &str = "SELECT address_key, since, code, reason FROM suspensions WHERE address_key = $1";
    let found = row!(tx, (String, i64, String, String), SQL, values::address_key(address))?;
    Ok(found.map(Suspension::from))
}

/// Every suspended address, the latest first.
pub async fn list(tx: &mut Tx) -> Result<Vec<Suspension>, StoreError> {
    const SQL: &str =
        "SELECT address_key, since, code, reason FROM suspensions ORDER BY since DESC, address_key";
    let found = rows!(tx, (String, i64, String, String), SQL)?;
    Ok(found.into_iter().map(Suspension::from).collect())
}

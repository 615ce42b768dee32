//! The only SQL: what must last, on SQLite or PostgreSQL, by the same texts.
//!
//! Knows how things are kept, found again and leased. Knows no rule of the domain: what happens is decided in
//! [`crate::demande`], and what it decided is recorded here.

mod error;
mod open;
mod tx;
mod values;

pub mod audit;
pub mod confirmations;
pub mod demandes;
pub mod inbox;
pub mod objects;
pub mod outbox;
pub mod people;
pub mod suspensions;
pub mod trace;

use std::fs::File;
use std::sync::Arc;

pub use error::StoreError;
pub use open::Role;
pub use tx::Tx;
pub(crate) use tx::{now_ms, on, row, rows, run};

use crate::demande::Millis;

/// The database; cheap to clone. Dropping the last clone frees an SQLite database for another daemon.
#[derive(Debug, Clone)]
pub struct Db {
    pools: open::Pools,
    keeper: inbox::Keeper,
    _lock: Option<Arc<File>>,
}

/// Somebody asks for work from the inbox or the outbox.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    /// Names the worker, unique over all daemons: its leases are given back by that name.
    pub who: &'a str,
    /// Now, by the daemon's clock: rows that wait for later are left.
    pub now: Millis,
    /// At most that many rows.
    pub limit: u32,
    /// How long the lease lasts, in milliseconds of the database's own clock.
    pub for_ms: Millis,
}

impl Db {
    /// Opens `sqlite:PATH` (created at need, for its owner only) or `postgres://…`, and brings its tables up to date.
    /// Must be called within a tokio runtime.
    ///
    /// # Errors
    /// [`StoreError::AnotherDaemon`] for a second daemon on one SQLite file; [`StoreError::Url`] with what to do.
    pub async fn open(url: &str, role: Role) -> Result<Db, StoreError> {
        let (pools, lock) = open::open(url, role).await?;
        let keeper = inbox::Keeper::start(pools.clone());
        Ok(Db { pools, keeper, _lock: lock.map(Arc::new) })
    }

    /// Begins a transaction that may write. On SQLite there is one at a time: await nothing but the store until it
    /// is committed.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        self.pools.begin().await
    }

    /// Begins a transaction that only reads and sees one moment of the store. Drop it when done.
    pub async fn read(&self) -> Result<Tx, StoreError> {
        self.pools.read().await
    }

    /// Waits for what is in hand, then closes every connection.
    pub async fn close(&self) {
        self.pools.close().await;
    }
}

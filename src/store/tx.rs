//! One transaction on either database, and the macros by which one SQL text runs on both (architecture.md).
//!
//! Knows no table.

use sqlx::{Postgres, Sqlite, Transaction};

use super::StoreError;

/// A transaction; dropped without [`Tx::commit`], it is rolled back.
#[derive(Debug)]
pub enum Tx {
    /// On SQLite.
    Sqlite(Transaction<'static, Sqlite>),
    /// On PostgreSQL.
    Postgres(Transaction<'static, Postgres>),
}

impl Tx {
    /// Makes it last: on disk when this returns.
    pub async fn commit(self) -> Result<(), StoreError> {
        match self {
            Tx::Sqlite(tx) => tx.commit().await?,
            Tx::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }

    /// Undoes it at once; dropping does the same a little later.
    pub async fn rollback(self) -> Result<(), StoreError> {
        match self {
            Tx::Sqlite(tx) => tx.rollback().await?,
            Tx::Postgres(tx) => tx.rollback().await?,
        }
        Ok(())
    }

    /// The first text on SQLite, the second on PostgreSQL: for the few statements that must differ.
    pub(crate) fn either(&self, sqlite: &'static str, postgres: &'static str) -> &'static str {
        match self {
            Tx::Sqlite(_) => sqlite,
            Tx::Postgres(_) => postgres,
        }
    }
}

/// The same body on the connection of either database.
macro_rules! on {
    ($tx:expr, |$c:ident| $body:expr) => {
        match $tx {
            $crate::store::Tx::Sqlite(tx) => {
                let $c = &mut **tx;
                $body
            }
            $crate::store::Tx::Postgres(tx) => {
                let $c = &mut **tx;
                $body
            }
        }
    };
}

/// Runs a statement: `run!(tx, SQL, $1, $2…)`, `Result<u64, StoreError>` of the rows it touched.
macro_rules! run {
    ($tx:expr, $sql:expr $(, $arg:expr)* $(,)?) => {{
        let sql = $sql;
        $crate::store::on!($tx, |c| sqlx::query(sql)$(.bind($arg))*.execute(c).await.map(|done| done.rows_affected()))
            .map_err($crate::store::StoreError::from)
    }};
}

/// Every row: `rows!(tx, Row, SQL, $1, $2…)`, `Result<Vec<Row>, StoreError>`.
macro_rules! rows {
    ($tx:expr, $row:ty, $sql:expr $(, $arg:expr)* $(,)?) => {{
        let sql = $sql;
        $crate::store::on!($tx, |c| sqlx::query_as::<_, $row>(sql)$(.bind($arg))*.fetch_all(c).await)
            .map_err($crate::store::StoreError::from)
    }};
}

/// At most one row: `row!(tx, Row, SQL, $1, $2…)`, `Result<Option<Row>, StoreError>`.
macro_rules! row {
    ($tx:expr, $row:ty, $sql:expr $(, $arg:expr)* $(,)?) => {{
        let sql = $sql;
        $crate::store::on!($tx, |c| sqlx::query_as::<_, $row>(sql)$(.bind($arg))*.fetch_optional(c).await)
            .map_err($crate::store::StoreError::from)
    }};
}

/// SQL for the database's own clock, which all daemons share, in milliseconds since the Unix epoch.
macro_rules! now_ms {
    () => {
        "CAST(unixepoch('subsec') * 1000 AS BIGINT)"
    };
}

pub(crate) use {now_ms, on, row, rows, run};

//! What can go wrong with the store, told apart by what the caller should do about it.
//!
//! Holds codes and names of constraints, never a value, so that it can be logged.

use std::path::PathBuf;

/// An error of the store. Its text holds no personal data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Will pass by itself (database gone, busy or full, a deadlock): try again later.
    #[error("the database does not answer for now ({0})")]
    Temporary(String),
    /// Somebody else was faster (a unique key is taken, a lease was lost): look again and start over.
    #[error("somebody else was faster ({0})")]
    Conflict(String),
    /// What is stored cannot be read back, or the file is damaged.
    #[error("the database holds something unreadable ({0})")]
    Corrupt(String),
    /// A statement was refused; trying again changes nothing.
    #[error("the database refused a statement ({0})")]
    Refused(String),
    /// `database.url` names nothing that can be opened.
    #[error("database.url: {0}")]
    Url(String),
    /// Another daemon holds this SQLite database.
    #[error(
        "another relais daemon already works on this SQLite database (it holds {}): stop it first, \
         or use PostgreSQL to run several", .0.display()
    )]
    AnotherDaemon(PathBuf),
    /// The tables could not be brought up to date.
    #[error("the tables could not be brought up to date: {0}")]
    Migration(String),
}

impl StoreError {
    /// True when the same thing may work later without anybody's help.
    pub fn is_temporary(&self) -> bool {
        matches!(self, StoreError::Temporary(_))
    }

    /// True when the same thing may work at once, after looking at the store again.
    pub fn is_conflict(&self) -> bool {
        matches!(self, StoreError::Conflict(_))
    }

    /// A stored value that the domain does not know.
    pub(crate) fn unreadable(column: &'static str) -> Self {
        StoreError::Corrupt(column.to_owned())
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error as E;
        match error {
            E::Database(refused) => from_database(refused.as_ref()),
            E::Io(cause) => StoreError::Temporary(format!("{:?}", cause.kind())),
            E::PoolTimedOut => StoreError::Temporary("every connection is busy".to_owned()),
            E::PoolClosed | E::WorkerCrashed | E::BeginFailed => {
                StoreError::Temporary("the connection was closed".to_owned())
            }
            E::Tls(_) | E::Protocol(_) => StoreError::Temporary("the connection broke".to_owned()),
            E::ColumnDecode { index, .. } => StoreError::Corrupt(format!("column {index}")),
            E::Decode(_)
            | E::ColumnIndexOutOfBounds { .. }
            | E::ColumnNotFound(_)
            | E::TypeNotFound { .. } => StoreError::Corrupt("a row of another shape".to_owned()),
            E::RowNotFound => StoreError::Corrupt("a row is missing".to_owned()),
            E::Configuration(_) | E::InvalidArgument(_) => {
                StoreError::Url("not a database URL that relais understands".to_owned())
            }
            _ => StoreError::Refused("unexpected".to_owned()),
        }
    }
}

fn from_database(refused: &dyn sqlx::error::DatabaseError) -> StoreError {
    let code = refused.code().unwrap_or_default();
    let told = match refused.constraint().or_else(|| refused.table()) {
        Some(name) => format!("code {code}, {name}"),
        None => format!("code {code}"),
    };
    if refused.is_unique_violation() {
        return StoreError::Conflict(told);
    }
    let primary = code.parse::<u32>().map(|sqlite| sqlite & 0xff);
    match (code.as_ref(), primary) {
        (code, _) if code.len() == 5 && is_postgres_temporary(code) => StoreError::Temporary(told),
        ("XX001" | "XX002", _) => StoreError::Corrupt(told),
        (code, Ok(primary)) if code.len() < 5 => sqlite_result(primary, told),
        _ => StoreError::Refused(told),
    }
}

/// Classes of SQLSTATE that pass: connection (08), invalid transaction state (25), transaction rolled back (40),
/// resources (53), object in use (55), operator (57), system (58); <https://www.postgresql.org/docs/15/errcodes-appendix.html>.
fn is_postgres_temporary(code: &str) -> bool {
    ["08", "25", "40", "53", "55", "57", "58"].iter().any(|class| code.starts_with(class))
}

/// Primary result codes, <https://www.sqlite.org/rescode.html>: busy, locked, out of memory, read-only, interrupted,
/// I/O, full, cannot open and protocol pass; corrupt and "not a database" do not.
fn sqlite_result(primary: u32, told: String) -> StoreError {
    match primary {
        5 | 6 | 7 | 8 | 9 | 10 | 13 | 14 | 15 => StoreError::Temporary(told),
        11 | 26 => StoreError::Corrupt(told),
        _ => StoreError::Refused(told),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlite_codes_are_told_apart() {
        assert!(sqlite_result(5, String::new()).is_temporary());
        assert_eq!(sqlite_result(11, "x".to_owned()), StoreError::Corrupt("x".to_owned()));
        assert_eq!(sqlite_result(1, "x".to_owned()), StoreError::Refused("x".to_owned()));
    }

    #[test]
    fn a_lost_connection_passes() {
        assert!(StoreError::from(sqlx::Error::PoolTimedOut).is_temporary());
        assert!(is_postgres_temporary("57P01") && !is_postgres_temporary("23505"));
    }
}

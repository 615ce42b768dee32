//! Opening the database that `database.url` names: files, rights, pools, and the lock against a second daemon.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{PgPool, SqlitePool};

use super::{StoreError, Tx};

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// How long a statement waits for another process's write on SQLite, and anybody for a free connection.
const PATIENCE: Duration = Duration::from_secs(10);
const SQLITE_READERS: u32 = 4;
const POSTGRES_CONNECTIONS: u32 = 10;

/// Who opens the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The daemon: alone on an SQLite database.
    Daemon,
    /// A command of the operator, which may run beside the daemon.
    Command,
}

/// The connections, by database.
#[derive(Debug, Clone)]
pub(super) enum Pools {
    /// One writer, so that SQLite never answers "busy" within a process; readers see the last commit.
    Sqlite { write: SqlitePool, read: SqlitePool },
    /// One pool for all.
    Postgres(PgPool),
}

impl Pools {
    pub(super) async fn begin(&self) -> Result<Tx, StoreError> {
        Ok(match self {
            Pools::Sqlite { write, .. } => Tx::Sqlite(write.begin_with("BEGIN IMMEDIATE").await?),
            Pools::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    pub(super) async fn read(&self) -> Result<Tx, StoreError> {
        const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        Ok(match self {
            Pools::Sqlite { read, .. } => Tx::Sqlite(read.begin().await?),
            Pools::Postgres(pool) => Tx::Postgres(pool.begin_with(SNAPSHOT).await?),
        })
    }

    pub(super) async fn close(&self) {
        match self {
            Pools::Sqlite { write, read } => {
                read.close().await;
                write.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }
}

/// Opens, takes the daemon's lock, brings the tables up to date.
pub(super) async fn open(url: &str, role: Role) -> Result<(Pools, Option<File>), StoreError> {
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Ok((postgres(url).await?, None));
    }
    if !url.starts_with("sqlite:") {
        return Err(StoreError::Url("expected sqlite:PATH or postgres://…".to_owned()));
    }
    sqlite(url, role).await
}

async fn postgres(url: &str) -> Result<Pools, StoreError> {
    let options = PgConnectOptions::from_str(url)
        .map_err(|_| StoreError::Url("not a valid PostgreSQL URL".to_owned()))?
        .application_name("relais");
    let pool = PgPoolOptions::new()
        .max_connections(POSTGRES_CONNECTIONS)
        .acquire_timeout(PATIENCE)
        .connect_with(options)
        .await
        .map_err(unreachable)?;
    POSTGRES.run(&pool).await.map_err(migration)?;
    Ok(Pools::Postgres(pool))
}

/// The two refusals that the operator mends in `database.url`
/// (<https://www.postgresql.org/docs/15/errcodes-appendix.html>: class 28, and 3D000).
fn unreachable(error: sqlx::Error) -> StoreError {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    match code.as_deref() {
        Some(code) if code.starts_with("28") => {
            StoreError::Url("the server refuses this user or password".to_owned())
        }
        Some("3D000") => StoreError::Url("the server has no such database: create it first".to_owned()),
        _ => error.into(),
    }
}

async fn sqlite(url: &str, role: Role) -> Result<(Pools, Option<File>), StoreError> {
    let options = SqliteConnectOptions::from_str(url)
        .map_err(|_| StoreError::Url("not a valid SQLite URL".to_owned()))?;
    let path = options.get_filename().to_owned();
    if path.as_os_str().is_empty() || url.contains(":memory:") || url.contains("mode=memory") {
        return Err(StoreError::Url("SQLite needs the path of a file: nothing may be lost".to_owned()));
    }
    make_private(&path)?;
    let lock = if role == Role::Daemon { Some(lock(&path)?) } else { None };
    let options = options
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(PATIENCE)
        .foreign_keys(true);
    let write = sqlite_pool(1);
    let write = write.connect_with(options.clone()).await?;
    migrate_sqlite(&write).await?;
    let read = sqlite_pool(SQLITE_READERS);
    let read = read.connect_with(options.pragma("query_only", "on")).await?;
    Ok((Pools::Sqlite { write, read }, lock))
}

/// A file does not go away like a server: no connection is tried before it is used.
fn sqlite_pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new().max_connections(connections).acquire_timeout(PATIENCE).test_before_acquire(false)
}

/// Two processes may open a new file at the same moment; SQLite knows no advisory lock for migrations, so the one
/// that comes second looks again.
async fn migrate_sqlite(pool: &SqlitePool) -> Result<(), StoreError> {
    let mut left = 5;
    loop {
        match SQLITE.run(pool).await {
            Ok(()) => return Ok(()),
            Err(
                sqlx::migrate::MigrateError::Execute(_) | sqlx::migrate::MigrateError::ExecuteMigration(..),
            ) if left > 0 => {
                left -= 1;
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            Err(error) => return Err(migration(error)),
        }
    }
}

fn migration(error: sqlx::migrate::MigrateError) -> StoreError {
    use sqlx::migrate::MigrateError as M;
    match error {
        M::Execute(cause) => match StoreError::from(cause) {
            temporary @ StoreError::Temporary(_) => temporary,
            other => StoreError::Migration(other.to_string()),
        },
        M::ExecuteMigration(cause, version) => {
            StoreError::Migration(format!("migration {version}: {}", StoreError::from(cause)))
        }
        M::VersionMissing(version) => StoreError::Migration(format!(
            "it was used by a newer relais (migration {version} is unknown here): install that one"
        )),
        other => StoreError::Migration(other.to_string()),
    }
}

/// The file is its owner's only, and so is its folder if we make it. An existing file is never opened here: closing
/// it would drop the POSIX locks that SQLite holds on it in this process.
fn make_private(path: &Path) -> Result<(), StoreError> {
    if path.exists() {
        return Ok(());
    }
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists()) {
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|e| cannot(folder, &e))?;
    }
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(cannot(path, &error)),
        _ => Ok(()),
    }
}

fn lock(path: &Path) -> Result<File, StoreError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let path = PathBuf::from(name);
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
    let file = file.map_err(|error| cannot(&path, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::AnotherDaemon(path)),
        Err(TryLockError::Error(error)) => Err(cannot(&path, &error)),
    }
}

fn cannot(path: &Path, error: &std::io::Error) -> StoreError {
    StoreError::Url(format!("{} cannot be used: {error}", path.display()))
}

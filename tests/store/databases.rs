//! A database of one's own, of either kind, gone at the end of its test.

use std::sync::atomic::{AtomicU32, Ordering};

use relais::store::{Db, Role};
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};

pub(crate) struct Database {
    pub(crate) db: Db,
    pub(crate) url: String,
    _folder: Option<tempfile::TempDir>,
    dropped: Option<DropPostgres>,
}

impl Database {
    pub(crate) async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("relais.db").display());
        let db = Db::open(&url, Role::Daemon).await.unwrap();
        Database { db, url, _folder: Some(folder), dropped: None }
    }

    pub(crate) async fn postgres() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("store_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        execute_on_postgres(&server(), &format!("CREATE DATABASE {name}")).await.unwrap();
        let url = format!("{}/{name}", server().rsplit_once('/').unwrap().0);
        let db = Db::open(&url, Role::Daemon).await.unwrap();
        Database { db, url, _folder: None, dropped: Some(DropPostgres(name)) }
    }

    /// Runs a statement beside the store.
    pub(crate) async fn execute(&self, statement: &str) -> sqlx::Result<()> {
        if self.dropped.is_some() {
            return execute_on_postgres(&self.url, statement).await;
        }
        let mut connection = SqliteConnection::connect(&self.url).await?;
        sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut connection).await?;
        connection.close().await
    }

    /// The texts of a query's first column, read beside the store.
    pub(crate) async fn texts(&self, query: &str) -> Vec<String> {
        let query = AssertSqlSafe(query.to_owned());
        if self.dropped.is_some() {
            let mut connection = PgConnection::connect(&self.url).await.unwrap();
            return sqlx::query_scalar(query).fetch_all(&mut connection).await.unwrap();
        }
        let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
        sqlx::query_scalar(query).fetch_all(&mut connection).await.unwrap()
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.dropped.is_some()
    }
}

fn server() -> String {
    std::env::var("RELAIS_TEST_POSTGRES").expect("RELAIS_TEST_POSTGRES is not set: run ./tests/run")
}

async fn execute_on_postgres(url: &str, statement: &str) -> sqlx::Result<()> {
    let mut connection = PgConnection::connect(url).await?;
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut connection).await?;
    connection.close().await
}

struct DropPostgres(String);

impl Drop for DropPostgres {
    /// In a thread with a runtime of its own: the test's runtime cannot wait in a `Drop`.
    fn drop(&mut self) {
        let statement = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.0);
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(execute_on_postgres(&server(), &statement)).map_err(std::io::Error::other)
        });
        let dropped = dropping.join();
        assert!(std::thread::panicking() || matches!(dropped, Ok(Ok(()))), "{}: {dropped:?}", self.0);
    }
}

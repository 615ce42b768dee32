//! A database of one's own on the PostgreSQL of the run.

use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AssertSqlSafe, Connection, PgConnection};

/// An empty database, dropped with this value, whoever is still connected.
pub(crate) struct Postgres {
    /// For `database.url`.
    pub(crate) url: String,
    pub(crate) name: String,
}

impl Postgres {
    /// Panics when `./tests/run` has not started PostgreSQL.
    pub(crate) async fn fresh_database() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("essai_{}_{}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let server = server();
        execute(&server, &format!("CREATE DATABASE {name}")).await.unwrap();
        let (host, _) = server.rsplit_once('/').unwrap();
        Self { url: format!("{host}/{name}"), name }
    }
}

impl Drop for Postgres {
    /// In a thread with a runtime of its own: the test's runtime cannot wait in a `Drop`.
    fn drop(&mut self) {
        let statement = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(execute(&server(), &statement)).map_err(std::io::Error::other)
        });
        let dropped = dropping.join();
        assert!(std::thread::panicking() || matches!(dropped, Ok(Ok(()))), "{}: {dropped:?}", self.name);
    }
}

fn server() -> String {
    super::address("RELAIS_TEST_POSTGRES")
}

async fn execute(url: &str, statement: &str) -> sqlx::Result<()> {
    let mut connection = PgConnection::connect(url).await?;
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut connection).await?;
    connection.close().await
}

/// The one number that a query answers.
pub(crate) async fn count(url: &str, query: &str) -> i64 {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let number =
        sqlx::query_scalar(AssertSqlSafe(query.to_owned())).fetch_one(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    number
}

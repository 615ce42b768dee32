//! What a village stands on: a folder with its keys, and a database of its own, of either kind.

use relais::clock::Clock;
use relais::store::Role;
use relais::work::Office;
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use tempfile::TempDir;

use crate::servers::Postgres;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Backend {
    Sqlite,
    Postgres,
}

pub(super) struct Base {
    folder: TempDir,
    url: String,
    postgres: Option<Postgres>,
}

impl Base {
    pub(super) async fn fresh(backend: Backend) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let postgres = match backend {
            Backend::Sqlite => None,
            Backend::Postgres => Some(Postgres::fresh_database().await),
        };
        let url = match &postgres {
            Some(postgres) => postgres.url.clone(),
            None => format!("sqlite:{}", folder.path().join("relais.db").display()),
        };
        Base { folder, url, postgres }
    }

    /// A daemon's office here; several on PostgreSQL, one on SQLite.
    pub(super) async fn office(&self, clock: Clock) -> Office {
        Office { clock, ..super::open(self.folder.path(), &self.url, Role::Daemon).await }
    }

    pub(super) fn keys(&self) -> std::path::PathBuf {
        self.folder.path().join("jetons.cle")
    }

    pub(super) fn backend(&self) -> Backend {
        if self.postgres.is_some() { Backend::Postgres } else { Backend::Sqlite }
    }

    pub(super) fn assert_at_rest(&self, now: i64) {
        let left = self.count(&format!(
            "SELECT (SELECT COUNT(*) FROM inbox WHERE state = 'new') * 1000 + (SELECT COUNT(*) FROM outbox \
             WHERE state = 'leased' OR (state = 'waiting' AND not_before <= {now}))"
        ));
        assert_eq!(left, 0, "left in the inbox × 1000 + left in the outbox");
    }

    /// In a thread with a runtime of its own: the test's runtime cannot wait in a `Drop`.
    pub(super) fn count(&self, query: &str) -> i64 {
        std::thread::scope(|threads| threads.spawn(|| self.ask(query.to_owned())).join()).unwrap()
    }

    fn ask(&self, query: String) -> i64 {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let query = AssertSqlSafe(query);
        runtime.block_on(async {
            if self.postgres.is_some() {
                let mut connection = PgConnection::connect(&self.url).await.unwrap();
                return sqlx::query_scalar(query).fetch_one(&mut connection).await.unwrap();
            }
            let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
            sqlx::query_scalar(query).fetch_one(&mut connection).await.unwrap()
        })
    }
}

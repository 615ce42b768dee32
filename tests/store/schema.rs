//! Migrations: on tables that hold something, the same on both databases, with an index for every loop and page.

use relais::store::demandes::scene;
use relais::store::inbox::{Arrival, keep};
use relais::store::{Db, Role, StoreError};
use serde_json::json;

use super::cast::{Cast, NOON, clock};
use super::databases::Database;

pub(crate) async fn opening_again_changes_nothing(database: &Database) {
    let cast = Cast::come_in(&database.db).await;
    let number = cast.open(&database.db).await;
    keep(&database.db, &clock(), Arrival::letter(json!({}), b"x".to_vec(), NOON)).await.unwrap();
    let before = scene(&mut database.db.read().await.unwrap(), number).await.unwrap().unwrap();
    let columns = columns(database).await;
    let again = Db::open(&database.url, Role::Command).await.unwrap();
    let after = scene(&mut again.read().await.unwrap(), number).await.unwrap().unwrap();
    assert_eq!(after.demande, before.demande);
    assert_eq!(self::columns(database).await, columns);
    assert_eq!(database.texts("SELECT key FROM inbox").await.len(), 1);
    again.close().await;
}

pub(crate) async fn a_newer_database_is_refused_clearly(database: &Database) {
    let later = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
        SELECT 9999, 'later', success, checksum, 0 FROM _sqlx_migrations WHERE version = 1";
    database.execute(later).await.unwrap();
    let error = Db::open(&database.url, Role::Command).await.unwrap_err();
    assert!(matches!(&error, StoreError::Migration(what) if what.contains("newer relais")), "{error}");
}

/// "table.column nullable" of every table of ours.
async fn columns(database: &Database) -> Vec<String> {
    let query = if database.is_postgres() {
        "SELECT table_name || '.' || column_name || CASE is_nullable WHEN 'YES' THEN ' null' ELSE '' END \
         FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> '_sqlx_migrations'"
    } else {
        "SELECT t.name || '.' || c.name || CASE WHEN c.\"notnull\" OR c.pk > 0 THEN '' ELSE ' null' END \
         FROM sqlite_master t, pragma_table_info(t.name) c \
         WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' AND t.name <> '_sqlx_migrations'"
    };
    let mut columns = database.texts(query).await;
    columns.sort();
    columns
}

async fn indexes(database: &Database) -> Vec<String> {
    let query = if database.is_postgres() {
        "SELECT indexname::text FROM pg_indexes WHERE schemaname = 'public' \
         AND indexname NOT LIKE '%_pkey' AND indexname NOT LIKE '%_key'"
    } else {
        "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    };
    let mut indexes = database.texts(query).await;
    indexes.sort();
    indexes
}

#[tokio::test]
async fn both_databases_have_the_same_columns_and_indexes() {
    let (sqlite, postgres) = (Database::sqlite().await, Database::postgres().await);
    let columns = columns(&sqlite).await;
    assert!(columns.len() > 100, "{}", columns.len());
    assert_eq!(columns, self::columns(&postgres).await);
    assert_eq!(indexes(&sqlite).await, indexes(&postgres).await);
}

#[test]
fn both_databases_have_the_same_migrations() {
    let names = |folder: &str| -> Vec<_> {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(folder);
        let mut names: Vec<_> = folder.read_dir().unwrap().map(|file| file.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert!(!names("sqlite").is_empty());
    assert_eq!(names("sqlite"), names("postgres"));
}

/// The queries of loops and pages, as the planner of each database sees them.
pub(crate) async fn loops_and_pages_use_an_index(database: &Database) {
    for (query, index) in [
        (
            "SELECT id FROM inbox WHERE state = 'new' AND not_before <= 5 ORDER BY received_at, id LIMIT 9",
            "inbox_new",
        ),
        ("SELECT COUNT(*) FROM inbox WHERE state = 'held'", "inbox_held"),
        (
            "SELECT id FROM inbox WHERE state = 'dead' ORDER BY received_at DESC, id DESC LIMIT 9",
            "inbox_dead",
        ),
        ("SELECT id FROM inbox WHERE demande = 5 ORDER BY id DESC LIMIT 9", "inbox_demande"),
        ("SELECT id FROM inbox WHERE message_id = 'm' ORDER BY id DESC LIMIT 9", "inbox_message_id"),
        ("SELECT id FROM inbox WHERE sender = 'a' ORDER BY id DESC LIMIT 9", "inbox_sender"),
        (
            "SELECT id FROM outbox WHERE state = 'waiting' AND not_before <= 5 ORDER BY not_before, id LIMIT 9",
            "outbox_waiting",
        ),
        ("SELECT id FROM outbox WHERE state = 'leased' AND lease_until < 5", "outbox_leased"),
        ("SELECT id FROM outbox WHERE demande = 5", "outbox_demande"),
        ("SELECT id FROM outbox WHERE to_key = 'person:1' ORDER BY id DESC LIMIT 9", "outbox_to"),
        (
            "SELECT 1 FROM inbox WHERE sender = 'a' AND admitted AND id >= ID AND id < ID LIMIT 9",
            "inbox_sender",
        ),
        (
            "SELECT 1 FROM inbox WHERE demande = 5 AND admitted AND id >= ID AND id < ID LIMIT 9",
            "inbox_demande",
        ),
        ("SELECT 1 FROM inbox WHERE said = ID AND id >= ID AND id < ID LIMIT 9", "inbox_said"),
        (
            "SELECT id FROM confirmations WHERE state IN ('open', 'waiting') AND expires_at <= 5 ORDER BY expires_at, id",
            "confirmations_due",
        ),
        (
            "SELECT id FROM confirmations WHERE kind = 'a' AND demande = 5 AND holder = 'b' AND state = 'waiting' \
             ORDER BY held_at, id LIMIT 1",
            "confirmations_line",
        ),
        ("SELECT demande FROM participants WHERE person = 5", "participants_person"),
        ("SELECT id FROM files WHERE demande = 5 AND entry IS NOT NULL", "files_demande"),
        ("SELECT id FROM audit WHERE demande = 5 ORDER BY id", "audit_demande"),
    ] {
        let id = if database.is_postgres() { "'00000000-0000-0000-0000-000000000000'" } else { "x'00'" };
        let query = &query.replace("ID", id);
        let plan = if database.is_postgres() {
            // The tables are empty: only the wish for an index shows whether one fits.
            plan_of_postgres(database, query).await
        } else {
            plan_of_sqlite(database, query).await
        };
        assert!(plan.contains(index), "{query}\n{plan}");
    }
}

async fn plan_of_postgres(database: &Database, query: &str) -> String {
    use sqlx::Connection;
    let mut connection = sqlx::PgConnection::connect(&database.url).await.unwrap();
    sqlx::raw_sql("SET enable_seqscan = off").execute(&mut connection).await.unwrap();
    let explain = sqlx::AssertSqlSafe(format!("EXPLAIN {query}"));
    let lines: Vec<String> = sqlx::query_scalar(explain).fetch_all(&mut connection).await.unwrap();
    lines.join("\n")
}

async fn plan_of_sqlite(database: &Database, query: &str) -> String {
    use sqlx::{Connection, Row};
    let mut connection = sqlx::SqliteConnection::connect(&database.url).await.unwrap();
    let explain = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {query}"));
    let rows = sqlx::query(explain).fetch_all(&mut connection).await.unwrap();
    rows.iter().map(|row| row.get::<String, _>("detail")).collect::<Vec<_>>().join("\n")
}

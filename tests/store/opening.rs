//! Opening: one daemon on an SQLite file, private files, clear words.

use std::os::unix::fs::PermissionsExt;

use relais::store::inbox::{Arrival, counts, keep};
use relais::store::{Db, Role, StoreError};
use serde_json::json;

use super::cast::{NOON, clock};

fn url(path: &std::path::Path) -> String {
    format!("sqlite:{}", path.display())
}

#[tokio::test]
async fn a_second_daemon_is_refused_until_the_first_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let url = url(&folder.path().join("relais.db"));
    let daemon = Db::open(&url, Role::Daemon).await.unwrap();
    let refused = Db::open(&url, Role::Daemon).await.unwrap_err();
    assert!(matches!(refused, StoreError::AnotherDaemon(_)), "{refused}");
    assert!(refused.to_string().contains("stop it first"));
    let command = Db::open(&url, Role::Command).await.unwrap();
    keep(&command, &clock(), Arrival::letter(json!({}), b"x".to_vec(), NOON)).await.unwrap();
    assert_eq!(counts(&mut daemon.read().await.unwrap()).await.unwrap().new, 1);
    drop(daemon);
    Db::open(&url, Role::Daemon).await.unwrap();
}

#[tokio::test]
async fn what_is_created_is_its_owners_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data/relais.db");
    let db = Db::open(&url(&path), Role::Daemon).await.unwrap();
    keep(&db, &clock(), Arrival::letter(json!({}), b"x".to_vec(), NOON)).await.unwrap();
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    let files: Vec<_> = path.parent().unwrap().read_dir().unwrap().map(|file| file.unwrap().path()).collect();
    assert!(files.len() >= 3, "{files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[tokio::test]
async fn many_open_a_new_file_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let url = url(&folder.path().join("relais.db"));
    let opening: Vec<_> = (0..6)
        .map(|_| {
            let url = url.clone();
            tokio::spawn(async move { Db::open(&url, Role::Command).await.map(drop) })
        })
        .collect();
    for opened in opening {
        opened.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_url_that_cannot_be_used_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a file");
    std::fs::write(&file, "x").unwrap();
    for url in ["mysql://x", "sqlite::memory:", "postgres://[", &url(&file.join("below"))] {
        let error = Db::open(url, Role::Command).await.unwrap_err();
        assert!(matches!(error, StoreError::Url(_)), "{url}: {error}");
    }
    let server = std::env::var("RELAIS_TEST_POSTGRES").unwrap();
    let missing = format!("{}/no_such_database", server.rsplit_once('/').unwrap().0);
    let error = Db::open(&missing, Role::Command).await.unwrap_err();
    assert!(error.to_string().contains("create it first"), "{error}");
    let gone = Db::open("postgres://relais:secret@127.0.0.1:9/none", Role::Command).await.unwrap_err();
    assert!(gone.is_temporary(), "{gone}");
    assert!(!gone.to_string().contains("secret"));
}

#[tokio::test]
async fn a_file_that_is_no_database_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("relais.db");
    std::fs::write(&path, "not a database, and long enough to be read as one".repeat(100)).unwrap();
    let error = Db::open(&url(&path), Role::Command).await.unwrap_err();
    assert!(matches!(error, StoreError::Corrupt(_)), "{error}");
}

//! Folders that hold two of everything: mails and their expectations, migrations for two databases.
//!
//! Knows names only; what is in the files is the business of the tests that read them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

#[test]
fn fixtures_are_pairs() {
    let folders = entries("mailbox-fixtures").into_iter().filter(|path| path.is_dir()).collect::<Vec<_>>();
    assert!(!folders.is_empty(), "mailbox-fixtures holds no folder");
    for folder in folders {
        let (mails, expectations) = (stems(&folder, "eml"), stems(&folder, "json"));
        assert!(!mails.is_empty(), "{} holds no mail", folder.display());
        let alone: Vec<_> = mails.symmetric_difference(&expectations).collect();
        assert!(alone.is_empty(), "{}: NAME.eml and NAME.json go together: {alone:?}", folder.display());
    }
}

#[test]
fn migrations_go_in_pairs() {
    let (sqlite, postgres) =
        (stems("migrations/sqlite".as_ref(), "sql"), stems("migrations/postgres".as_ref(), "sql"));
    assert!(!sqlite.is_empty(), "migrations/sqlite is empty");
    assert_eq!(sqlite, postgres, "each migration is written for both databases, under one name");
}

/// Help without a test of its own, which unit tests reach by `#[path]`: `dns` serves `mail::verdict`.
const HELP: &[&str] = &["dns"];

/// Cargo looks for no test file by itself (`autotests = false`): one that main.rs does not name would never run.
#[test]
fn every_test_file_is_named_in_main() {
    let main = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/main.rs")).unwrap();
    let named = crate::architecture::modules_of(&main);
    let known = |name: &String| name == "main" || named.contains(name) || HELP.contains(&name.as_str());
    let folders = entries("tests").into_iter().filter(|path| path.join("mod.rs").exists());
    let folders = folders.filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
    let found = stems("tests".as_ref(), "rs").into_iter().chain(folders);
    let forgotten: Vec<String> = found.filter(|name| !known(name)).collect();
    assert!(forgotten.is_empty(), "tests/main.rs names no {forgotten:?}: their tests never run");
}

fn stems(folder: &Path, ending: &str) -> BTreeSet<String> {
    let named = |path: &PathBuf| path.extension().is_some_and(|found| found == ending);
    let stem = |path: PathBuf| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    entries(folder).into_iter().filter(named).map(stem).collect()
}

/// What lies in a folder of the repository; panics when it is missing.
fn entries(folder: impl AsRef<Path>) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let list = std::fs::read_dir(&folder).unwrap_or_else(|cause| panic!("{}: {cause}", folder.display()));
    list.map(|entry| entry.unwrap().path()).collect()
}

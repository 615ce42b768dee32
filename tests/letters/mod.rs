//! Every pair of `mailbox-fixtures/` through the reader: letter → reply → commands, compared with what a careful
//! human made of it (mailbox-fixtures/README.md). What is known to fail stands in `known-failures.txt`, exactly.

mod expected;
mod read;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use expected::Expected;

const FOLDERS: [&str; 5] = ["replies", "commands", "machines", "malformed", "auth"];

struct Pair {
    name: String,
    mail: Vec<u8>,
    expected: Expected,
}

#[test]
fn every_fixture_is_read_as_a_human_reads_it() {
    let mut failures = BTreeSet::new();
    let mut report = String::new();
    for folder in FOLDERS {
        let pairs = pairs(folder);
        let total = pairs.len();
        let wrong: Vec<(String, Vec<String>)> = pairs.into_iter().filter_map(failure).collect();
        let _ = writeln!(report, "{folder}: {} of {total} as expected", total - wrong.len());
        for (name, differences) in wrong {
            let _ = writeln!(report, "\n== {name}\n{}", differences.join("\n"));
            failures.insert(name);
        }
    }
    let known = known_failures();
    let new: Vec<_> = failures.difference(&known).collect();
    let mended: Vec<_> = known.difference(&failures).collect();
    assert!(
        new.is_empty() && mended.is_empty(),
        "{report}\nnew failures: {new:#?}\nmended, to be taken out of known-failures.txt: {mended:#?}"
    );
}

#[test]
fn every_mail_has_its_expectation_and_every_expectation_its_mail() {
    for folder in FOLDERS {
        assert_eq!(stems(folder, "eml"), stems(folder, "json"), "{folder}");
    }
}

fn failure(pair: Pair) -> Option<(String, Vec<String>)> {
    let differences = pair.expected.differences(&read::mail(&pair.mail));
    (!differences.is_empty()).then_some((pair.name, differences))
}

/// The pairs of a folder, by name. An empty folder is an error.
fn pairs(folder: &str) -> Vec<Pair> {
    let stems = stems(folder, "eml");
    assert!(!stems.is_empty(), "{folder} is empty");
    stems
        .into_iter()
        .map(|stem| {
            let path = root().join(folder).join(&stem);
            let json = std::fs::read(path.with_extension("json")).unwrap();
            let expected = serde_json::from_slice(&json);
            let expected = expected.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let mail = std::fs::read(path.with_extension("eml")).unwrap();
            Pair { name: format!("{folder}/{stem}"), mail, expected }
        })
        .collect()
}

fn stems(folder: &str, extension: &str) -> BTreeSet<String> {
    let entries = std::fs::read_dir(root().join(folder)).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let wanted = paths.filter(|path| path.extension().is_some_and(|found| found == extension));
    wanted.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect()
}

/// One name a line, `#` begins a comment that says why.
fn known_failures() -> BTreeSet<String> {
    let text = std::fs::read_to_string(root().join("known-failures.txt")).unwrap();
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    lines.filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("mailbox-fixtures")
}

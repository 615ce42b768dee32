//! The table of everyday French replies, and the traps beside it.

use super::*;

fn said(text: &str) -> Reply {
    extract(&Body { text: text.to_owned(), spans: Vec::new() }, &Evidence::default())
}

#[derive(serde::Deserialize)]
struct Case {
    id: String,
    text: String,
    must: Vec<String>,
    mustnot: Vec<String>,
}

#[test]
fn french_replies() {
    let cases: Vec<Case> =
        serde_json::from_str(include_str!("../../../mailbox-fixtures/french-replies.json")).unwrap();
    assert_eq!(cases.len(), 36);
    let mut wrong = Vec::new();
    for case in &cases {
        let reply = said(&case.text);
        let lost = case.must.iter().filter(|m| !reply.said.contains(*m)).map(|m| format!("lost {m:?}"));
        let kept = case.mustnot.iter().filter(|m| reply.said.contains(*m)).map(|m| format!("kept {m:?}"));
        let faults: Vec<String> = lost.chain(kept).collect();
        if !faults.is_empty() {
            wrong.push(format!(
                "{}: {faults:?}\n--- said\n{}\n--- cuts {:?}",
                case.id, reply.said, reply.cuts
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

mod clients;
mod properties;
mod traps;

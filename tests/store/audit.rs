//! The audit.

use relais::store::audit::{NewLine, append, export, of_demande};
use serde_json::json;

use super::cast::NOON;
use super::databases::Database;

fn line(what: &str, demande: Option<u32>) -> NewLine<'_> {
    NewLine { at: NOON, who: "person:7", door: "mail", what, demande, detail: json!({"n": 1}) }
}

pub(crate) async fn lines_are_appended_and_exported_in_order(database: &Database) {
    let db = &database.db;
    let mut tx = db.begin().await.unwrap();
    for n in 0..1_203 {
        append(&mut tx, &line(&format!("act {n}"), Some(n % 2))).await.unwrap();
    }
    tx.commit().await.unwrap();
    let of_one = of_demande(&mut db.read().await.unwrap(), 1).await.unwrap();
    assert_eq!((of_one.len(), of_one[0].what.as_str(), &of_one[0].detail), (601, "act 1", &json!({"n": 1})));
    let mut told = Vec::new();
    assert_eq!(export(db, |line| told.push(line.what)).await.unwrap(), 1_203);
    let all: Vec<_> = (0..1_203).map(|n| format!("act {n}")).collect();
    assert_eq!(told, all);
}

pub(crate) async fn lines_cannot_be_changed(database: &Database) {
    let mut tx = database.db.begin().await.unwrap();
    append(&mut tx, &line("act", None)).await.unwrap();
    tx.commit().await.unwrap();
    assert!(database.execute("UPDATE audit SET who = 'nobody'").await.is_err());
    assert_eq!(database.texts("SELECT who FROM audit").await, ["person:7"]);
}

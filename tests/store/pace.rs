//! What the caps count, off the inbox and the outbox.

use relais::clock::Clock;
use relais::demande::notice::{Reader, What};
use relais::store::Claim;
use relais::store::inbox::{self, Arrival, Pace, Settlement, State};
use relais::store::outbox::{self, Outcome};
use serde_json::json;
use uuid::Uuid;

use super::cast::{Cast, NOON, order};
use super::databases::Database;

/// An arrival of Léa's about demande 7, settled.
async fn arrives(database: &Database, clock: &Clock, (n, admitted): (u32, bool)) -> Uuid {
    let db = &database.db;
    clock.advance(1000);
    let arrival = Arrival::letter(json!({}), n.to_string().into_bytes(), clock.now());
    let id = inbox::keep(db, clock, arrival).await.unwrap().id;
    inbox::lease(db, Claim { who: "w", now: clock.now(), limit: 9, for_ms: 60_000 }).await.unwrap();
    let settlement = Settlement {
        sender: Some("Lea.Martin@caf54.example".to_owned()),
        demande: Some(7),
        reason: Some("vide".to_owned()),
        said: Some(inbox::fingerprint(&["bonjour"])),
        admitted,
        ..Settlement::new(State::Refused, clock.now())
    };
    let mut tx = db.begin().await.unwrap();
    inbox::settle(&mut tx, id, &settlement).await.unwrap();
    tx.commit().await.unwrap();
    id
}

pub(crate) async fn arrivals_are_counted_apart_and_up_to_the_cap(database: &Database) {
    let clock = Clock::scripted(NOON);
    let mut last = Uuid::nil();
    for n in 0..5 {
        last = arrives(database, &clock, (n, n != 2)).await;
    }
    let mut tx = database.db.read().await.unwrap();
    let lea = "lea.martin@caf54.example";
    let pace = Pace { admitted: true, since: NOON, before: last, up_to: 10 };
    assert_eq!(inbox::from_sender(&mut tx, lea, pace).await.unwrap(), 3, "itself is not counted");
    assert_eq!(inbox::from_sender(&mut tx, lea, Pace { up_to: 2, ..pace }).await.unwrap(), 2);
    assert_eq!(inbox::from_sender(&mut tx, lea, Pace { admitted: false, ..pace }).await.unwrap(), 1);
    assert_eq!(inbox::from_sender(&mut tx, lea, Pace { since: NOON + 3500, ..pace }).await.unwrap(), 1);
    assert_eq!(inbox::from_sender(&mut tx, "x@y.example", pace).await.unwrap(), 0);
    assert_eq!(inbox::about_demande(&mut tx, 7, pace).await.unwrap(), 3);
    assert_eq!(inbox::about_demande(&mut tx, 8, pace).await.unwrap(), 0);
    let said = inbox::fingerprint(&["bonjour"]);
    assert_eq!(inbox::said(&mut tx, said, NOON, last).await.unwrap(), 4);
    assert_eq!(inbox::said(&mut tx, inbox::fingerprint(&["bonsoir"]), NOON, last).await.unwrap(), 0);
    assert!(inbox::refused(&mut tx, (said, "vide"), NOON, last).await.unwrap());
    assert!(!inbox::refused(&mut tx, (said, "chiffre"), NOON, last).await.unwrap());
    assert!(!inbox::refused(&mut tx, (said, "vide"), clock.now() + 1, last).await.unwrap());
}

pub(crate) async fn notices_are_counted(database: &Database) {
    let (db, clock) = (&database.db, Clock::scripted(NOON));
    let cast = Cast::come_in(db).await;
    let lea = Reader::Person(cast.instructeur.id);
    let orders: Vec<_> = (0..3).map(|_| (None, order(lea.clone(), What::Aide, NOON))).collect();
    let mut tx = db.begin().await.unwrap();
    let ids = outbox::post(&mut tx, &clock, Some(7), None, &orders).await.unwrap();
    tx.commit().await.unwrap();
    outbox::lease(db, Claim { who: "w", now: NOON, limit: 9, for_ms: 60_000 }).await.unwrap();
    let sent = Outcome::Sent { at: NOON, message_id: None, answer: None, path: None };
    outbox::settle(db, ids[0], sent).await.unwrap();
    let mut tx = db.read().await.unwrap();
    let key = outbox::to_key(&lea);
    assert_eq!(outbox::sent_since(&mut tx, &key, NOON, 9).await.unwrap(), 1);
    assert_eq!(outbox::sent_since(&mut tx, &key, NOON + 1, 9).await.unwrap(), 0);
    assert_eq!(outbox::ordered_since(&mut tx, (&key, "aide"), NOON, 2).await.unwrap(), 2);
    assert_eq!(outbox::ordered_since(&mut tx, (&key, "refus"), NOON, 9).await.unwrap(), 0);
    assert_eq!(outbox::all_since(&mut tx, NOON, 9).await.unwrap(), 3);
    assert!(outbox::wrote_to(&mut tx, 7, &key).await.unwrap());
    assert!(!outbox::wrote_to(&mut tx, 8, &key).await.unwrap());
}

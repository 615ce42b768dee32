//! `relais trace`.

use relais::demande::notice::{Reader, What};
use relais::store::inbox::{Arrival, Settlement, State, keep, settle};
use relais::store::outbox::{Outcome, post};
use relais::store::trace::{Subject, Trace, trace};
use relais::store::{Claim, Db, outbox};
use serde_json::json;

use super::cast::{Cast, NOON, clock, order};
use super::databases::Database;

async fn traced(db: &Db, subject: Subject) -> (usize, Vec<String>) {
    let Trace { received, sent } = trace(&mut db.read().await.unwrap(), &subject).await.unwrap();
    (received.len(), sent.into_iter().map(|row| row.to_key).collect())
}

pub(crate) async fn a_mail_is_followed_to_what_it_caused(database: &Database) {
    let db = &database.db;
    let cast = Cast::come_in(db).await;
    let number = cast.open(db).await;
    let envelope = json!({"sender": "lea.martin@caf54.example", "recipients": ["r@x.example"]});
    let id = keep(db, &clock(), Arrival::letter(envelope, b"Bonjour".to_vec(), NOON)).await.unwrap().id;
    let mut tx = db.begin().await.unwrap();
    let reader = Reader::Person(cast.aidante.id);
    let orders = [(Some(1), order(reader, What::NouveauMessage(1), NOON))];
    let sent = post(&mut tx, &clock(), Some(number), Some(id), &orders).await.unwrap()[0];
    let message_id = Some("m1@caf54.example".to_owned());
    let done = Settlement { demande: Some(number), message_id, ..Settlement::new(State::Done, NOON) };
    settle(&mut tx, id, &done).await.unwrap();
    tx.commit().await.unwrap();
    outbox::lease(db, Claim { who: "one", now: NOON, limit: 1, for_ms: 1_000 }).await.unwrap();
    let outcome = Outcome::Sent { at: NOON, message_id: Some("o1@x".to_owned()), answer: None, path: None };
    outbox::settle(db, sent, outcome).await.unwrap();

    let whole = (1, vec![format!("person:{}", cast.aidante.id.0)]);
    assert_eq!(traced(db, Subject::Demande(number)).await, whole);
    assert_eq!(traced(db, Subject::MessageId("<m1@caf54.example>".to_owned())).await, whole);
    assert_eq!(traced(db, Subject::MessageId("o1@x".to_owned())).await, whole);
    assert_eq!(traced(db, Subject::Address("LEA.Martin@caf54.example".to_owned())).await, whole);
    let to_aidante = traced(db, Subject::Address(cast.aidante.address)).await;
    assert_eq!(to_aidante, (0, whole.1));
    assert_eq!(traced(db, Subject::Demande(99)).await, (0, Vec::new()));
}

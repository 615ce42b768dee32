//! The outbox: what is ordered is sent, once leased by one.

use std::collections::BTreeSet;

use relais::demande::notice::{Order, Reader, Receipt, What};
use relais::demande::{GroupId, PersonId};
use relais::store::outbox::{
    Filter, Outcome, Row, State, cancel, cancel_caused_by, counts, explained_today, lease, list, post,
    release, retry, settle, settle_all, show,
};
use relais::store::{Claim, Db};
use uuid::Uuid;

use super::cast::{NOON, clock, order};
use super::databases::Database;

fn claim(who: &str) -> Claim<'_> {
    Claim { who, now: NOON, limit: 10, for_ms: 60_000 }
}

fn message(n: u32) -> (Option<u32>, Order) {
    (Some(n), order(Reader::Person(PersonId(7)), What::NouveauMessage(n), NOON))
}

async fn posted(db: &Db, orders: &[(Option<u32>, Order)]) -> Vec<Uuid> {
    let mut tx = db.begin().await.unwrap();
    let ids = post(&mut tx, &clock(), Some(12), Some(Uuid::max()), orders).await.unwrap();
    tx.commit().await.unwrap();
    ids
}

async fn shown(db: &Db, id: Uuid) -> Row {
    show(&mut db.read().await.unwrap(), id).await.unwrap().unwrap()
}

fn sent(message_id: &str) -> Outcome {
    Outcome::Sent {
        at: NOON + 9,
        message_id: Some(message_id.to_owned()),
        answer: Some("250 2.0.0 Ok".to_owned()),
        path: Some("out/1.eml".to_owned()),
    }
}

pub(crate) async fn an_order_is_leased_when_due_and_sent(database: &Database) {
    let db = &database.db;
    let receipt = Receipt {
        command: "traitee".to_owned(),
        n: Some(3),
        told: vec!["Nadia Benali".to_owned()],
        undo_until: Some(NOON + 600_000),
        survey: false,
        archived: false,
    };
    let now = order(Reader::Group(GroupId(3)), What::Recu(receipt), 0);
    let later = order(Reader::Address("X@autre.example".to_owned()), What::Aide, NOON + 600_000);
    let ids = posted(db, &[(Some(3), now.clone()), (None, later)]).await;
    let leased = lease(db, claim("one")).await.unwrap();
    assert_eq!(leased.len(), 1);
    assert_eq!((leased[0].id, &leased[0].order, leased[0].attempts), (ids[0], &now, 1));
    assert_eq!(
        (leased[0].demande, leased[0].cause, leased[0].source),
        (Some(12), Some(3), Some(Uuid::max()))
    );
    assert_eq!(lease(db, claim("two")).await.unwrap(), []);
    settle(db, ids[0], sent("m1@demandes.example")).await.unwrap();
    let row = shown(db, ids[0]).await;
    assert_eq!((row.state, row.sent_at, row.to_key.as_str()), (State::Sent, Some(NOON + 9), "group:3"));
    assert_eq!((row.answer.as_deref(), row.path.as_deref()), (Some("250 2.0.0 Ok"), Some("out/1.eml")));
    assert_eq!(shown(db, ids[1]).await.to_key, "x@autre.example");
    let due = Claim { now: NOON + 600_000, ..claim("one") };
    assert_eq!(lease(db, due).await.unwrap()[0].id, ids[1]);
    let all = counts(&mut db.read().await.unwrap()).await.unwrap();
    assert_eq!((all.waiting, all.leased, all.dead, all.oldest_due), (0, 1, 0, None));
}

pub(crate) async fn eight_workers_never_lease_an_order_twice(database: &Database) {
    let orders: Vec<_> = (1..=300).map(message).collect();
    posted(&database.db, &orders).await;
    let workers: Vec<_> = (0..8)
        .map(|worker| {
            let db = database.db.clone();
            tokio::spawn(async move { lease_until_empty(&db, &format!("worker {worker}")).await })
        })
        .collect();
    let mut taken = Vec::new();
    for worker in workers {
        taken.extend(worker.await.unwrap());
    }
    assert_eq!(taken.len(), 300);
    assert_eq!(taken.iter().collect::<BTreeSet<_>>().len(), 300);
}

async fn lease_until_empty(db: &Db, who: &str) -> Vec<Uuid> {
    let (mut taken, mut empty) = (Vec::new(), 0);
    while empty < 3 {
        let leased = lease(db, Claim { limit: 7, ..claim(who) }).await.unwrap();
        empty = if leased.is_empty() { empty + 1 } else { 0 };
        assert!(leased.len() <= 7);
        taken.extend(leased.into_iter().map(|row| row.id));
    }
    taken
}

pub(crate) async fn withdrawing_cancels_what_waits_and_leaves_what_was_sent(database: &Database) {
    let db = &database.db;
    let ids = posted(db, &[message(1), message(1), message(2)]).await;
    let one = Claim { limit: 1, ..claim("one") };
    let leased = lease(db, one).await.unwrap()[0].id;
    settle(db, leased, sent("m1")).await.unwrap();
    let mut tx = db.begin().await.unwrap();
    assert_eq!(cancel_caused_by(&mut tx, 13, &[1, 2]).await.unwrap(), 0, "another demande's");
    let cancelled = cancel_caused_by(&mut tx, 12, &[1]).await.unwrap();
    tx.commit().await.unwrap();
    let sent_was_of_entry_1 = leased != ids[2];
    assert_eq!(cancelled, if sent_was_of_entry_1 { 1 } else { 2 });
    assert_eq!(shown(db, leased).await.state, State::Sent);
    if sent_was_of_entry_1 {
        assert_eq!(shown(db, ids[2]).await.state, State::Waiting);
    }
    let gone = Filter { state: Some(State::Cancelled), demande: Some(12), ..Filter::default() };
    assert_eq!(list(&mut db.read().await.unwrap(), gone).await.unwrap().len() as u64, cancelled);
}

pub(crate) async fn a_failed_attempt_waits_then_dies_then_is_retried(database: &Database) {
    let db = &database.db;
    let id = posted(db, &[message(1)]).await[0];
    lease(db, claim("one")).await.unwrap();
    let greylisted = Outcome::Again {
        not_before: NOON + 60_000,
        message_id: Some("m1".to_owned()),
        answer: Some("451 4.7.1 later".to_owned()),
    };
    settle(db, id, greylisted).await.unwrap();
    assert_eq!(lease(db, claim("one")).await.unwrap(), []);
    let second = lease(db, Claim { now: NOON + 60_000, ..claim("one") }).await.unwrap();
    assert_eq!((second[0].attempts, second[0].message_id.as_deref()), (2, Some("m1")));
    settle(db, id, Outcome::Dead { answer: Some("550 5.1.1 unknown".to_owned()) }).await.unwrap();
    let dead = shown(db, id).await;
    assert_eq!((dead.state, dead.message_id.as_deref()), (State::Dead, Some("m1")));
    assert!(retry(db, id).await.unwrap());
    assert_eq!(lease(db, claim("one")).await.unwrap()[0].attempts, 1);
    assert!(!retry(db, id).await.unwrap(), "it is being sent");
    assert!(!cancel(db, id).await.unwrap());
}

pub(crate) async fn what_was_sent_stays_sent(database: &Database) {
    let db = &database.db;
    let id = posted(db, &[message(1)]).await[0];
    lease(db, claim("slow")).await.unwrap();
    settle(db, id, sent("m1")).await.unwrap();
    settle(db, id, Outcome::Dead { answer: None }).await.unwrap();
    settle(db, id, sent("m2")).await.unwrap();
    let row = shown(db, id).await;
    assert_eq!((row.state, row.message_id.as_deref()), (State::Sent, Some("m1")));
    let other = posted(db, &[message(2)]).await[0];
    assert!(cancel(db, other).await.unwrap());
    settle(db, other, Outcome::Again { not_before: 0, message_id: None, answer: None }).await.unwrap();
    assert_eq!(shown(db, other).await.state, State::Cancelled);
}

pub(crate) async fn a_lost_worker_s_orders_come_back(database: &Database) {
    let db = &database.db;
    let id = posted(db, &[message(1)]).await[0];
    lease(db, Claim { for_ms: 1, ..claim("lost") }).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    let again = lease(db, claim("other")).await.unwrap();
    assert_eq!((again[0].id, again[0].attempts), (id, 2));
    assert_eq!(release(db, "lost").await.unwrap(), 0);
    assert_eq!(release(db, "other").await.unwrap(), 1);
    assert_eq!(lease(db, claim("third")).await.unwrap()[0].attempts, 2);
}

pub(crate) async fn a_batch_is_settled_together(database: &Database) {
    let db = &database.db;
    let ids = posted(db, &[message(1), message(2), message(3)]).await;
    lease(db, claim("one")).await.unwrap();
    let outcomes = [
        (ids[0], sent("m1")),
        (ids[1], Outcome::Again { not_before: NOON + 5, message_id: None, answer: None }),
        (ids[2], Outcome::Cancelled { reason: "its reader left".to_owned() }),
    ];
    settle_all(db, &outcomes).await.unwrap();
    settle_all(db, &[]).await.unwrap();
    let mut states = Vec::new();
    for id in ids {
        let row = shown(db, id).await;
        states.push((row.state, row.not_before));
    }
    assert_eq!(states, [(State::Sent, NOON), (State::Waiting, NOON + 5), (State::Cancelled, NOON)]);
}

pub(crate) async fn one_explanation_a_day(database: &Database) {
    let mut tx = database.db.begin().await.unwrap();
    assert!(!explained_today(&mut tx, "x@autre.example", "2026-11-22").await.unwrap());
    assert!(explained_today(&mut tx, "X@autre.example", "2026-11-22").await.unwrap());
    assert!(!explained_today(&mut tx, "x@autre.example", "2026-11-23").await.unwrap());
    assert!(!explained_today(&mut tx, "y@autre.example", "2026-11-22").await.unwrap());
}

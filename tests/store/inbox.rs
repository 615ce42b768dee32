//! The inbox: nothing lost, nothing worked twice.

use std::collections::BTreeSet;

use relais::demande::PersonId;
use relais::store::inbox::{
    Arrival, ArrivalKind, Filter, Leased, Posting, Settlement, State, again, claim_posting, counts, keep,
    keep_in, lease, list, release, replay, settle, show,
};
use relais::store::{Claim, Db, Role, StoreError};
use serde_json::json;
use uuid::Uuid;

use super::cast::{NOON, clock};
use super::databases::Database;

fn mail(words: &str, recipient: &str) -> Arrival {
    let envelope = json!({"sender": "Lea.Martin@caf54.example", "recipients": [recipient]});
    Arrival::letter(envelope, words.as_bytes().to_vec(), NOON)
}

fn claim(who: &str) -> Claim<'_> {
    Claim { who, now: NOON, limit: 10, for_ms: 60_000 }
}

async fn kept(db: &Db, words: &str) -> Uuid {
    keep(db, &clock(), mail(words, "reponse+a@demandes.example")).await.unwrap().id
}

async fn settled(db: &Db, id: Uuid, settlement: &Settlement) -> Result<(), StoreError> {
    let mut tx = db.begin().await?;
    settle(&mut tx, id, settlement).await?;
    tx.commit().await
}

pub(crate) async fn the_same_mail_twice_is_one_row(database: &Database) {
    let db = &database.db;
    let first = keep(db, &clock(), mail("Bonjour", "a@x.example")).await.unwrap();
    let again = keep(db, &clock(), mail("Bonjour", "a@x.example")).await.unwrap();
    assert!(!first.seen && again.seen);
    assert_eq!(first.id, again.id);
    let rows = list(&mut db.read().await.unwrap(), Filter::default()).await.unwrap();
    assert_eq!((rows.len(), rows[0].seen, rows[0].size), (1, 2, 7));
    assert_eq!(rows[0].sender.as_deref(), Some("lea.martin@caf54.example"));
}

pub(crate) async fn recipients_of_a_second_delivery_are_added_while_it_waits(database: &Database) {
    let db = &database.db;
    for recipient in ["a@x.example", "b@x.example", "a@x.example"] {
        keep(db, &clock(), mail("Bonjour", recipient)).await.unwrap();
    }
    let leased = lease(db, claim("one")).await.unwrap();
    assert_eq!(leased[0].arrival.envelope["recipients"], json!(["a@x.example", "b@x.example"]));
    keep(db, &clock(), mail("Bonjour", "c@x.example")).await.unwrap();
    let rows = list(&mut db.read().await.unwrap(), Filter::default()).await.unwrap();
    assert_eq!(rows[0].envelope["recipients"], json!(["a@x.example", "b@x.example"]));
    assert_eq!(rows[0].envelope["late"], json!(["c@x.example"]));
}

pub(crate) async fn two_hundred_mails_at_once_are_all_durable(database: &Database) {
    let tasks: Vec<_> = (0..200)
        .map(|n| {
            let db = database.db.clone();
            tokio::spawn(async move { keep(&db, &clock(), mail(&format!("mail {n}"), "a@x.example")).await })
        })
        .collect();
    let mut ids = BTreeSet::new();
    for task in tasks {
        let kept = task.await.unwrap().unwrap();
        assert!(!kept.seen);
        ids.insert(kept.id);
    }
    assert_eq!(ids.len(), 200);
    let beside = Db::open(&database.url, Role::Command).await.unwrap();
    assert_eq!(counts(&mut beside.read().await.unwrap()).await.unwrap().new, 200);
    let id = *ids.first().unwrap();
    let raw = show(&mut beside.read().await.unwrap(), id).await.unwrap().unwrap().raw.unwrap();
    assert!(raw.starts_with(b"mail "));
    beside.close().await;
}

pub(crate) async fn eight_workers_never_lease_a_row_twice(database: &Database) {
    for n in 0..300 {
        kept(&database.db, &format!("mail {n}")).await;
    }
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
        assert!(leased.len() <= 7 && leased.iter().all(|row| row.attempts == 1));
        taken.extend(leased.into_iter().map(|row| row.id));
    }
    taken
}

pub(crate) async fn the_oldest_come_first_and_a_lease_that_ended_is_taken_again(database: &Database) {
    let db = &database.db;
    let at = |words: &str, received_at| Arrival { received_at, ..mail(words, "a@x.example") };
    for (words, received_at) in [("late", NOON + 2), ("early", NOON), ("middle", NOON + 1)] {
        keep(db, &clock(), at(words, received_at)).await.unwrap();
    }
    let words = |rows: &[Leased]| -> Vec<String> {
        rows.iter().map(|row| String::from_utf8(row.arrival.raw.clone()).unwrap()).collect()
    };
    let first = lease(db, Claim { limit: 2, for_ms: 1, ..claim("lost") }).await.unwrap();
    assert_eq!(words(&first), ["early", "middle"]);
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    let second = lease(db, claim("other")).await.unwrap();
    assert_eq!(words(&second), ["early", "middle", "late"]);
    assert_eq!(second.iter().map(|row| row.attempts).collect::<Vec<_>>(), [2, 2, 1]);
    assert_eq!(second[0].arrival.kind, ArrivalKind::Letter);
    assert_eq!(lease(db, claim("third")).await.unwrap(), []);
}

pub(crate) async fn an_arrival_is_settled_once(database: &Database) {
    let db = &database.db;
    let id = kept(db, "Bonjour").await;
    lease(db, claim("one")).await.unwrap();
    let settlement = Settlement {
        reason: Some("posted".to_owned()),
        demande: Some(12),
        entry: Some(3),
        person: Some(PersonId(7)),
        message_id: Some("abc@caf54.example".to_owned()),
        sender: Some("Lea@CAF54.example".to_owned()),
        trace: json!({"alignment": "pass"}),
        ..Settlement::new(State::Done, NOON + 5)
    };
    settled(db, id, &settlement).await.unwrap();
    assert!(settled(db, id, &settlement).await.unwrap_err().is_conflict());
    let row = show(&mut db.read().await.unwrap(), id).await.unwrap().unwrap().row;
    assert_eq!(
        (row.state, row.demande, row.entry, row.person),
        (State::Done, Some(12), Some(3), Some(PersonId(7)))
    );
    assert_eq!((row.trace, row.settled_at), (json!({"alignment": "pass"}), Some(NOON + 5)));
    assert_eq!(row.sender.as_deref(), Some("lea@caf54.example"));
    assert_eq!(row.lease_by, None);
}

pub(crate) async fn what_failed_for_now_waits_for_its_time(database: &Database) {
    let db = &database.db;
    let id = kept(db, "Bonjour").await;
    lease(db, claim("one")).await.unwrap();
    again(db, id, NOON + 1_000, "no answer from DNS").await.unwrap();
    assert_eq!(lease(db, claim("one")).await.unwrap(), []);
    let later = lease(db, Claim { now: NOON + 1_000, ..claim("one") }).await.unwrap();
    assert_eq!((later.len(), later[0].attempts), (1, 2));
}

pub(crate) async fn a_soft_stop_gives_leases_back(database: &Database) {
    let db = &database.db;
    kept(db, "one").await;
    kept(db, "two").await;
    assert_eq!(lease(db, claim("stopping")).await.unwrap().len(), 2);
    assert_eq!(release(db, "somebody else").await.unwrap(), 0);
    assert_eq!(release(db, "stopping").await.unwrap(), 2);
    let taken = lease(db, claim("next")).await.unwrap();
    assert_eq!(taken.iter().map(|row| row.attempts).collect::<Vec<_>>(), [1, 1]);
}

pub(crate) async fn a_dead_letter_is_replayed(database: &Database) {
    let db = &database.db;
    let id = kept(db, "Bonjour").await;
    assert!(!replay(db, id).await.unwrap(), "it waits already");
    lease(db, claim("one")).await.unwrap();
    settled(db, id, &Settlement::new(State::Dead, NOON)).await.unwrap();
    let before = counts(&mut db.read().await.unwrap()).await.unwrap();
    assert_eq!((before.new, before.dead, before.oldest_new), (0, 1, None));
    let dead = Filter { state: Some(State::Dead), ..Filter::default() };
    assert_eq!(list(&mut db.read().await.unwrap(), dead).await.unwrap()[0].id, id);
    assert!(replay(db, id).await.unwrap());
    let after = counts(&mut db.read().await.unwrap()).await.unwrap();
    assert_eq!((after.new, after.dead, after.oldest_new), (1, 0, Some(NOON)));
    assert_eq!(lease(db, claim("one")).await.unwrap()[0].attempts, 1);
}

pub(crate) async fn a_sealed_mail_is_not_shown(database: &Database) {
    let db = &database.db;
    let id = kept(db, "clore oui").await;
    assert!(show(&mut db.read().await.unwrap(), id).await.unwrap().unwrap().raw.is_some());
    let sealed = Settlement { sealed: true, ..Settlement::new(State::Done, NOON) };
    settled(db, id, &sealed).await.unwrap();
    assert_eq!(show(&mut db.read().await.unwrap(), id).await.unwrap().unwrap().raw, None);
    assert_eq!(show(&mut db.read().await.unwrap(), Uuid::nil()).await.unwrap(), None);
}

pub(crate) async fn the_same_words_are_posted_once(database: &Database) {
    let posting = Posting { sender: "lea@caf54.example", message_id: "m1", said_hash: "h1" };
    let claimed = async |posting: Posting<'_>, commit: bool| {
        let mut tx = database.db.begin().await.unwrap();
        let first = claim_posting(&mut tx, posting).await.unwrap();
        if commit {
            tx.commit().await.unwrap();
        } else {
            tx.rollback().await.unwrap();
        }
        first
    };
    assert!(claimed(posting, false).await);
    assert!(claimed(posting, true).await, "undone with its transaction");
    assert!(!claimed(Posting { sender: "LEA@caf54.example", ..posting }, true).await);
    assert!(
        claimed(Posting { sender: "eve@other.example", ..posting }, true).await,
        "nobody claims for another"
    );
    assert!(claimed(Posting { said_hash: "h2", ..posting }, true).await);
}

pub(crate) async fn nul_is_no_obstacle(database: &Database) {
    let db = &database.db;
    let envelope = json!({"sender": "a\u{0}b@x.example", "recipients": ["r\u{0}@x.example"]});
    let arrival = Arrival::letter(envelope, b"raw \0 bytes".to_vec(), NOON);
    let id = keep(db, &clock(), arrival).await.unwrap().id;
    let mut settlement = Settlement::new(State::Dead, NOON);
    settlement.reason = Some("a \u{0} in it".to_owned());
    settlement.trace = json!({"subject": "\u{0}"});
    settled(db, id, &settlement).await.unwrap();
    let detail = show(&mut db.read().await.unwrap(), id).await.unwrap().unwrap();
    assert_eq!(detail.raw.as_deref(), Some(b"raw \0 bytes".as_slice()));
    assert_eq!(detail.row.reason.as_deref(), Some("a  in it"));
}

pub(crate) async fn a_form_is_kept_and_settled_in_one_commit(database: &Database) {
    let db = &database.db;
    let form = Arrival { kind: ArrivalKind::Form, key: "form:1".to_owned(), ..mail("", "") };
    let mut tx = db.begin().await.unwrap();
    keep_in(&mut tx, &clock(), form.clone()).await.unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(counts(&mut db.read().await.unwrap()).await.unwrap().new, 0);
    let mut tx = db.begin().await.unwrap();
    let kept = keep_in(&mut tx, &clock(), form).await.unwrap();
    settle(&mut tx, kept.id, &Settlement::new(State::Done, NOON)).await.unwrap();
    tx.commit().await.unwrap();
    let row = show(&mut db.read().await.unwrap(), kept.id).await.unwrap().unwrap().row;
    assert_eq!((row.kind, row.state, kept.seen), (ArrivalKind::Form, State::Done, false));
}

/// A sender whose connection breaks before the answer delivers again: one row.
pub(crate) async fn a_cut_caller_loses_nothing(database: &Database) {
    let db = database.db.clone();
    let cut = tokio::spawn(async move { keep(&db, &clock(), mail("Bonjour", "a@x.example")).await });
    tokio::task::yield_now().await;
    cut.abort();
    let _ = cut.await;
    keep(&database.db, &clock(), mail("Bonjour", "a@x.example")).await.unwrap();
    assert_eq!(counts(&mut database.db.read().await.unwrap()).await.unwrap().new, 1);
}

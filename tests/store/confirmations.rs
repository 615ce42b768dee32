//! Held mails in line: one question open at a time, answered once, ended in time.

use relais::demande::admission::Holder;
use relais::demande::confirmation::Kind;
use relais::store::confirmations::{self, Ending, Held, Line, State};
use relais::store::inbox::{self, Arrival, Settlement};
use relais::store::{Claim, StoreError};
use serde_json::json;
use uuid::Uuid;

use super::cast::{Cast, NOON, clock};
use super::databases::Database;

const HOUR: i64 = 3_600_000;

/// A held arrival.
async fn held(database: &Database, text: &str) -> Uuid {
    let db = &database.db;
    let arrival = Arrival::letter(json!({"sender": "lea.martin@caf54.example"}), text.into(), NOON);
    let id = inbox::keep(db, &clock(), arrival).await.unwrap().id;
    inbox::lease(db, Claim { who: "w", now: NOON, limit: 9, for_ms: 60_000 }).await.unwrap();
    let mut tx = db.begin().await.unwrap();
    inbox::settle(&mut tx, id, &Settlement::new(inbox::State::Held, NOON)).await.unwrap();
    tx.commit().await.unwrap();
    id
}

async fn in_line(database: &Database, id: u32, line: Line, text: &str) -> Uuid {
    let inbox = held(database, text).await;
    let Line { kind, demande, holder } = line;
    let it = Held { inbox, kind, demande, holder, at: NOON + i64::from(id), expires_at: NOON + 100 * HOUR };
    let mut tx = database.db.begin().await.unwrap();
    confirmations::hold(&mut tx, id, &it).await.unwrap();
    tx.commit().await.unwrap();
    inbox
}

async fn ask(database: &Database, line: Line) -> Option<(u32, Uuid)> {
    let mut tx = database.db.begin().await.unwrap();
    let asked = confirmations::ask_next(&mut tx, line, NOON, NOON + 72 * HOUR).await.unwrap();
    tx.commit().await.unwrap();
    asked
}

async fn end(database: &Database, id: u32, state: State) -> bool {
    let mut tx = database.db.begin().await.unwrap();
    let ended = confirmations::end(&mut tx, id, Ending { state, by: "person:1", at: NOON }).await.unwrap();
    tx.commit().await.unwrap();
    ended
}

async fn line(database: &Database) -> (Cast, Line) {
    let cast = Cast::come_in(&database.db).await;
    let holder = Holder::Person(cast.instructeur.id);
    (cast, Line { kind: Kind::Confirmer, demande: 7, holder })
}

pub(crate) async fn one_question_is_open_at_a_time(database: &Database) {
    let (cast, first) = line(database).await;
    let other = Line { holder: Holder::Group(cast.caf.id), kind: Kind::Liberer, ..first };
    let a = in_line(database, 11, first, "a").await;
    let b = in_line(database, 12, first, "b").await;
    let c = in_line(database, 13, other, "c").await;
    assert_eq!(ask(database, first).await, Some((11, a)));
    assert_eq!(ask(database, first).await, None);
    assert_eq!(ask(database, other).await, Some((13, c)), "another line waits for nobody");
    assert!(end(database, 11, State::No).await);
    assert_eq!(ask(database, first).await, Some((12, b)));
    let question = confirmations::find(&mut database.db.read().await.unwrap(), 13).await.unwrap().unwrap();
    assert_eq!((question.line(), question.state), (Some(other), State::Open));
    assert_eq!((question.asked_at, question.expires_at), (Some(NOON), NOON + 72 * HOUR));
}

pub(crate) async fn a_question_is_answered_once(database: &Database) {
    let (_, first) = line(database).await;
    let inbox = in_line(database, 21, first, "a").await;
    ask(database, first).await;
    assert!(end(database, 21, State::Yes).await);
    assert!(!end(database, 21, State::Yes).await && !end(database, 21, State::No).await);
    let mut tx = database.db.begin().await.unwrap();
    let question = confirmations::of_inbox(&mut tx, inbox).await.unwrap().unwrap();
    assert_eq!((question.state, question.answered_by.as_deref()), (State::Yes, Some("person:1")));
    assert!(confirmations::explain_once(&mut tx, 21).await.unwrap());
    assert!(!confirmations::explain_once(&mut tx, 21).await.unwrap());
}

pub(crate) async fn a_mail_that_ended_may_be_asked_about_anew(database: &Database) {
    let (_, first) = line(database).await;
    let inbox = in_line(database, 31, first, "a").await;
    ask(database, first).await;
    let Line { kind, demande, holder } = first;
    let again = Held { inbox, kind, demande, holder, at: NOON, expires_at: NOON + 100 * HOUR };
    let mut tx = database.db.begin().await.unwrap();
    confirmations::hold(&mut tx, 32, &again).await.unwrap();
    assert!(confirmations::find(&mut tx, 32).await.unwrap().is_none(), "it is open: nothing changes");
    drop(tx);
    end(database, 31, State::Expired).await;
    let mut tx = database.db.begin().await.unwrap();
    confirmations::hold(&mut tx, 32, &again).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(ask(database, first).await, Some((32, inbox)), "under another number");
    let other = held(database, "b").await;
    let mut tx = database.db.begin().await.unwrap();
    let taken = confirmations::hold(&mut tx, 32, &Held { inbox: other, ..again }).await;
    assert!(matches!(taken, Err(StoreError::Conflict(_))), "{taken:?}");
}

pub(crate) async fn what_ended_without_a_yes_is_forgotten_in_time(database: &Database) {
    let (_, first) = line(database).await;
    let no = in_line(database, 51, first, "no").await;
    end(database, 51, State::No).await;
    let yes = in_line(database, 52, first, "yes").await;
    end(database, 52, State::Yes).await;
    let mut tx = database.db.begin().await.unwrap();
    assert!(!confirmations::has_over(&mut tx, NOON + 50).await.unwrap());
    assert!(confirmations::has_over(&mut tx, NOON + 51).await.unwrap());
    assert_eq!(confirmations::forget(&mut tx, NOON + 99).await.unwrap(), 1);
    assert_eq!(confirmations::forget(&mut tx, NOON + 99).await.unwrap(), 0);
    assert_eq!(inbox::show(&mut tx, no).await.unwrap().unwrap().raw.unwrap(), b"");
    assert_eq!(inbox::show(&mut tx, yes).await.unwrap().unwrap().raw.unwrap(), b"yes");
}

async fn due(database: &Database, at: i64) -> Vec<u32> {
    let due = confirmations::due(&mut database.db.read().await.unwrap(), at, 9).await.unwrap();
    due.into_iter().map(|question| question.id).collect()
}

pub(crate) async fn what_is_over_is_found_and_the_operator_may_let_through(database: &Database) {
    let (_, first) = line(database).await;
    let a = in_line(database, 41, first, "a").await;
    in_line(database, 42, first, "b").await;
    ask(database, first).await;
    assert!(due(database, NOON + 72 * HOUR - 1).await.is_empty());
    assert_eq!(due(database, NOON + 72 * HOUR).await, [41]);
    assert_eq!(due(database, NOON + 100 * HOUR).await, [41, 42], "those in line end too");
    let mut tx = database.db.begin().await.unwrap();
    confirmations::let_through(&mut tx, 43, a, NOON).await.unwrap();
    let question = confirmations::of_inbox(&mut tx, a).await.unwrap().unwrap();
    assert_eq!((question.id, question.state, question.kind), (41, State::Yes, Kind::Confirmer));
    tx.commit().await.unwrap();
    let capped = held(database, "c").await;
    let mut tx = database.db.begin().await.unwrap();
    confirmations::let_through(&mut tx, 44, capped, NOON).await.unwrap();
    let question = confirmations::of_inbox(&mut tx, capped).await.unwrap().unwrap();
    assert_eq!((question.line(), question.kind, question.state), (None, Kind::Plafond, State::Yes));
}

pub(crate) async fn what_is_held_too_long_ends_and_is_forgotten(database: &Database) {
    let id = held(database, "words").await;
    let mut tx = database.db.begin().await.unwrap();
    assert!(!inbox::held_since(&mut tx, NOON - 1).await.unwrap());
    assert!(inbox::held_since(&mut tx, NOON).await.unwrap());
    assert_eq!(inbox::end_held_since(&mut tx, NOON, "too long", NOON + 1).await.unwrap(), 1);
    assert!(!inbox::held_since(&mut tx, NOON).await.unwrap());
    let detail = inbox::show(&mut tx, id).await.unwrap().unwrap();
    assert_eq!((detail.row.state, detail.raw), (inbox::State::Refused, Some(Vec::new())));
    assert!(!inbox::end_held(&mut tx, id, inbox::State::Refused, "again", NOON).await.unwrap());
}

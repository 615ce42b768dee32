//! Demandes: what is recorded is read back, and two who write at once do not both win.

use std::collections::BTreeSet;

use relais::demande::admission::Holder;
use relais::demande::decide::Decision;
use relais::demande::{Demande, Entry, Kind, Part, Side, Visibility};
use relais::store::demandes::{Filter, bring, create, list, open_of, record, scene, scenes, usefulness};
use relais::store::objects::{NewFile, keep_file};
use relais::store::people::{Generations, generations, revoke_demande, revoke_holder};
use uuid::Uuid;

use super::cast::{self, Cast, NOON, clock, saying};
use super::databases::Database;

pub(crate) async fn a_scene_is_read_as_it_was_written(database: &Database) {
    let db = &database.db;
    let cast = Cast::come_in(db).await;
    let number = cast.open(db).await;
    assert_eq!(number, 1);
    let mut tx = db.begin().await.unwrap();
    let new = |name, bytes| NewFile { demande: number, name, kind: "application/pdf", bytes };
    let files = vec![
        keep_file(&mut tx, &clock(), new("b.pdf", b"%PDF b")).await.unwrap(),
        keep_file(&mut tx, &clock(), new("a.pdf", b"%PDF a")).await.unwrap(),
    ];
    let mut note = cast.entry(2, Kind::Note);
    note.visibility = Visibility::Instructeurs;
    note.source = Some(Uuid::max());
    note.pending_until = Some(NOON + 600_000);
    note.text = "un \u{0} perdu".to_owned();
    note.files.clone_from(&files);
    record(&mut tx, number, &saying(vec![cast.entry(1, Kind::Texte), note]), NOON).await.unwrap();
    tx.commit().await.unwrap();

    let scene = scene(&mut db.read().await.unwrap(), number).await.unwrap().unwrap();
    assert_eq!(scene.demande, expected(&cast, number, files));
    assert_eq!(scene.people.keys().copied().collect::<BTreeSet<_>>().len(), 2);
    assert_eq!(scene.people[&cast.instructeur.id], cast.instructeur);
    assert_eq!(scene.groups[&cast.caf.id], cast.caf);
    assert_eq!(scene.groups[&cast.aidante.groups[0]].name, "France Services Valbrume");
}

fn expected(cast: &Cast, number: u32, files: Vec<relais::demande::FileRef>) -> Demande {
    let new = cast.demande();
    let mut text = entry(cast, 1, Kind::Texte);
    text.files = Vec::new();
    let note = Entry {
        visibility: Visibility::Instructeurs,
        source: Some(Uuid::max()),
        pending_until: Some(NOON + 600_000),
        text: "un  perdu".to_owned(),
        files,
        ..entry(cast, 2, Kind::Note)
    };
    Demande {
        number,
        sujet: new.sujet,
        description: new.description,
        infos: new.infos,
        territoire: new.territoire,
        structure: new.structure,
        author: new.author,
        mandat: new.mandat,
        created_at: new.created_at,
        wiped_at: None,
        entries: vec![text, note],
        participants: new.participants,
        groups: new.groups,
    }
}

fn entry(cast: &Cast, n: u32, kind: Kind) -> Entry {
    let new = cast.entry(n, kind);
    Entry {
        n: new.n,
        kind: new.kind,
        author: new.author,
        visibility: new.visibility,
        text: new.text,
        quoted: new.quoted,
        signature: new.signature,
        files: new.files,
        channel: new.channel,
        source: new.source,
        at: new.at,
        pending_until: new.pending_until,
        withdrawn_at: None,
    }
}

pub(crate) async fn scenes_together_are_as_each_alone(database: &Database) {
    let db = &database.db;
    let cast = Cast::come_in(db).await;
    let mut numbers = Vec::new();
    for n in 1..=3 {
        let number = cast.open(db).await;
        cast::record(db, number, &saying((1..=n).map(|n| cast.entry(n, Kind::Texte)).collect())).await;
        numbers.push(number);
    }
    let mut tx = db.read().await.unwrap();
    let together = scenes(&mut tx, &[numbers[2], 999, numbers[0]]).await.unwrap();
    assert_eq!(together.iter().map(|s| s.demande.entries.len()).collect::<Vec<_>>(), [1, 3]);
    for one in together {
        let alone = scene(&mut tx, one.demande.number).await.unwrap().unwrap();
        assert_eq!((alone.demande, alone.people, alone.groups), (one.demande, one.people, one.groups));
    }
}

pub(crate) async fn a_lost_race_is_a_conflict(database: &Database) {
    let cast = Cast::come_in(&database.db).await;
    let number = cast.open(&database.db).await;
    let writers: Vec<_> = (0..4)
        .map(|_| {
            let (db, decision) = (database.db.clone(), saying(vec![cast.entry(1, Kind::Texte)]));
            tokio::spawn(async move {
                let mut tx = db.begin().await?;
                record(&mut tx, number, &decision, NOON).await?;
                tx.commit().await
            })
        })
        .collect();
    let mut lost = 0;
    for writer in writers {
        if let Err(error) = writer.await.unwrap() {
            assert!(error.is_conflict(), "{error}");
            lost += 1;
        }
    }
    assert_eq!(lost, 3);
    let scene = scene(&mut database.db.read().await.unwrap(), number).await.unwrap().unwrap();
    assert_eq!(scene.demande.entries.len(), 1);
}

pub(crate) async fn withdrawing_and_closing_show_in_lists(database: &Database) {
    let db = &database.db;
    let cast = Cast::come_in(db).await;
    let (first, second) = (cast.open(db).await, cast.open(db).await);
    cast::record(db, first, &saying(vec![cast.entry(1, Kind::Texte), cast.entry(2, Kind::Archivage)])).await;
    let mut tx = db.read().await.unwrap();
    let closed = list(&mut tx, Filter { closed: Some(true), ..Filter::default() }).await.unwrap();
    assert_eq!((closed.len(), closed[0].number, closed[0].closed_at), (1, first, Some(NOON + 2)));
    assert_eq!(closed[0].last_activity, NOON + 2);
    assert_eq!(open_of(&mut tx, cast.instructeur.id).await.unwrap(), [second]);
    drop(tx);
    cast::record(db, first, &Decision { withdraw: vec![2], ..Decision::default() }).await;
    let mut tx = db.read().await.unwrap();
    assert_eq!(open_of(&mut tx, cast.instructeur.id).await.unwrap(), [first, second]);
    let scene = scene(&mut tx, first).await.unwrap().unwrap();
    assert_eq!(scene.demande.entries[1].withdrawn_at, Some(NOON));
    assert_eq!(scene.demande.closed_at(), None);
    let page = Filter { below: Some(second), participant: Some(cast.aidante.id), ..Filter::default() };
    let numbers: Vec<_> = list(&mut tx, page).await.unwrap().into_iter().map(|row| row.number).collect();
    assert_eq!(numbers, [first]);
}

pub(crate) async fn one_who_comes_back_keeps_his_side(database: &Database) {
    let db = &database.db;
    let cast = Cast::come_in(db).await;
    let mut new = cast.demande();
    new.participants.truncate(1);
    let mut tx = db.begin().await.unwrap();
    let number = create(&mut tx, &new).await.unwrap();
    let joins = vec![cast::participant(cast.instructeur.id, Side::Instructeurs, Part::Instructeur)];
    let joining = Decision { joins, follows: vec![(cast.aidante.id, false)], ..Decision::default() };
    record(&mut tx, number, &joining, NOON).await.unwrap();
    let back = vec![cast::participant(cast.instructeur.id, Side::Auteur, Part::Moderateur)];
    record(&mut tx, number, &Decision { joins: back, ..Decision::default() }, NOON).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = db.read().await.unwrap();
    let mut scene = scene(&mut tx, number).await.unwrap().unwrap();
    let joined = scene.demande.participant(cast.instructeur.id).unwrap();
    assert_eq!((joined.side, joined.role), (Side::Instructeurs, Part::Moderateur));
    assert!(!scene.demande.participant(cast.aidante.id).unwrap().follows);
    scene.people.remove(&cast.instructeur.id);
    scene.groups.clear();
    bring(&mut tx, &mut scene, &[cast.instructeur.id]).await.unwrap();
    assert!(scene.people.contains_key(&cast.instructeur.id) && scene.groups.contains_key(&cast.caf.id));
}

pub(crate) async fn usefulness_is_only_a_sum(database: &Database) {
    let db = &database.db;
    let cast = Cast::come_in(db).await;
    let number = cast.open(db).await;
    let oui = Decision { usefulness: Some("oui"), ..Decision::default() };
    for _ in 0..4 {
        cast::record(db, number, &oui).await;
    }
    cast::record(db, number, &Decision { usefulness: Some("non"), ..Decision::default() }).await;
    assert_eq!(usefulness(&mut db.read().await.unwrap(), "2026-11").await.unwrap(), []);
    cast::record(db, number, &oui).await;
    let sums = usefulness(&mut db.read().await.unwrap(), "2026-11").await.unwrap();
    assert_eq!(sums, [("54".to_owned(), "oui".to_owned(), 5)]);
}

pub(crate) async fn generations_revoke_tokens(database: &Database) {
    let db = &database.db;
    let cast = Cast::come_in(db).await;
    let number = cast.open(db).await;
    let mut tx = db.begin().await.unwrap();
    let person = Holder::Person(cast.instructeur.id);
    let group = Holder::Group(cast.caf.id);
    assert_eq!(generations(&mut tx, 99, person).await.unwrap(), None);
    let all = |demande, holder| Some(Generations { demande, holder });
    assert_eq!(generations(&mut tx, number, person).await.unwrap(), all(0, 0));
    assert!(revoke_holder(&mut tx, person).await.unwrap() && revoke_demande(&mut tx, number).await.unwrap());
    assert_eq!(generations(&mut tx, number, person).await.unwrap(), all(1, 1));
    assert_eq!(generations(&mut tx, number, group).await.unwrap(), all(1, 0));
    assert!(!revoke_demande(&mut tx, 99).await.unwrap());
}

pub(crate) async fn an_unknown_number_is_nothing(database: &Database) {
    let mut tx = database.db.read().await.unwrap();
    assert!(scene(&mut tx, 1).await.unwrap().is_none());
    assert!(scenes(&mut tx, &[]).await.unwrap().is_empty());
    assert!(list(&mut tx, Filter::default()).await.unwrap().is_empty());
}

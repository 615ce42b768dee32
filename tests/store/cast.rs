//! An invented cast, and demandes, entries and orders about it.

use std::collections::BTreeMap;

use relais::clock::Clock;
use relais::demande::comptes::{ImportedGroup, ImportedPerson};
use relais::demande::decide::{Decision, NewEntry};
use relais::demande::notice::{Order, Reader, What};
use relais::demande::{
    Author, Channel, Group, Kind, Mandat, Part, Participant, Person, PersonId, Side, Visibility,
};
use relais::store::demandes::NewDemande;
use relais::store::{Db, demandes, people};

/// 22 November 2026, at noon or so.
pub(crate) const NOON: i64 = 1_795_348_800_000;

pub(crate) fn clock() -> Clock {
    Clock::scripted(NOON)
}

pub(crate) struct Cast {
    pub(crate) aidante: Person,
    pub(crate) instructeur: Person,
    pub(crate) caf: Group,
}

pub(crate) fn aidante() -> ImportedPerson {
    ImportedPerson {
        first_name: "Nadia".to_owned(),
        last_name: "Benali".to_owned(),
        address: "Nadia.Benali@mairie-valbrume.example".to_owned(),
        qualite: Some("Conseillère France Services".to_owned()),
        phone: Some("03 00 00 00 00".to_owned()),
        groups: vec![ImportedGroup {
            name: "France Services Valbrume".to_owned(),
            organisme: "MFS".to_owned(),
            territoires: vec!["54".to_owned()],
            bal: None,
        }],
        aidant: true,
        ..ImportedPerson::default()
    }
}

pub(crate) fn instructeur() -> ImportedPerson {
    ImportedPerson {
        first_name: "Léa".to_owned(),
        last_name: "Martin".to_owned(),
        address: "lea.martin@caf54.example".to_owned(),
        groups: vec![ImportedGroup {
            name: "CAF 54".to_owned(),
            organisme: "CAF".to_owned(),
            territoires: vec!["54".to_owned(), "55".to_owned()],
            bal: Some("Contact@caf54.example".to_owned()),
        }],
        instructeur: true,
        ..ImportedPerson::default()
    }
}

impl Cast {
    pub(crate) async fn come_in(db: &Db) -> Self {
        let mut tx = db.begin().await.unwrap();
        people::import(&mut tx, &[aidante(), instructeur()], NOON).await.unwrap();
        let aidante = people::by_address(&mut tx, &aidante().address).await.unwrap().unwrap();
        let instructeur = people::by_address(&mut tx, &instructeur().address).await.unwrap().unwrap();
        let caf = people::group_named(&mut tx, "caf 54").await.unwrap().unwrap();
        tx.commit().await.unwrap();
        Cast { aidante, instructeur, caf }
    }

    pub(crate) fn demande(&self) -> NewDemande {
        NewDemande {
            sujet: "Droits suspendus depuis mars".to_owned(),
            description: "Deux courriers sans réponse.\nC’est urgent.".to_owned(),
            infos: BTreeMap::from([("Prénom".to_owned(), "Ana".to_owned())]),
            territoire: "54".to_owned(),
            structure: Some((self.aidante.groups[0], "France Services Valbrume".to_owned())),
            author: self.aidante.id,
            mandat: Some(Mandat { kind: "papier".to_owned(), date: "22/11".to_owned(), atteste: true }),
            created_at: NOON,
            participants: vec![
                participant(self.aidante.id, Side::Auteur, Part::Auteur),
                participant(self.instructeur.id, Side::Instructeurs, Part::Instructeur),
            ],
            groups: vec![self.caf.id],
        }
    }

    pub(crate) async fn open(&self, db: &Db) -> u32 {
        let mut tx = db.begin().await.unwrap();
        let number = demandes::create(&mut tx, &self.demande()).await.unwrap();
        tx.commit().await.unwrap();
        number
    }

    pub(crate) fn entry(&self, n: u32, kind: Kind) -> NewEntry {
        NewEntry {
            n,
            kind,
            author: Author {
                person: Some(self.instructeur.id),
                group: None,
                name: "Léa Martin (CAF 54)".to_owned(),
                side: Some(Side::Instructeurs),
            },
            visibility: Visibility::Tous,
            text: "Le dossier est relancé.".to_owned(),
            quoted: "> Deux courriers".to_owned(),
            signature: "Léa".to_owned(),
            files: Vec::new(),
            channel: Channel::Mail,
            source: None,
            at: NOON + i64::from(n),
            pending_until: None,
        }
    }
}

pub(crate) fn participant(person: PersonId, side: Side, role: Part) -> Participant {
    Participant { person, side, role, joined_at: NOON, left_at: None, follows: true }
}

pub(crate) fn saying(entries: Vec<NewEntry>) -> Decision {
    Decision { entries, ..Decision::default() }
}

pub(crate) async fn record(db: &Db, number: u32, decision: &Decision) {
    let mut tx = db.begin().await.unwrap();
    demandes::record(&mut tx, number, decision, NOON).await.unwrap();
    tx.commit().await.unwrap();
}

pub(crate) fn order(to: Reader, what: What, not_before: i64) -> Order {
    Order { to, what, brief: false, not_before }
}

//! The table of domain.md §3, row by row.

use super::*;
use crate::demande::{Author, Channel, Visibility};

fn entry(side: Option<Side>, kind: Kind, text: &str) -> Entry {
    Entry {
        n: 1,
        kind,
        author: Author { side, ..Author::default() },
        visibility: if kind == Kind::Note { Visibility::Instructeurs } else { Visibility::Tous },
        text: text.to_owned(),
        quoted: String::new(),
        signature: String::new(),
        files: Vec::new(),
        channel: Channel::Mail,
        source: None,
        at: 0,
        pending_until: None,
        withdrawn_at: None,
    }
}

fn instructeur(kind: Kind) -> Entry {
    entry(Some(Side::Instructeurs), kind, "texte")
}

fn auteur(kind: Kind) -> Entry {
    entry(Some(Side::Auteur), kind, "texte")
}

#[test]
fn what_counts_as_consulted() {
    for (kind, etat) in [
        (Kind::Texte, Etat::EnCours),
        (Kind::Vu, Etat::EnCours),
        (Kind::PriseEnCharge, Etat::EnCours),
        (Kind::Laisser, Etat::EnCours),
        (Kind::MauvaisInterlocuteur, Etat::EnCours),
        (Kind::PlusPersonne, Etat::EnCours),
        (Kind::Traitee, Etat::Traitee),
        (Kind::NonPertinente, Etat::EnCours),
        (Kind::Note, Etat::EnCours),
        (Kind::Invitation, Etat::Nouvelle),
        (Kind::ModerateurInvite, Etat::Nouvelle),
        (Kind::NouveauxInstructeurs, Etat::Nouvelle),
        (Kind::Infos, Etat::Nouvelle),
        (Kind::Absence, Etat::Nouvelle),
        (Kind::NonRemis, Etat::Nouvelle),
    ] {
        assert_eq!(read(&[instructeur(kind)]), etat, "{kind:?}");
    }
    assert_eq!(read(&[auteur(Kind::Texte)]), Etat::Nouvelle, "the author's own words open nothing");
}

#[test]
fn what_follows_handled() {
    for (after, etat) in [
        (instructeur(Kind::Texte), Etat::EnCours),
        (auteur(Kind::Texte), Etat::EnCours),
        (instructeur(Kind::PriseEnCharge), Etat::EnCours),
        (instructeur(Kind::PlusPersonne), Etat::EnCours),
        (instructeur(Kind::MauvaisInterlocuteur), Etat::Traitee),
        (instructeur(Kind::Note), Etat::Traitee),
        (instructeur(Kind::Invitation), Etat::Traitee),
        (instructeur(Kind::Infos), Etat::Traitee),
        (entry(Some(Side::Auteur), Kind::Texte, "Bien reçu, merci."), Etat::Traitee),
        (instructeur(Kind::Absence), Etat::Traitee),
        (instructeur(Kind::NonRemis), Etat::Traitee),
        (auteur(Kind::Archivage), Etat::Archivee),
    ] {
        let kind = after.kind;
        assert_eq!(read(&[instructeur(Kind::Traitee), after]), etat, "{kind:?}");
    }
}

#[test]
fn closed_wins_until_it_is_reopened() {
    let closed = [instructeur(Kind::Traitee), auteur(Kind::Archivage), instructeur(Kind::Texte)];
    assert_eq!(read(&closed), Etat::Archivee);
    let reopened = [closed.to_vec(), vec![auteur(Kind::Reouverture)]].concat();
    assert_eq!(read(&reopened), Etat::EnCours);
    assert_eq!(read(&[auteur(Kind::Archivage), auteur(Kind::Reouverture)]), Etat::Nouvelle);
}

#[test]
fn each_reader_has_a_word() {
    let words = |etat: Etat| (etat.label(true), etat.label(false));
    assert_eq!(words(Etat::Nouvelle), ("Envoyée", "Nouvelle"));
    assert_eq!(words(Etat::EnCours), ("En cours", "En cours"));
    assert_eq!(words(Etat::Traitee), ("À archiver", "Traitée"));
    assert_eq!(words(Etat::Archivee), ("Archivée", "Archivée"));
}

//! From an order to the notice its reader gets: rights, undo and level are looked at again at this moment.

use super::audience::read_by_author_side;
use super::{DemandeView, EntryView, Notice, Order, Reader, ReaderView, What, actions, help};
use crate::demande::decide::Scene;
use crate::demande::people::Level;
use crate::demande::{Demande, Entry, Etat, Millis, Part, Side, Visibility, masque};

/// What composing needs beside the scene.
#[derive(Debug, Clone, Copy)]
pub struct Facts {
    /// Now.
    pub now: Millis,
}

/// The notice, or `None` when it must not be sent any more: its entry was withdrawn, its reader left, was disabled
/// or may not read it, or the demande was wiped.
pub fn compose(scene: &Scene, order: &Order, facts: Facts) -> Option<Notice> {
    let reader = reader_of(scene, &order.to)?;
    let demande = &scene.demande;
    let told = order.what.entry().map(|n| demande.entry(n)).map_or(Some(None), |found| found.map(Some))?;
    if let Some(entry) = told
        && !(may_still_be_told(entry, &reader, &order.what) && mailbox_may_read(scene, entry, &order.to))
    {
        return None;
    }
    Some(Notice {
        what: order.what.clone(),
        brief: order.brief,
        demande: Some(demande_view(scene, &reader, facts)),
        entry: told.map(|entry| entry_view(entry, &reader)),
        previous: previous(demande, &reader, told, facts),
        actions: actions(&order.what, demande, &reader, facts),
        help: help(&order.what, &reader, Some(known_etat(demande, &reader, facts))),
        reader,
        at: facts.now,
    })
}

/// The question about a held mail, which would be posted as `held`: its reader reads it at his level.
pub fn compose_question(scene: &Scene, order: &Order, held: EntryView, facts: Facts) -> Option<Notice> {
    let notice = compose(scene, order, facts)?;
    let reader = &notice.reader;
    let files = if reader.level == Level::Lien { Vec::new() } else { held.files };
    let held = EntryView { text: shown(&held.text, reader), files, ..held };
    Some(Notice { entry: Some(held), previous: Vec::new(), ..notice })
}

/// The state as the reader's side knows it.
fn known_etat(demande: &Demande, reader: &ReaderView, facts: Facts) -> Etat {
    demande.etat(reader.side.unwrap_or(Side::Instructeurs), facts.now)
}

fn reader_of(scene: &Scene, to: &Reader) -> Option<ReaderView> {
    match to {
        Reader::Person(id) => {
            let person = scene.people.get(id).filter(|person| !person.disabled)?;
            let part = scene.demande.participant(*id)?;
            Some(ReaderView {
                name: Some(person.name()),
                address: person.address.clone(),
                side: Some(part.side),
                part: Some(part.role),
                level: Level::Integral,
            })
        }
        Reader::Group(id) => {
            let group = scene.groups.get(id).filter(|group| scene.demande.groups.contains(&group.id))?;
            let side = if group.aidant_side { Side::Auteur } else { Side::Instructeurs };
            Some(ReaderView {
                name: Some(group.name.clone()),
                address: group.bal.clone()?,
                side: Some(side),
                part: None,
                level: group.level,
            })
        }
        Reader::Address(_) => None,
    }
}

/// A receipt goes to its author even while the act is pending; anything else waits until its reader may know it.
fn may_still_be_told(entry: &Entry, reader: &ReaderView, what: &What) -> bool {
    let may_read = reader.side.is_some_and(|side| may_read(entry, side));
    may_read && (entry.withdrawn_at.is_none() || matches!(what, What::Recu(_) | What::ActeAnnule(_)))
}

/// A mailbox that somebody of the author's side reads gets no note.
fn mailbox_may_read(scene: &Scene, entry: &Entry, to: &Reader) -> bool {
    match to {
        Reader::Group(id) if entry.visibility == Visibility::Instructeurs => !read_by_author_side(scene, *id),
        _ => true,
    }
}

fn may_read(entry: &Entry, side: Side) -> bool {
    entry.visibility == Visibility::Tous || side == Side::Instructeurs
}

fn demande_view(scene: &Scene, reader: &ReaderView, facts: Facts) -> DemandeView {
    let demande = &scene.demande;
    let etat = known_etat(demande, reader, facts);
    let lien = reader.level == Level::Lien;
    let sujet = if lien { String::new() } else { masque::sujet(&demande.sujet, &demande.infos) };
    DemandeView {
        number: demande.number,
        sujet,
        description: shown(&demande.description, reader),
        infos: infos(demande, reader),
        etat: etat.label(reader.part == Some(Part::Auteur)),
        territoire: demande.territoire.clone(),
        structure: demande.structure.as_ref().map(|(_, name)| name.clone()),
        author: scene.people.get(&demande.author).map(crate::demande::Person::name).unwrap_or_default(),
        groups: demande.groups.iter().filter_map(|id| scene.groups.get(id)).map(|g| g.name.clone()).collect(),
        created_at: demande.created_at,
    }
}

/// Text as the reader's level allows.
fn shown(text: &str, reader: &ReaderView) -> String {
    match reader.level {
        Level::Integral => text.to_owned(),
        Level::Masque => masque::masquer(text),
        Level::Lien => String::new(),
    }
}

/// The usager's infos, the three compulsory ones first; names are shown at level `masque`, identifiers are not.
fn infos(demande: &Demande, reader: &ReaderView) -> Vec<(String, String)> {
    const FIRST: [&str; 3] = ["Prénom", "Nom de famille", "Date de naissance"];
    if reader.level == Level::Lien {
        return Vec::new();
    }
    let rank = |key: &str| FIRST.iter().position(|first| *first == key).unwrap_or(FIRST.len());
    let mut infos: Vec<_> = demande.infos.iter().collect();
    infos.sort_by_key(|(key, _)| rank(key));
    let value = |key: &str, value: &str| match reader.level {
        Level::Integral => value.to_owned(),
        Level::Masque | Level::Lien => masque::info(key, value),
    };
    infos.into_iter().map(|(k, v)| (k.clone(), value(k, v))).collect()
}

fn entry_view(entry: &Entry, reader: &ReaderView) -> EntryView {
    EntryView {
        n: entry.n,
        kind: entry.kind,
        author: entry.author.name.clone(),
        side: entry.author.side,
        note: entry.visibility == Visibility::Instructeurs,
        text: shown(&entry.text, reader),
        signed: if entry.author.group.is_some() { shown(&entry.signature, reader) } else { String::new() },
        files: match reader.level {
            Level::Lien => Vec::new(),
            _ => entry.files.iter().map(|file| (shown(&file.name, reader), file.size)).collect(),
        },
        at: entry.at,
    }
}

/// The last two entries with something to read before the one told, as this reader may see them.
fn previous(demande: &Demande, reader: &ReaderView, told: Option<&Entry>, facts: Facts) -> Vec<EntryView> {
    let Some(side) = reader.side else { return Vec::new() };
    let before = told.map_or(u32::MAX, |entry| entry.n);
    // A mail that is answered to everybody quotes no note: nothing then depends on how the answer is cut.
    let private = told.is_some_and(|entry| entry.visibility == Visibility::Instructeurs);
    let readable = demande.entries.iter().rev().filter(|entry| {
        entry.n < before
            && entry.known_to(side, facts.now)
            && (private || entry.visibility == Visibility::Tous)
            && (!entry.text.is_empty() || !entry.files.is_empty() || entry.kind.changes_state())
    });
    readable.take(2).map(|entry| entry_view(entry, reader)).collect()
}

/// A notice about no demande (help, a refusal): to that account, or to the address the order names.
pub fn compose_alone(person: Option<&crate::demande::Person>, order: &Order, facts: Facts) -> Option<Notice> {
    let (name, address) = match (&order.to, person) {
        (Reader::Address(address), _) => (None, address.clone()),
        (Reader::Person(_), Some(person)) if !person.disabled => {
            (Some(person.name()), person.address.clone())
        }
        _ => return None,
    };
    let reader = ReaderView { name, address, side: None, part: None, level: Level::Lien };
    Some(Notice {
        what: order.what.clone(),
        brief: order.brief,
        demande: None,
        entry: None,
        previous: Vec::new(),
        actions: Vec::new(),
        help: help(&order.what, &reader, None),
        reader,
        at: facts.now,
    })
}

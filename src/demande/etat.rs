//! The state of a demande, read off its thread and never stored (domain.md §3).

use serde::{Deserialize, Serialize};

use super::command::is_mere_thanks;
use super::{Demande, Entry, Kind, Millis, Side};

/// Where a demande stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Etat {
    /// No instructeur has opened it yet.
    Nouvelle,
    /// An instructeur took it in hand, answered, or opened it.
    EnCours,
    /// The last counting message is "traitée".
    Traitee,
    /// Closed.
    Archivee,
}

impl Etat {
    /// Name in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Etat::Nouvelle => "nouvelle",
            Etat::EnCours => "en_cours",
            Etat::Traitee => "traitee",
            Etat::Archivee => "archivee",
        }
    }

    /// The word the author reads ("Envoyée", "À archiver"), or everybody else ("Nouvelle", "Traitée").
    pub fn label(self, reader_is_author: bool) -> &'static str {
        match (self, reader_is_author) {
            (Etat::Nouvelle, true) => "Envoyée",
            (Etat::Nouvelle, false) => "Nouvelle",
            (Etat::EnCours, _) => "En cours",
            (Etat::Traitee, true) => "À archiver",
            (Etat::Traitee, false) => "Traitée",
            (Etat::Archivee, _) => "Archivée",
        }
    }
}

/// What an entry does to the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    /// Nothing at all.
    None,
    /// Counts as consulted, leaves "traitée" alone.
    Consulted,
    /// Back to En cours.
    EnCours,
    /// Handled.
    Traitee,
    /// Closed.
    Closed,
    /// Open again.
    Reopened,
}

/// One row per kind of entry: the table of domain.md §3.
fn effect(entry: &Entry) -> Effect {
    match entry.kind {
        Kind::Texte if is_mere_thanks(&entry.text) && entry.files.is_empty() => Effect::Consulted,
        Kind::Texte | Kind::PriseEnCharge | Kind::PlusPersonne | Kind::NonPertinente => Effect::EnCours,
        Kind::Vu | Kind::Note | Kind::Laisser | Kind::MauvaisInterlocuteur => Effect::Consulted,
        Kind::Traitee => Effect::Traitee,
        Kind::Archivage => Effect::Closed,
        Kind::Reouverture => Effect::Reopened,
        Kind::Invitation
        | Kind::ModerateurInvite
        | Kind::NouveauxInstructeurs
        | Kind::Infos
        | Kind::Absence
        | Kind::NonRemis => Effect::None,
    }
}

/// The state that follows from these entries, in order.
pub fn read<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Etat {
    let (mut consulted, mut traitee, mut closed) = (false, false, false);
    for entry in entries {
        let effect = effect(entry);
        consulted |= effect != Effect::None && entry.author.side == Some(Side::Instructeurs);
        match effect {
            Effect::None | Effect::Consulted => {}
            Effect::EnCours => traitee = false,
            Effect::Traitee => traitee = true,
            Effect::Closed => closed = true,
            Effect::Reopened => (closed, traitee) = (false, false),
        }
    }
    match (closed, traitee, consulted) {
        (true, ..) => Etat::Archivee,
        (_, true, _) => Etat::Traitee,
        (.., true) => Etat::EnCours,
        _ => Etat::Nouvelle,
    }
}

impl Demande {
    /// The state as a side knows it at `now`: what waits for its undo window counts for its own side only.
    pub fn etat(&self, side: Side, now: Millis) -> Etat {
        let known = |entry: &&Entry| {
            entry.withdrawn_at.is_none() && (entry.author.side == Some(side) || !entry.is_pending(now))
        };
        read(self.entries.iter().filter(known))
    }

    /// The state with every act that was not withdrawn, pending ones included: the operator's view.
    pub fn etat_complet(&self) -> Etat {
        read(self.entries.iter().filter(|entry| entry.withdrawn_at.is_none()))
    }

    /// Date of the last archiving that still holds, among what is past its undo window or not.
    pub fn closed_at(&self) -> Option<Millis> {
        let last = self.entries.iter().rfind(|entry| {
            entry.withdrawn_at.is_none() && matches!(entry.kind, Kind::Archivage | Kind::Reouverture)
        })?;
        (last.kind == Kind::Archivage).then_some(last.at)
    }
}

#[cfg(test)]
mod tests;

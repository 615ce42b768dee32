//! The parts of a notice written out for templates: people's text cleaned, dates and sizes in French, links made.

use super::{Carriage, clean, french, mailto};
use crate::demande::notice::{Action, EntryView, Notice, Receipt, What};
use crate::demande::reference;
use crate::demande::rights::Refusal;

/// A demande, written out.
#[derive(Debug)]
pub(super) struct Demande {
    pub(super) number: u32,
    pub(super) sujet: String,
    pub(super) description: String,
    pub(super) infos: Vec<(String, String)>,
    pub(super) etat: &'static str,
    pub(super) territoire: String,
    pub(super) structure: String,
    pub(super) author: String,
    pub(super) groups: String,
    pub(super) opened: String,
}

/// An entry, written out.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) kind: &'static str,
    pub(super) author: String,
    pub(super) note: bool,
    pub(super) text: String,
    pub(super) cut: bool,
    pub(super) signed: String,
    pub(super) files: Vec<(String, String)>,
    pub(super) at: String,
}

/// A button and the word that does the same.
#[derive(Debug)]
pub(super) struct Button {
    pub(super) label: String,
    pub(super) body: &'static str,
    pub(super) word: &'static str,
    pub(super) survey: bool,
    pub(super) href: String,
}

/// A receipt, written out.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) command: String,
    pub(super) names: String,
    pub(super) undo: Option<String>,
    pub(super) archived: bool,
}

/// Who acted, "Léa Martin (CAF 54)"; empty when the gateway speaks.
pub(super) fn actor(notice: &Notice) -> String {
    let name = match (&notice.what, &notice.entry, &notice.demande) {
        (What::Recu(_) | What::ActeAnnule(_) | What::Refus(_) | What::Aide | What::Etat, ..) => String::new(),
        (What::Confirmer(_) | What::Liberer(_) | What::NonRemis(_), ..) => String::new(),
        (_, Some(entry), _) if entry.side.is_none() => String::new(),
        (_, Some(entry), _) => entry.author.clone(),
        (_, None, Some(demande)) => match &demande.structure {
            Some(structure) => format!("{} ({structure})", demande.author),
            None => demande.author.clone(),
        },
        _ => String::new(),
    };
    clean::short(&clean::line(&name), 120)
}

/// True when a refusal may name the number only: the door is shut to who wrote (domain.md §3, mail.md §2).
pub(super) fn shut(notice: &Notice) -> bool {
    use Refusal::{AdressePerimee, CompteDesactive, Effacee, PlusParticipant};
    matches!(notice.what, What::Refus(Effacee { .. } | PlusParticipant | CompteDesactive | AdressePerimee))
}

/// The demande in a zone.
pub(super) fn demande(notice: &Notice, zone: i32) -> Option<Demande> {
    let shut = shut(notice);
    notice.demande.as_ref().map(|view| Demande {
        number: view.number,
        sujet: if shut { String::new() } else { clean::short(&clean::line(&view.sujet), 200) },
        description: clean::text(&view.description),
        infos: view.infos.iter().map(|(k, v)| (clean::line(k), clean::line(v))).collect(),
        etat: if shut { "" } else { view.etat },
        territoire: territoire(&view.territoire),
        structure: clean::line(view.structure.as_deref().unwrap_or_default()),
        author: clean::line(&view.author),
        groups: french::liste(&view.groups.iter().map(|name| clean::line(name)).collect::<Vec<_>>()),
        opened: french::moment(french::local(view.created_at, zone)),
    })
}

/// An entry in a zone, its text cut at `max` characters.
pub(super) fn message(entry: &EntryView, zone: i32, max: usize) -> Message {
    // What an act says by default is what the notice's title says already.
    let said = if entry.text == entry.kind.default_text() { "" } else { entry.text.as_str() };
    let whole = clean::text(said);
    let text = clean::short(&whole, max);
    Message {
        kind: entry.kind.code(),
        author: clean::short(&clean::line(&entry.author), 120),
        note: entry.note,
        cut: text.len() != whole.len(),
        text,
        signed: clean::text(&entry.signed),
        files: entry.files.iter().map(|(name, size)| (clean::line(name), french::taille(*size))).collect(),
        at: french::moment(french::local(entry.at, zone)),
    }
}

/// The button of an action.
pub(super) fn button(action: &Action, subject: &str, carriage: &Carriage) -> Button {
    let to = if action.survey { &carriage.survey_to } else { &carriage.reply_to };
    let href = mailto(to, subject, &format!("{}\n", action.body));
    let label = action.label.replace(" :", "\u{202f}:");
    Button { label, body: action.body, word: action.word, survey: action.survey, href }
}

/// The receipt, if the notice is one.
pub(super) fn receipt(notice: &Notice, zone: i32) -> Option<Told> {
    let What::Recu(Receipt { command, told, undo_until, archived, .. }) = &notice.what else { return None };
    Some(Told {
        command: command.clone(),
        names: french::liste(&told.iter().map(|name| clean::line(name)).collect::<Vec<_>>()),
        undo: undo_until.map(|at| french::heure(french::local(at, zone))),
        archived: *archived,
    })
}

/// Its name, or its code when it has none.
fn territoire(code: &str) -> String {
    reference::territoire(code).map_or_else(|| clean::line(code), |known| known.name.to_owned())
}

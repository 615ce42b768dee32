//! What every template reads: the notice with its people's text cleaned, dates written, buttons made.

use super::{Carriage, RenderError, clean, french, mailto};
use crate::demande::notice::{Action, EntryView, Notice, Receipt, What};
use crate::demande::people::Level;
use crate::demande::rights::Refusal;
use crate::demande::{Kind, Millis, Part, Side};

/// Characters of a quoted earlier message; the whole was sent when it was new.
const QUOTED_MAX: usize = 1_500;
/// From that length on, the buttons stand above the message: Gmail clips a mail at 102 KB.
const LONG: usize = 6_000;

/// The one context of all templates; no field holds a control character but line feeds in texts.
#[derive(Debug)]
pub(super) struct Context {
    /// The line above which one answers.
    pub(super) marker: &'static str,
    /// The token, third carrier.
    pub(super) token: String,
    /// In one line only.
    pub(super) brief: bool,
    /// What it tells, by code.
    pub(super) code: &'static str,
    /// No text at all is shown.
    pub(super) lien: bool,
    /// Identifiers are masked.
    pub(super) masque: bool,
    /// The reader's name.
    pub(super) reader: Option<String>,
    /// The reader opened the demande.
    pub(super) is_author: bool,
    /// The reader stands on the author's side.
    pub(super) author_side: bool,
    /// The reader is a shared mailbox.
    pub(super) bal: bool,
    /// Who acted or wrote; empty when it is the gateway.
    pub(super) actor: String,
    /// The demande.
    pub(super) demande: Option<Demande>,
    /// The entry told.
    pub(super) message: Option<Message>,
    /// The last ones before.
    pub(super) previous: Vec<Message>,
    /// One click each.
    pub(super) buttons: Vec<Button>,
    /// The words of the help.
    pub(super) help: Vec<(String, String)>,
    /// What a receipt tells.
    pub(super) receipt: Option<Told>,
    /// What a refusal tells.
    pub(super) refusal: Option<Refusal>,
    /// The support's address.
    pub(super) support: String,
    /// Title, then sentences: the notice's `words.txt`, rendered first.
    pub(super) words: String,
    zone: i32,
}

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
    pub(super) label: &'static str,
    pub(super) word: &'static str,
    pub(super) survey: bool,
    pub(super) href: String,
}

/// A receipt, written out.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) command: String,
    pub(super) told: String,
    pub(super) undo: Option<String>,
    pub(super) survey: bool,
}

impl Context {
    /// The context of a notice.
    pub(super) fn new(notice: &Notice, carriage: &Carriage) -> Result<Self, RenderError> {
        let code = notice.what.code();
        let about_entry = !matches!(notice.what, What::Recu(_)) && notice.what.entry().is_some();
        if about_entry && notice.entry.is_none() {
            return Err(RenderError::Incomplete(code, "entry"));
        }
        if notice.demande.is_none()
            && (about_entry || matches!(notice.what, What::NouvelleDemande | What::Etat))
        {
            return Err(RenderError::Incomplete(code, "demande"));
        }
        let zone = carriage.offset_minutes;
        let reader = &notice.reader;
        let mut context = Context {
            marker: carriage.marker,
            token: carriage.token.clone(),
            brief: notice.brief,
            code,
            lien: reader.level == Level::Lien,
            masque: reader.level == Level::Masque,
            reader: reader.name.as_deref().map(clean::line).filter(|name| !name.is_empty()),
            is_author: reader.part == Some(Part::Auteur),
            author_side: reader.side == Some(Side::Auteur),
            bal: reader.side.is_some() && reader.part.is_none(),
            actor: actor(notice),
            demande: demande(notice, zone),
            message: notice.entry.as_ref().map(|entry| message(entry, zone, usize::MAX)),
            previous: notice.previous.iter().map(|entry| message(entry, zone, QUOTED_MAX)).collect(),
            buttons: Vec::new(),
            help: notice.help.iter().map(|l| (clean::line(&l.word), clean::line(&l.sentence))).collect(),
            receipt: receipt(notice, zone),
            refusal: refusal(notice),
            support: clean::line(&carriage.support),
            words: String::new(),
            zone,
        };
        let subject = format!("Re: {}", context.subject());
        context.buttons = notice.actions.iter().map(|action| button(action, &subject, carriage)).collect();
        Ok(context)
    }

    /// The thread's subject, the same for every notice of a demande.
    pub(super) fn subject(&self) -> String {
        match &self.demande {
            Some(Demande { number, sujet, .. }) if sujet.is_empty() => format!("[A+ #{number}]"),
            Some(Demande { number, sujet, .. }) => format!("[A+ #{number}] {sujet}"),
            None => String::new(),
        }
    }

    /// Who acted, or the gateway's name.
    pub(super) fn who(&self) -> &str {
        if self.actor.is_empty() { "Administration+" } else { &self.actor }
    }

    /// The text that is new to the reader: of the entry, or the description of a new demande.
    pub(super) fn text(&self) -> &str {
        match (&self.message, &self.demande) {
            (Some(message), _) => &message.text,
            (None, Some(demande)) if self.code == "nouvelle_demande" => &demande.description,
            _ => "",
        }
    }

    /// Files that came with it.
    pub(super) fn files(&self) -> &[(String, String)] {
        self.message.as_ref().map_or(&[], |message| &message.files)
    }

    /// The beginning of the text, for the list of mails.
    pub(super) fn excerpt(&self) -> String {
        clean::short(&clean::line(self.text()), 110)
    }

    /// True when the text is so long that the buttons come first.
    pub(super) fn is_long(&self) -> bool {
        self.text().len() > LONG
    }

    /// True when the buttons answer the archiving question.
    pub(super) fn asks(&self) -> bool {
        self.buttons.iter().any(|button| button.survey)
    }

    /// True when no instructeur is left.
    pub(super) fn orphan(&self) -> bool {
        self.message.as_ref().is_some_and(|message| message.kind == Kind::PlusPersonne.code())
    }

    /// One sentence: who did what.
    pub(super) fn title(&self) -> &str {
        self.words.lines().next().unwrap_or_default()
    }

    /// The title with the stop that a text needs.
    pub(super) fn title_stopped(&self) -> String {
        let title = self.title();
        if title.ends_with(['?', '!', '.']) { title.to_owned() } else { format!("{title}.") }
    }

    /// The sentences after the title.
    pub(super) fn lead(&self) -> Vec<&str> {
        self.words.lines().skip(1).filter(|line| !line.is_empty()).collect()
    }

    /// Paragraphs of a text, each as its lines.
    #[expect(clippy::unused_self, reason = "templates reach functions through the context")]
    pub(super) fn paragraphs<'a>(&self, text: &'a str) -> Vec<Vec<&'a str>> {
        text.split("\n\n")
            .map(|part| part.lines().collect())
            .filter(|part: &Vec<&str>| !part.is_empty())
            .collect()
    }

    /// The word of a button, padded for the text part.
    pub(super) fn word(&self, button: &Button) -> String {
        let width = self.buttons.iter().map(|b| b.word.chars().count()).max().unwrap_or(0);
        format!("{:width$}", button.word)
    }

    /// The key of an info, padded for the text part.
    pub(super) fn key(&self, key: &str) -> String {
        let infos = self.demande.as_ref().map_or(&[][..], |demande| &demande.infos);
        let width = infos.iter().map(|(k, _)| k.chars().count()).max().unwrap_or(0).min(28);
        format!("{key:width$}")
    }

    /// The day of a moment.
    pub(super) fn day(&self, at: &Millis) -> String {
        french::jour(french::local(*at, self.zone))
    }

    /// A word of people in a sentence: one line, cut.
    #[expect(clippy::unused_self, reason = "templates reach functions through the context")]
    pub(super) fn shown(&self, word: &str) -> String {
        clean::short(&clean::line(word), 200)
    }

    /// "« traitée » et « clore »".
    pub(super) fn quoted_list(&self, words: &[String]) -> String {
        let quoted: Vec<_> =
            words.iter().take(5).map(|w| format!("«\u{202f}{}\u{202f}»", self.shown(w))).collect();
        french::liste(&quoted)
    }

    /// "#12, #8 et #3".
    #[expect(clippy::unused_self, reason = "templates reach functions through the context")]
    pub(super) fn numbers(&self, open: &[u32]) -> String {
        french::liste(&open.iter().map(|number| format!("#{number}")).collect::<Vec<_>>())
    }
}

fn actor(notice: &Notice) -> String {
    let name = match (&notice.what, &notice.entry, &notice.demande) {
        (What::Recu(_) | What::ActeAnnule(_) | What::Refus(_) | What::Aide | What::Etat, ..) => String::new(),
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

fn demande(notice: &Notice, zone: i32) -> Option<Demande> {
    let wiped = matches!(notice.what, What::Refus(Refusal::Effacee { .. }));
    notice.demande.as_ref().map(|view| Demande {
        number: view.number,
        sujet: if wiped { String::new() } else { clean::short(&clean::line(&view.sujet), 200) },
        description: clean::text(&view.description),
        infos: view.infos.iter().map(|(k, v)| (clean::line(k), clean::line(v))).collect(),
        etat: view.etat,
        territoire: clean::line(&view.territoire),
        structure: clean::line(view.structure.as_deref().unwrap_or_default()),
        author: clean::line(&view.author),
        groups: french::liste(&view.groups.iter().map(|name| clean::line(name)).collect::<Vec<_>>()),
        opened: french::moment(french::local(view.created_at, zone)),
    })
}

fn message(entry: &EntryView, zone: i32, max: usize) -> Message {
    let whole = clean::text(&entry.text);
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

fn button(action: &Action, subject: &str, carriage: &Carriage) -> Button {
    let to = if action.survey { &carriage.survey_to } else { &carriage.reply_to };
    let href = mailto(to, subject, &format!("{}\n", action.body));
    Button { label: action.label, word: action.word, survey: action.survey, href }
}

fn receipt(notice: &Notice, zone: i32) -> Option<Told> {
    let What::Recu(Receipt { command, told, undo_until, survey, .. }) = &notice.what else { return None };
    Some(Told {
        command: command.clone(),
        told: french::liste(&told.iter().map(|name| clean::line(name)).collect::<Vec<_>>()),
        undo: undo_until.map(|at| french::heure(french::local(at, zone))),
        survey: *survey,
    })
}

fn refusal(notice: &Notice) -> Option<Refusal> {
    match &notice.what {
        What::Refus(refusal) => Some(refusal.clone()),
        _ => None,
    }
}

//! What every template reads, and the small questions that templates ask.

use super::views::{self, Button, Demande, Message, Told};
use super::{Carriage, RenderError, clean, french};
use crate::demande::notice::{EntryView, Notice, What};
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
    /// Answers to it are notes.
    pub(super) private: bool,
    /// In one line only.
    pub(super) brief: bool,
    /// What it tells, by code.
    pub(super) code: &'static str,
    /// A question asked again.
    pub(super) again: bool,
    /// The level it was cut to.
    level: Level,
    /// The reader's name.
    pub(super) reader: Option<String>,
    /// The reader's side, `None` when he takes no part or may not be told so.
    side: Option<Side>,
    /// The reader's part.
    part: Option<Part>,
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

impl Context {
    /// The context of a notice.
    pub(super) fn new(notice: &Notice, carriage: &Carriage) -> Result<Self, RenderError> {
        complete(notice)?;
        let zone = carriage.offset_minutes;
        let reader = &notice.reader;
        let mut context = Context {
            marker: carriage.marker,
            token: carriage.token.clone(),
            private: carriage.private,
            brief: notice.brief,
            code: notice.what.code(),
            again: notice.what.question().is_some_and(|(_, asked)| asked.again),
            level: reader.level,
            reader: reader.name.as_deref().map(clean::line).filter(|name| !name.is_empty()),
            side: reader.side.filter(|_| !views::shut(notice)),
            part: reader.part,
            actor: views::actor(notice),
            demande: views::demande(notice, zone),
            message: notice.entry.as_ref().map(|entry| views::message(entry, zone, usize::MAX)),
            previous: quoted(notice).map(|entry| views::message(entry, zone, QUOTED_MAX)).collect(),
            buttons: Vec::new(),
            help: notice.help.iter().map(|l| (clean::line(&l.word), clean::line(&l.sentence))).collect(),
            receipt: views::receipt(notice, zone),
            refusal: match &notice.what {
                What::Refus(refusal) => Some(refusal.clone()),
                _ => None,
            },
            support: clean::line(&carriage.support),
            words: String::new(),
            zone,
        };
        let subject = format!("Re: {}", context.subject());
        context.buttons =
            notice.actions.iter().map(|action| views::button(action, &subject, carriage)).collect();
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

    /// True when there is a text that this reader is not shown.
    pub(super) fn hides_text(&self) -> bool {
        self.level == Level::Lien
            && matches!(self.code, "nouvelle_demande" | "nouveau_message" | "note" | "confirmer" | "liberer")
    }

    /// True when identifiers are masked.
    pub(super) fn masque(&self) -> bool {
        self.level == Level::Masque
    }

    /// True when the reader takes part in the demande, and may be told so.
    pub(super) fn takes_part(&self) -> bool {
        self.side.is_some()
    }

    /// True when the reader opened the demande.
    pub(super) fn is_author(&self) -> bool {
        self.part == Some(Part::Auteur)
    }

    /// True when the reader stands on the author's side.
    pub(super) fn author_side(&self) -> bool {
        self.side == Some(Side::Auteur)
    }

    /// True when the reader is a shared mailbox.
    pub(super) fn bal(&self) -> bool {
        self.side.is_some() && self.part.is_none()
    }

    /// The text that is new to the reader: of the entry, or the description of a new demande.
    pub(super) fn text(&self) -> &str {
        match (&self.message, &self.demande) {
            (Some(message), _) => &message.text,
            (None, Some(demande)) if self.code == "nouvelle_demande" => &demande.description,
            _ => "",
        }
    }

    /// True when the text is the reader's own.
    pub(super) fn is_own(&self) -> bool {
        matches!(self.code, "recu" | "acte_annule") || self.asks_to_publish()
    }

    /// True when it asks what becomes of a held mail.
    pub(super) fn asks_to_publish(&self) -> bool {
        matches!(self.code, "confirmer" | "liberer")
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
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates match the refusal by reference")]
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

/// A notice about an entry must hold it, and the demande.
fn complete(notice: &Notice) -> Result<(), RenderError> {
    let code = notice.what.code();
    let asks = notice.what.question().is_some();
    let about_entry = asks || !matches!(notice.what, What::Recu(_)) && notice.what.entry().is_some();
    if about_entry && notice.entry.is_none() {
        return Err(RenderError::Incomplete(code, "entry"));
    }
    let about_demande = about_entry || matches!(notice.what, What::NouvelleDemande | What::Etat);
    if about_demande && notice.demande.is_none() {
        return Err(RenderError::Incomplete(code, "demande"));
    }
    Ok(())
}

/// The earlier entries that are quoted: none under an answer to what the reader himself just wrote.
fn quoted(notice: &Notice) -> impl Iterator<Item = &EntryView> {
    let answer = matches!(notice.what, What::Recu(_) | What::Refus(_) | What::Aide);
    notice.previous.iter().filter(move |_| !answer)
}

//! A notice becomes words: subject, text and HTML from the templates of its folder, then the bytes of a mail.
//!
//! Pure: no I/O, no clock, no randomness, so a retry of the same row gives the same bytes. Knows how a mail looks.
//! Does not know who may read what: a [`Notice`] is already cut to its reader. Every sentence is in `templates/`.

mod carriage;
mod cell;
mod clean;
mod context;
mod french;
mod mailto;
mod mime;
mod samples;
mod views;

use askama::Template;

pub use carriage::{Carriage, FileBytes};
pub use cell::csv_cell;
pub use mailto::{MAILTO_MAX, mailto};
pub use mime::mime;
pub use samples::{carriage as sample_carriage, samples};

use crate::demande::notice::Notice;
use crate::demande::rights::Refusal;
use context::Context;

/// The line at the top of every mail of ours: what stands below it is ours, what stands above is the answer.
pub const MARKER: &str = "Répondez au-dessus de cette ligne";

/// The words of a mail, before MIME.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedMail {
    /// Name shown in From: "Léa Martin (France Services) via Administration+".
    pub from_name: String,
    /// Name shown in To, `None` for a stranger.
    pub to_name: Option<String>,
    /// Address in To.
    pub to: String,
    /// One line, no control character.
    pub subject: String,
    /// The text part, LF line ends, lines of at most 78 characters where a space allows it.
    pub text: String,
    /// The HTML part, LF line ends.
    pub html: String,
}

/// Why a notice could not become a mail. Permanent: the same notice fails again.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// A template failed.
    #[error("template: {0}")]
    Template(#[from] askama::Error),
    /// The notice lacks what it tells of.
    #[error("the notice {0} has no {1}")]
    Incomplete(&'static str, &'static str),
    /// An address that cannot stand in a header; it is not repeated here, for it is personal data.
    #[error("the {0} address cannot stand in a header")]
    Address(&'static str),
}

/// Declares the templates of every notice: its code, and its folder's files. `words.txt` is rendered first: its first
/// line is the title, the others the sentences that both parts show; the bodies lay them out. To add a notice: its
/// variant of `What`, its folder, its row here, its sample; the tests refuse one without the others.
macro_rules! notices {
    ($($code:literal: $words:literal, $subject:literal, $text:literal, $html:literal;)+) => {
        /// The codes that have templates, in the order of [`crate::demande::notice::What`].
        #[cfg(test)]
        const CODES: &[&str] = &[$($code),+];

        /// Title and sentences of the notice of that code, for both parts.
        fn words(code: &'static str, n: &Context) -> Result<String, RenderError> {
            match code {
                $($code => {
                    #[derive(Template)]
                    #[template(path = $words)]
                    struct Words<'a> { n: &'a Context }
                    let words = Words { n };
                    let _ = words.n; // some words name nobody
                    Ok(words.render()?)
                })+
                _ => Err(RenderError::Incomplete(code, "template")),
            }
        }

        /// Subject, text and HTML of the notice of that code.
        fn parts(code: &'static str, n: &Context) -> Result<[String; 3], RenderError> {
            match code {
                $($code => {
                    #[derive(Template)]
                    #[template(path = $subject)]
                    struct Subject<'a> { n: &'a Context }
                    #[derive(Template)]
                    #[template(path = $text)]
                    struct Text<'a> { n: &'a Context }
                    #[derive(Template)]
                    #[template(path = $html)]
                    struct Html<'a> { n: &'a Context }
                    Ok([Subject { n }.render()?, Text { n }.render()?, Html { n }.render()?])
                })+
                _ => Err(RenderError::Incomplete(code, "template")),
            }
        }
    };
}

notices! {
    "nouvelle_demande": "mail/nouvelle_demande/words.txt", "mail/nouvelle_demande/subject.txt", "mail/nouvelle_demande/body.txt", "mail/nouvelle_demande/body.html";
    "nouveau_message": "mail/nouveau_message/words.txt", "mail/nouveau_message/subject.txt", "mail/nouveau_message/body.txt", "mail/nouveau_message/body.html";
    "prise_en_charge": "mail/prise_en_charge/words.txt", "mail/prise_en_charge/subject.txt", "mail/prise_en_charge/body.txt", "mail/prise_en_charge/body.html";
    "laissee": "mail/laissee/words.txt", "mail/laissee/subject.txt", "mail/laissee/body.txt", "mail/laissee/body.html";
    "mauvais_interlocuteur": "mail/mauvais_interlocuteur/words.txt", "mail/mauvais_interlocuteur/subject.txt", "mail/mauvais_interlocuteur/body.txt", "mail/mauvais_interlocuteur/body.html";
    "traitee": "mail/traitee/words.txt", "mail/traitee/subject.txt", "mail/traitee/body.txt", "mail/traitee/body.html";
    "non_pertinente": "mail/non_pertinente/words.txt", "mail/non_pertinente/subject.txt", "mail/non_pertinente/body.txt", "mail/non_pertinente/body.html";
    "archivee": "mail/archivee/words.txt", "mail/archivee/subject.txt", "mail/archivee/body.txt", "mail/archivee/body.html";
    "rouverte": "mail/rouverte/words.txt", "mail/rouverte/subject.txt", "mail/rouverte/body.txt", "mail/rouverte/body.html";
    "note": "mail/note/words.txt", "mail/note/subject.txt", "mail/note/body.txt", "mail/note/body.html";
    "recu": "mail/recu/words.txt", "mail/recu/subject.txt", "mail/recu/body.txt", "mail/recu/body.html";
    "acte_annule": "mail/acte_annule/words.txt", "mail/acte_annule/subject.txt", "mail/acte_annule/body.txt", "mail/acte_annule/body.html";
    "refus": "mail/refus/words.txt", "mail/refus/subject.txt", "mail/refus/body.txt", "mail/refus/body.html";
    "aide": "mail/aide/words.txt", "mail/aide/subject.txt", "mail/aide/body.txt", "mail/aide/body.html";
    "etat": "mail/etat/words.txt", "mail/etat/subject.txt", "mail/etat/body.txt", "mail/etat/body.html";
    "confirmer": "mail/confirmer/words.txt", "mail/confirmer/subject.txt", "mail/confirmer/body.txt", "mail/confirmer/body.html";
    "liberer": "mail/liberer/words.txt", "mail/liberer/subject.txt", "mail/liberer/body.txt", "mail/liberer/body.html";
    "non_remis": "mail/non_remis/words.txt", "mail/non_remis/subject.txt", "mail/non_remis/body.txt", "mail/non_remis/body.html";
}

/// The name in From.
#[derive(Template)]
#[template(path = "mail/from.txt")]
struct From<'a> {
    n: &'a Context,
}

/// The words of a notice as a mail.
///
/// # Errors
/// [`RenderError::Incomplete`] when the notice lacks the entry or the demande it tells of.
pub fn mail(notice: &Notice, carriage: &Carriage) -> Result<RenderedMail, RenderError> {
    let code = notice.what.code();
    let mut n = Context::new(notice, carriage)?;
    n.words = clean::text(&words(code, &n)?);
    let [subject, text, html] = parts(code, &n)?;
    Ok(RenderedMail {
        from_name: clean::line(&From { n: &n }.render()?),
        to_name: n.reader.clone(),
        to: notice.reader.address.clone(),
        subject: clean::line(&subject),
        text: clean::page(&text),
        html: clean::markup(&html),
    })
}

#[cfg(test)]
mod tests;

//! Notes in what is quoted: a history that carries a note of the demande is never kept with a public entry.
//!
//! Knows words, whatever a mail client did to their lines, case and punctuation. Does not know mails.

use std::collections::HashSet;
use std::ops::Range;

use super::{Demande, Visibility};

/// As many words in a row, found in both, are a quotation. A shorter note must be there whole.
const RUN: usize = 6;

/// True when `text` quotes a note of the demande, or the name of a file of one. Withdrawn notes count: they were read.
pub fn quoted_in(demande: &Demande, text: &str) -> bool {
    let notes = demande.entries.iter().filter(|entry| entry.visibility == Visibility::Instructeurs);
    let mut said: Vec<&str> = Vec::new();
    for note in notes {
        said.push(&note.text);
        said.extend(note.files.iter().map(|file| file.name.as_str()));
    }
    !said.is_empty() && {
        let words = words(text);
        said.into_iter().any(|note| quotes(&words, note))
    }
}

/// A public text without the lines it quotes (`>`) when a note is among them; `None` when it may stay as it is.
pub fn without_quoted(demande: &Demande, text: &str) -> Option<String> {
    let is_quoted = |line: &&str| line.trim_start().starts_with('>');
    let quoted: Vec<&str> = text.lines().filter(is_quoted).collect();
    if quoted.is_empty() || !quoted_in(demande, &quoted.join("\n")) {
        return None;
    }
    let own: Vec<&str> = text.lines().filter(|line| !is_quoted(line)).collect();
    Some(own.join("\n").trim().to_owned())
}

/// `text` without those of its `quoted` ranges that carry a note.
pub fn without_ranges(demande: &Demande, text: &str, quoted: &[Range<usize>]) -> (String, Vec<Range<usize>>) {
    let (mut out, mut kept, mut from) = (String::with_capacity(text.len()), Vec::new(), 0);
    for range in quoted {
        // A range that ends past the text holds its end: skipped, its note would stay and its words give orders.
        let range = range.start..range.end.min(text.len());
        let (Some(before), Some(inside)) = (text.get(from..range.start), text.get(range.clone())) else {
            continue;
        };
        out.push_str(before);
        from = range.end;
        if quoted_in(demande, inside) {
            out.push_str("[…]\n");
        } else {
            kept.push(out.len()..out.len() + inside.len());
            out.push_str(inside);
        }
    }
    out.push_str(text.get(from..).unwrap_or_default());
    (out, kept)
}

/// Letters and digits only, lower case: a quotation survives wrapping, quote marks and typographic changes.
fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

fn quotes(text: &[String], note: &str) -> bool {
    let note = words(note);
    if note.is_empty() {
        return false;
    }
    if note.len() < RUN {
        return text.windows(note.len()).any(|run| run == note.as_slice());
    }
    let runs: HashSet<&[String]> = note.windows(RUN).collect();
    text.windows(RUN).any(|run| runs.contains(run))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demande::{Author, Channel, Entry, FileRef, Kind, PersonId};

    fn demande(note: &str) -> Demande {
        let file = FileRef {
            id: uuid::Uuid::nil(),
            name: "rapport-enquete.pdf".to_owned(),
            kind: "application/pdf".to_owned(),
            size: 1,
        };
        let note = Entry {
            n: 1,
            kind: Kind::Note,
            author: Author::default(),
            visibility: Visibility::Instructeurs,
            text: note.to_owned(),
            quoted: String::new(),
            signature: String::new(),
            files: vec![file],
            channel: Channel::Mail,
            source: None,
            at: 0,
            pending_until: None,
            withdrawn_at: Some(1),
        };
        Demande {
            number: 1,
            sujet: String::new(),
            description: String::new(),
            infos: std::collections::BTreeMap::new(),
            territoire: "54".to_owned(),
            structure: None,
            author: PersonId(1),
            mandat: None,
            created_at: 0,
            wiped_at: None,
            entries: vec![note],
            participants: Vec::new(),
            groups: Vec::new(),
        }
    }

    #[test]
    fn a_note_is_found_however_it_was_quoted() {
        let demande = demande("Attention : l’usager a déjà été signalé pour fraude au RSA en 2024.");
        for quoted in [
            "Attention : l’usager a déjà été signalé pour fraude au RSA en 2024.",
            "> > Attention : l'usager a déjà été\n> > signalé pour fraude au RSA\n> en 2024.",
            "ATTENTION : L’USAGER A DÉJÀ ÉTÉ SIGNALÉ",
            "… a déjà été signalé pour fraude [la suite est dans un message précédent]",
            "- Rapport-Enquete.pdf (12 Ko)",
        ] {
            assert!(quoted_in(&demande, quoted), "{quoted}");
        }
        for other in ["", "Bonjour, l’usager a déjà été reçu.", "rapport d’activité"] {
            assert!(!quoted_in(&demande, other), "{other}");
        }
    }

    #[test]
    fn a_range_that_ends_past_the_text_counts() {
        let demande = demande("Attention : l’usager a déjà été signalé pour fraude au RSA en 2024.");
        let note = "Voici.\nl’usager a déjà été signalé pour fraude au RSA";
        let past = 7..999;
        assert_eq!(without_ranges(&demande, note, std::slice::from_ref(&past)).0, "Voici.\n[…]\n");
    }

    #[test]
    fn a_short_note_counts_whole() {
        let demande = demande("Fraude ?");
        assert!(quoted_in(&demande, "> Fraude ?"));
        assert!(!quoted_in(&demande, "frauduleux"));
    }

    #[test]
    fn only_what_is_quoted_goes() {
        let demande = demande("Ne pas lui dire que le dossier est chez le procureur");
        let text =
            "> Ne pas lui dire que le dossier\n> est chez le procureur\nD’accord.\n\n> Bonjour\nBonjour";
        assert_eq!(without_quoted(&demande, text).as_deref(), Some("D’accord.\n\nBonjour"));
        assert_eq!(without_quoted(&demande, "> Bonjour\nBonjour"), None);
        let text = "Oui\nNe pas lui dire que le dossier est chez le procureur\nBonjour\nNon";
        let note = text.find("Ne").unwrap()..text.find("Bonjour").unwrap();
        let hello = text.find("Bonjour").unwrap()..text.find("Non").unwrap();
        let (out, kept) = without_ranges(&demande, text, &[note, hello]);
        assert_eq!(out, "Oui\n[…]\nBonjour\nNon");
        assert_eq!(kept.iter().map(|range| &out[range.clone()]).collect::<Vec<_>>(), ["Bonjour\n"]);
    }
}

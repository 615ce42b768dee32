//! Short set phrases: greetings, closings, thanks; and the one spelling that words are compared in.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// One spelling: lower case, no accents, plain apostrophes, a hyphen equals a space, single spaces.
pub(super) fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)) {
        match c {
            '’' | '‘' | 'ʼ' | '´' | '`' => out.push('\''),
            '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{feff}'
            | '\u{ad}' => {}
            '-' | '‐' | '‑' | '–' | '—' => push_space(&mut out),
            'œ' | 'Œ' => out.push_str("oe"),
            _ if c.is_whitespace() => push_space(&mut out),
            _ => out.extend(c.to_lowercase()),
        }
    }
    out.truncate(out.trim_end().len());
    out
}

fn push_space(out: &mut String) {
    if !out.is_empty() && !out.ends_with(' ') {
        out.push(' ');
    }
}

const GREETINGS: [&str; 9] = [
    "bonjour",
    "bonsoir",
    "hello",
    "salut",
    "coucou",
    "madame monsieur",
    "madame",
    "monsieur",
    "cher collegue",
];

/// "Bonjour," "Bonjour Léa," — a line of at most four words that opens.
pub(super) fn is_greeting(line: &str) -> bool {
    let line = bare(&fold(line));
    let first = GREETINGS
        .iter()
        .any(|g| line.strip_prefix(g).is_some_and(|rest| rest.is_empty() || rest.starts_with(' ')));
    first && line.split(' ').count() <= 4
}

const CLOSINGS: [&str; 26] = [
    "cordialement",
    "bien cordialement",
    "tres cordialement",
    "cdt",
    "cdlt",
    "bien a vous",
    "salutations",
    "sinceres salutations",
    "bonne journee",
    "belle journee",
    "bonne fin de journee",
    "bonne soiree",
    "bon week end",
    "bonne reception",
    "bonne apres midi",
    "bon apres midi",
    "a bientot",
    "respectueusement",
    "merci",
    "merci d'avance",
    "merci beaucoup",
    "merci a vous",
    "merci par avance",
    "bonne continuation",
    "en vous remerciant",
    "bon courage",
];

/// "Cordialement," and the like, as a whole line.
pub(super) fn is_closing(line: &str) -> bool {
    closes(&bare(&fold(line)))
}

fn closes(phrase: &str) -> bool {
    let named = CLOSINGS.iter().any(|c| {
        phrase.strip_prefix(c).is_some_and(|rest| {
            rest.is_empty() || rest.starts_with(" et ") || rest.starts_with(' ') && !c.starts_with("merci")
        })
    });
    named && phrase.split(' ').count() <= 6
}

const THANKS: [&str; 34] = [
    "merci",
    "merci beaucoup",
    "merci bien",
    "merci a vous",
    "un grand merci",
    "mille mercis",
    "grand merci",
    "bien recu",
    "bien recu merci",
    "recu",
    "recu merci",
    "bien note",
    "bien note merci",
    "note merci",
    "ok",
    "ok merci",
    "d'accord",
    "d'accord merci",
    "parfait",
    "parfait merci",
    "super",
    "super merci",
    "tres bien",
    "tres bien merci",
    "merci pour votre reponse",
    "merci pour votre retour",
    "merci pour votre aide",
    "merci pour tout",
    "merci de votre reponse",
    "merci de votre retour",
    "merci pour ce retour",
    "merci pour l'information",
    "merci pour votre reactivite",
    "je vous remercie",
];

/// Nothing but thanks or "bien reçu" (a short closed list, with a greeting, a closing and a name around): such a
/// message does not reopen what is handled. At least one of the phrases must thank or acknowledge.
pub fn is_mere_thanks(prose: &str) -> bool {
    if prose.len() > 400 {
        return false;
    }
    let (mut thanks, mut closed, mut after) = (false, false, 0);
    for phrase in
        prose.split(['\n', '.', '!', ',', ';', ':', ')']).map(|p| bare(&fold(p))).filter(|p| !p.is_empty())
    {
        let says = THANKS.contains(&phrase.as_str()) || extended(&phrase);
        if says {
            thanks = true;
        } else if closes(&phrase) {
            (closed, thanks) = (true, thanks || phrase.starts_with("merci"));
        } else if closed
            && after < 2
            && phrase.split(' ').count() <= 4
            && !phrase.bytes().any(|b| b.is_ascii_digit())
        {
            after += 1;
        } else if !is_greeting(&phrase) {
            return false;
        }
    }
    thanks
}

/// "merci et bonne journée", "merci beaucoup pour votre réponse rapide".
fn extended(phrase: &str) -> bool {
    THANKS.iter().filter_map(|t| phrase.strip_prefix(t)?.strip_prefix(' ')).any(|rest| {
        let rest = rest.strip_prefix("et ").unwrap_or(rest);
        let answered =
            ANSWERS.iter().any(|a| rest.strip_prefix(a).is_some_and(|r| QUICK.contains(&r.trim())));
        answered || closes(rest) || THANKS.contains(&rest) || QUICK[1..].contains(&rest)
    })
}

const QUICK: [&str; 4] = ["", "rapide", "si rapide", "precieuse"];
const ANSWERS: [&str; 9] = [
    "pour votre reponse",
    "pour votre retour",
    "pour votre aide",
    "pour ta reponse",
    "pour la reponse",
    "pour le retour",
    "pour ces informations",
    "pour ces precisions",
    "pour cette reponse",
];

/// Without what is neither letter nor figure at both ends.
pub(super) fn bare(folded: &str) -> String {
    folded.trim_matches(|c: char| !c.is_alphanumeric()).to_owned()
}

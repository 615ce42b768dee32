//! The signature block at the end of a person's text: after "-- ", or after a closing when it bears a name with a
//! job, a service, a telephone or an address. A telephone or an address given in a sentence, introduced by "… :" or
//! standing for somebody else is content and stays; so does a bare name.

use super::Evidence;
use super::fold::{has_address, has_phone, words};
use super::footers;
use super::page::{Page, Part};
use crate::demande::command::is_order;
use crate::mail::body::SpanKind;
use std::ops::Range;

/// How many lines from the end of a text a signature may start.
const REACH: usize = 60;

/// What one line of a possible signature is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Name,
    Service,
    Contact,
    Place,
    Image,
    /// A rule of dashes, a short slogan: belongs to a signature, makes none.
    Filler,
    /// Words to somebody: ends a signature.
    Prose,
}

/// Puts the signature of the text in `lines` into its part; says which rule and from which line.
/// `above`: other words of the person stand before, so that these lines may be nothing but a signature.
pub(super) fn mark(
    page: &mut Page<'_>,
    lines: Range<usize>,
    above: bool,
    evidence: &Evidence<'_>,
) -> Option<(&'static str, usize)> {
    let found = spanned(page, &lines)
        .or_else(|| whole(page, &lines, above, evidence))
        .or_else(|| dashed(page, &lines, above))
        .or_else(|| after_closing(page, &lines, evidence))
        .or_else(|| unannounced(page, &lines, evidence));
    let (rule, block) = found?;
    let (start, end) = (block.start, block.end);
    page.put(start..end, Part::Signature);
    Some((rule, start))
}

/// What the HTML says is one, unless nothing else was written (people do type inside it).
fn spanned(page: &Page<'_>, lines: &Range<usize>) -> Option<(&'static str, Range<usize>)> {
    let span = page
        .spans
        .iter()
        .filter(|s| s.kind == SpanKind::Signature)
        .find(|s| lines.contains(&page.span_lines(s).start))?;
    let block = page.span_lines(span);
    let block = block.start..block.end.min(lines.end);
    let elsewhere =
        lines.clone().any(|i| !block.contains(&i) && !page.blank(i) && page.lines[i].part == Part::Said);
    elsewhere.then_some((span.rule, block))
}

/// After a line of two dashes alone: RFC 3676 §4.3 wants "-- ", many write "--".
fn dashed(page: &Page<'_>, lines: &Range<usize>, above: bool) -> Option<(&'static str, Range<usize>)> {
    let from = lines.end.saturating_sub(REACH).max(lines.start);
    let at = (from..lines.end)
        .rev()
        .find(|&i| matches!(page.raw(i).trim(), "--" | "—" | "__" | "-- *" | "*--*"))?;
    let exact = page.raw(at).starts_with("-- ");
    let mut folded = String::new();
    let (mut filled, mut end, mut named) = (0, lines.end, false);
    for i in at + 1..lines.end {
        if page.blank(i) {
            continue;
        }
        page.fold(i, &mut folded);
        if filled > 0 && is_postscript(&folded) {
            end = i;
            break;
        }
        filled += 1;
        named |= filled == 1 && is_name(page.bare(i));
        if !exact && !named && kind(page.bare(i), &folded) == Kind::Prose && !footers::is_disclaimer(&folded)
        {
            return None;
        }
    }
    let above = above || (lines.start..at).any(|i| !page.blank(i));
    (above && filled <= if exact { 25 } else { 14 } && filled > 0)
        .then_some(("signature after two dashes", at..end))
}

/// A block with a name and a service, a telephone or a place, right after "Cordialement," and the like.
fn after_closing(
    page: &Page<'_>,
    lines: &Range<usize>,
    evidence: &Evidence<'_>,
) -> Option<(&'static str, Range<usize>)> {
    let from = lines.end.saturating_sub(REACH).max(lines.start);
    let mut folded = String::new();
    for i in (from..lines.end).rev().filter(|&i| !page.blank(i)) {
        page.fold(i, &mut folded);
        if !is_closing(&folded) && !is_order(page.bare(i)) {
            continue;
        }
        let block = Block::read(page, after_typed_name(page, i + 1..lines.end)..lines.end);
        if block.signs(page, evidence) {
            return Some(("contact block after a closing", block.lines));
        }
        if block.seen.contains(&Kind::Prose) {
            return None;
        }
    }
    None
}

/// Where the block starts under a closing: after a first name that was typed in a paragraph of its own, or that
/// the block repeats.
fn after_typed_name(page: &Page<'_>, lines: Range<usize>) -> usize {
    let Some(first) = lines.clone().find(|&i| !page.blank(i)) else { return lines.start };
    let Some(next) = (first + 1..lines.end).find(|&i| !page.blank(i)) else { return lines.start };
    let typed = page.bare(first).trim_end_matches(['.', ',']);
    let single = is_name(typed) && !typed.contains(char::is_whitespace);
    let apart = next > first + 1 || page.told(next).is_some_and(|s| s.kind == SpanKind::Signature);
    if is_name(typed) && apart && (single || is_name(page.bare(next)))
        || single && repeats(page.bare(next), typed)
    {
        return next;
    }
    lines.start
}

/// "Léa" above "Léa MARTIN".
fn repeats(line: &str, name: &str) -> bool {
    let (folded, name) = (super::fold::fold(line), super::fold::fold(name));
    is_name(line) && folded.contains(' ') && folded.split(' ').any(|word| word == name)
}

/// All of the lines: under a quotation that has the text above it, or, when they bear the sender's name with a
/// service and a contact, in a mail that says nothing else.
fn whole(
    page: &Page<'_>,
    lines: &Range<usize>,
    above: bool,
    evidence: &Evidence<'_>,
) -> Option<(&'static str, Range<usize>)> {
    let first = lines.clone().find(|&i| !page.blank(i))?;
    let may_be = above || is_name(page.bare(first)) && matches_sender(page.bare(first), evidence);
    if lines.len() > REACH || !may_be {
        return None;
    }
    let block = Block::read(page, lines.clone());
    let theirs = block.name_line == Some(block.lines.start)
        && matches_sender(page.bare(block.lines.start), evidence)
        && block.count(Kind::Service) > 0
        && block.count(Kind::Contact) > 0;
    let found = block.reached_end && (above || theirs) && block.signs(page, evidence);
    found.then_some((if above { "contact block under the quotation" } else { ALONE }, block.lines))
}

/// The rule of a signature with no text at all.
pub(super) const ALONE: &str = "nothing but the signature";

/// Without any closing: a last paragraph that opens with the sender's name and bears a service and a contact.
fn unannounced(
    page: &Page<'_>,
    lines: &Range<usize>,
    evidence: &Evidence<'_>,
) -> Option<(&'static str, Range<usize>)> {
    let from = lines.end.saturating_sub(REACH).max(lines.start);
    let mut folded = String::new();
    let paragraphs = (from.max(lines.start + 1)..lines.end).filter(|&i| !page.blank(i) && page.blank(i - 1));
    for start in paragraphs {
        let raw = page.bare(start);
        let head = raw.split(['|', ',', '–', '•']).next().and_then(|h| h.split(" - ").next()).unwrap_or(raw);
        let titled = head.len() < raw.len() && is_name(head) && matches_sender(head, evidence);
        let named = is_name(raw) || titled;
        // Without a name, only a block that stands well apart.
        let apart = start >= 2 && page.blank(start - 2);
        if !named && !apart {
            continue;
        }
        page.fold(start, &mut folded);
        if !matches!((kind(raw, &folded), named), (Kind::Name, true) | (Kind::Service, _))
            || page.previous_text(start).is_none_or(|p| p < lines.start || page.bare(p).ends_with(':'))
        {
            continue;
        }
        let block = Block::read(page, start..lines.end);
        let strong = block.count(Kind::Service) >= 1 && block.count(Kind::Contact) >= 1;
        let theirs = named && matches_sender(raw, evidence) && block.score() >= 1;
        if block.reached_end && (strong || theirs) && block.signs(page, evidence) {
            return Some(("contact block of the sender", block.lines));
        }
    }
    None
}

/// A candidate: its lines, and what each of them is.
struct Block {
    lines: Range<usize>,
    seen: Vec<Kind>,
    name_line: Option<usize>,
    reached_end: bool,
}

impl Block {
    /// Reads on until words to somebody, or the end.
    fn read(page: &Page<'_>, lines: Range<usize>) -> Self {
        let start = lines.clone().find(|&i| !page.blank(i)).unwrap_or(lines.end);
        let mut block = Block { lines: start..start, seen: Vec::new(), name_line: None, reached_end: true };
        let mut folded = String::new();
        for i in (start..lines.end).filter(|&i| !page.blank(i)) {
            if page.lines[i].part != Part::Said {
                continue;
            }
            page.fold(i, &mut folded);
            let kind = kind(page.bare(i), &folded);
            if kind == Kind::Prose || is_closing(&folded) || is_order(page.bare(i)) {
                block.seen.push(kind);
                block.reached_end = false;
                break;
            }
            if kind == Kind::Name && block.name_line.is_none() {
                block.name_line = Some(i);
            }
            block.seen.push(kind);
            block.lines.end = i + 1;
        }
        block
    }

    fn count(&self, kind: Kind) -> usize {
        self.seen.iter().filter(|k| **k == kind).count()
    }

    fn score(&self) -> usize {
        [Kind::Service, Kind::Contact, Kind::Place, Kind::Image].iter().map(|k| self.count(*k)).sum()
    }

    /// Two lines that sign, one of them more than a name, and nothing that says it is somebody else's.
    fn signs(&self, page: &Page<'_>, evidence: &Evidence<'_>) -> bool {
        let total = self.score() + self.count(Kind::Name);
        let one_line = total == 1 && self.lines.len() == 1 && rich(page.bare(self.lines.start));
        if self.lines.is_empty() || !(total >= 2 && self.score() >= 1 || one_line) {
            return false;
        }
        let Some(name) = self.name_line else { return true };
        let raw = page.bare(name);
        let known = evidence.sender_name.is_some() || evidence.sender_address.is_some();
        let theirs = matches_sender(raw, evidence);
        theirs || self.count(Kind::Service) > 0 || !known && !has_civility(raw)
    }
}

/// One line that bears a name, a service and a telephone or an address.
fn rich(raw: &str) -> bool {
    let folded = super::fold::fold(raw);
    (has_phone(&folded) || has_address(&folded))
        && (is_service(&folded) || raw.contains([',', '|', '–', '•']) || raw.contains(" - "))
        && words(&folded) <= 22
}

/// What a line is: cheap looks first.
fn kind(raw: &str, folded: &str) -> Kind {
    let count = words(folded);
    if count == 0 {
        return Kind::Filler;
    }
    if is_image(folded) {
        return Kind::Image;
    }
    if is_postscript(folded) || folded.ends_with(['?', ':']) || folded.ends_with("svp") {
        return Kind::Prose;
    }
    if is_contact(folded, count) {
        return Kind::Contact;
    }
    if count > 14
        || folded.ends_with(['.', '!']) && count >= 4 && !is_place(folded)
        || is_sentence(folded, count)
    {
        return Kind::Prose;
    }
    match () {
        () if is_place(folded) => Kind::Place,
        () if is_service(folded) => Kind::Service,
        () if is_name(raw) => Kind::Name,
        () if labelled(folded) => Kind::Prose,
        () if count <= 8 => Kind::Filler,
        () => Kind::Prose,
    }
}

/// "Numéro d’allocataire : 123": information, not a signature.
fn labelled(folded: &str) -> bool {
    folded.find(':').is_some_and(|i| i > 1 && i < folded.len() - 1 && !folded.contains("://"))
}

/// A verb that speaks to somebody.
fn is_sentence(folded: &str, count: usize) -> bool {
    #[rustfmt::skip]
    const STARTS: [&str; 19] = [
        "j'", "merci de", "pouvez", "veuillez", "n'hesitez", "c'est ", "a ete", "dossier ", "demande ", "usager", "allocataire", "assure ", "voici", "ci-joint", "pour info", "pensez", "attention", "bonjour", "please",
    ];
    const WORDS: [&str; 13] =
        ["je", "nous", "vous", "il", "elle", "est", "sera", "dossier", "demande", "i", "we", "ont", "avons"];
    count >= 2
        && (STARTS.iter().any(|v| folded.starts_with(v)) || folded.split(' ').any(|w| WORDS.contains(&w)))
}

fn is_postscript(folded: &str) -> bool {
    ["ps ", "ps:", "p.s", "ps.", "nb ", "nb:", "n.b", "post-scriptum", "p.-s"]
        .iter()
        .any(|p| folded.starts_with(p))
}

fn is_image(folded: &str) -> bool {
    ["[cid:", "[image", "<image", "[logo", "[signature", "cid:", "[http", "[une image", "[photo"]
        .iter()
        .any(|p| folded.starts_with(p))
}

fn is_contact(folded: &str, count: usize) -> bool {
    #[rustfmt::skip]
    const LABELS: [&str; 28] = [
        "tel", "t.", "t :", "t:", "port", "mob", "fax", "standard", "ligne directe", "ld ", "ld:", "mail", "e-mail", "email", "courriel", "mel", "m :", "p :", "accueil", "site", "web", "www.", "http", "<http", "poste ", "phone", "\u{260e}", "\u{1f4de}",
    ];
    let line = folded.trim_start_matches(['*', '_', '|', '-', ' ', '(']);
    let data = has_phone(folded)
        || has_address(folded)
        || has_url(folded)
        || line.starts_with("poste ") && line.bytes().any(|b| b.is_ascii_digit());
    let labelled = LABELS.iter().any(|l| line.starts_with(l));
    let alone = count <= 6 || line.starts_with(|c: char| !c.is_alphabetic()) && count <= 12;
    let joined = count <= 18 && (line.contains([',', '|', '/']) || line.contains(" - "));
    data && (labelled && count <= 24 || (alone || joined) && !starts_sentence(line))
}

fn starts_sentence(line: &str) -> bool {
    #[rustfmt::skip]
    const STARTS: [&str; 22] = [
        "je ", "j'", "nous ", "vous ", "il ", "elle ", "son ", "sa ", "le ", "la ", "les ", "l'", "voici", "merci", "pouvez", "veuillez", "appele", "contacte", "joindre", "ou ", "et ", "n'hesitez",
    ];
    STARTS.iter().any(|s| line.starts_with(s))
}

fn has_url(folded: &str) -> bool {
    folded.contains("www.")
        || folded.contains("http://")
        || folded.contains("https://")
        || [".fr", ".com", ".net", ".org", ".example", ".eu"]
            .iter()
            .any(|t| folded.ends_with(t) && !folded.contains(' '))
}

/// A postal address: a postcode before a town, a street with a number, a box.
fn is_place(folded: &str) -> bool {
    #[rustfmt::skip]
    const STREETS: [&str; 20] = [
        "rue", "avenue", "av.", "boulevard", "bd", "place", "chemin", "allee", "route", "impasse", "quai", "cours", "square", "cedex", "bp", "b.p.", "cs", "esplanade", "zac", "faubourg",
    ];
    if !folded.bytes().any(|b| b.is_ascii_digit()) || words(folded) > 18 {
        return false;
    }
    let (mut code, mut found) = (false, false);
    for word in folded.split(' ') {
        found |= code && word.starts_with(char::is_alphabetic)
            || STREETS.contains(&word.trim_end_matches([',', ';']));
        let figures = word.trim_matches(|c: char| !c.is_alphanumeric());
        code = figures.len() == 5 && figures.bytes().all(|b| b.is_ascii_digit());
    }
    found
}

/// A job, a service, an administration.
fn is_service(folded: &str) -> bool {
    #[rustfmt::skip]
    const WORDS: [&str; 84] = [
        "service", "services", "direction", "pole", "bureau", "caf", "cpam", "msa", "ddfip", "drfip", "prefecture", "sous-prefecture", "carsat", "cnav", "urssaf", "mdph", "ccas", "mairie", "departement", "departemental", "departementale", "caisse", "conseiller", "conseillere",
        "gestionnaire", "technicien", "technicienne", "charge", "chargee", "responsable", "agent", "agente", "assistant", "assistante", "referent", "referente", "inspecteur", "inspectrice", "controleur", "controleuse", "chef", "cheffe", "adjoint", "adjointe", "directeur", "directrice",
        "secretaire", "secretariat", "delegue", "deleguee", "mediateur", "mediatrice", "coordinateur", "coordinatrice", "instructeur", "instructrice", "animateur", "animatrice", "ministere", "republique", "agence", "antenne", "unite", "division", "cellule", "mission", "centre", "espace",
        "france", "association", "travailleur", "accueil", "territoire", "communaute", "conseil", "expert", "experte", "cadre", "correspondant", "correspondante", "administration", "finances", "manager", "officer",
    ];
    words(folded) <= 14
        && folded.split(|c: char| !c.is_alphanumeric() && c != '-').any(|w| WORDS.contains(&w))
}

/// One to five words that each start with a capital, no figure: a name.
fn is_name(raw: &str) -> bool {
    let line = raw.trim_matches(|c: char| matches!(c, '*' | '_' | ',' | '.' | ' ' | '-' | '\u{a0}'));
    let mut count = 0;
    for word in line.split(|c: char| c.is_whitespace() || c == '-').filter(|w| !w.is_empty()) {
        count += 1;
        let small =
            matches!(word, "de" | "du" | "des" | "la" | "le" | "et" | "d'" | "van" | "von" | "ben" | "el");
        let capital = word.chars().next().is_some_and(|c| c.is_uppercase() || c == '(')
            && word.chars().all(|c| c.is_alphabetic() || matches!(c, '.' | '\'' | '’' | '(' | ')' | ','));
        if !small && !capital {
            return false;
        }
    }
    let line = super::fold::fold(line);
    (1..=5).contains(&count)
        && !matches!(line.as_str(), "bonjour" | "merci" | "ok" | "oui" | "non" | "bonsoir" | "urgent")
}

fn has_civility(raw: &str) -> bool {
    let folded = super::fold::fold(raw);
    ["m. ", "mr ", "mme ", "mlle ", "monsieur ", "madame ", "m et mme", "m "]
        .iter()
        .any(|c| folded.starts_with(c))
}

/// A word of the line stands in the sender's name or address.
fn matches_sender(raw: &str, evidence: &Evidence<'_>) -> bool {
    let line = super::fold::fold(raw);
    let sender = super::fold::fold(
        &[evidence.sender_name.unwrap_or_default(), evidence.sender_address.unwrap_or_default()].join(" "),
    );
    line.split(|c: char| !c.is_alphanumeric()).any(|w| w.chars().count() >= 3 && sender.contains(w))
}

/// "Cordialement,", "Bonne journée": what a person ends with. Takes a folded line.
pub(super) fn is_closing(folded: &str) -> bool {
    #[rustfmt::skip]
    const CLOSINGS: [&str; 44] = [
        "cordialement", "bien cordialement", "tres cordialement", "cdt", "cdlt", "cldt", "bien a vous", "bien a toi", "salutations", "sinceres salutations", "respectueusement", "bonne journee", "bonne fin de journee", "belle journee", "bonne soiree", "bonne reception", "bon week-end", "bon weekend",
        "bonne apres-midi", "bon apres-midi", "a bientot", "amicalement", "sincerement", "regards", "best regards", "kind regards", "best", "sincerely", "thanks", "thank you", "cheers", "mit freundlichen", "viele gruse", "beste gruse", "saludos", "un saludo", "cordiali saluti", "distinti saluti", "atenciosamente",
        "met vriendelijke", "pozdrawiam", "z powazaniem", "bonne continuation", "excellente journee",
    ];
    #[rustfmt::skip]
    const MERCI: [&str; 12] = ["merci", "merci d'avance", "merci beaucoup", "merci par avance", "merci bien", "merci a vous", "merci et bonne journee", "en vous remerciant", "avec mes remerciements", "vous en remerciant", "merci, cordialement", "merci pour votre retour"];
    let line = folded.trim_matches(|c: char| !c.is_alphanumeric());
    if line.is_empty() || folded.ends_with(':') {
        return false;
    }
    MERCI.contains(&line)
        || words(line) <= 7
            && CLOSINGS
                .iter()
                .any(|c| line.strip_prefix(c).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric)))
        || line.len() < 200
            && (line.contains("salutations")
                || line.contains("sentiments")
                || line.contains("souhaite une")
                || line.contains("souhaitant une")
                || line.contains("consideration distinguee"))
}

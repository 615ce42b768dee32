//! What one line of a possible signature is: a name, a service, a contact, a place, or words to somebody.

use super::super::fold::{fold, has_address, has_phone, words};

/// What one line of a possible signature is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
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

/// What a line is: cheap looks first.
pub(super) fn kind(raw: &str, folded: &str) -> Kind {
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

pub(super) fn is_postscript(folded: &str) -> bool {
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
pub(super) fn is_service(folded: &str) -> bool {
    #[rustfmt::skip]
    const WORDS: [&str; 100] = [
        "service", "services", "direction", "pole", "bureau", "caf", "cpam", "msa", "ddfip", "drfip", "prefecture", "sous-prefecture", "carsat", "cnav", "urssaf", "mdph", "ccas", "mairie", "departement", "departemental", "departementale", "caisse", "conseiller", "conseillere",
        "gestionnaire", "technicien", "technicienne", "charge", "chargee", "responsable", "agent", "agente", "assistant", "assistante", "referent", "referente", "inspecteur", "inspectrice", "controleur", "controleuse", "chef", "cheffe", "adjoint", "adjointe", "directeur", "directrice",
        "secretaire", "secretariat", "delegue", "deleguee", "mediateur", "mediatrice", "coordinateur", "coordinatrice", "instructeur", "instructrice", "animateur", "animatrice", "ministere", "republique", "agence", "antenne", "unite", "division", "cellule", "mission", "centre", "espace",
        "france", "association", "travailleur", "accueil", "territoire", "communaute", "conseil", "expert", "experte", "cadre", "correspondant", "correspondante", "administration", "finances", "manager", "officer", "office", "council", "department", "caseworker", "adviser", "advisor", "clerk", "director", "team", "secretary", "coordinator", "specialist", "consulate", "embassy", "unit", "desk",
    ];
    words(folded) <= 14
        && folded.split(|c: char| !c.is_alphanumeric() && c != '-').any(|w| WORDS.contains(&w))
}

/// One to five words that each start with a capital, no figure: a name.
pub(super) fn is_name(raw: &str) -> bool {
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
    let line = fold(line);
    (1..=5).contains(&count)
        && !matches!(line.as_str(), "bonjour" | "merci" | "ok" | "oui" | "non" | "bonsoir" | "urgent")
}

pub(super) fn has_civility(raw: &str) -> bool {
    let folded = fold(raw);
    ["m. ", "mr ", "mme ", "mlle ", "monsieur ", "madame ", "m et mme", "m "]
        .iter()
        .any(|c| folded.starts_with(c))
}

/// "Retrouvez-nous sur…", or a saying between quotation marks: what people set under their contact. Takes a folded
/// line.
pub(super) fn is_slogan(folded: &str) -> bool {
    #[rustfmt::skip]
    const CALLS: [&str; 14] = [
        "retrouvez", "suivez-", "suivez nous", "rejoignez", "decouvrez", "visitez", "telechargez l'app", "follow us", "find us", "visit us", "visit our", "like us", "join us", "connect with",
    ];
    let line = folded.trim_matches(|c: char| matches!(c, '*' | '_' | ' ' | '/'));
    CALLS.iter().any(|call| line.starts_with(call)) || line.starts_with('"') && line[1..].contains('"')
}

/// "Horaires d’ouverture : …", "Réception sur rendez-vous". Takes a folded line.
pub(super) fn is_office_hours(folded: &str) -> bool {
    #[rustfmt::skip]
    const HOURS: [&str; 16] = [
        "horaires", "ouvert ", "ouverte ", "ouvert:", "ouverture", "accueil ", "reception ", "permanence", "sur rendez-vous", "prenez rdv", "prenez rendez-vous", "prise de r", "du lundi", "lundi", "opening hours", "office hours",
    ];
    HOURS.iter().any(|hours| folded.starts_with(hours))
}

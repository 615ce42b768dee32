//! Masking of the usager's identifiers for the channels of level `masque` (domain.md §6).
//!
//! What looks like an identifier is masked even when it is not one: a masked date costs a click, a leaked NIR a
//! citizen's secret. Each mask says what stood there.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Between the groups of an identifier: blanks (no-break ones too), dots and dashes.
const GAP: &str = r"[ \u{00a0}\u{202f}.\-]?";

/// An identifier's name and its form, the longest first.
static FORMS: LazyLock<Vec<(&'static str, Regex)>> = LazyLock::new(|| {
    let forms = [
        // 15 digits, or 13 without the key; 2A and 2B for Corsica.
        ("numéro de sécurité sociale masqué", format!(r"(?i)\b[1-478]{GAP}\d\d{GAP}\d\d{GAP}(?:\d\d|2[ab]){GAP}\d{{3}}{GAP}\d{{3}}(?:{GAP}\d\d)?\b")),
        ("numéro fiscal masqué", format!(r"\b[0-3]\d{GAP}\d\d{GAP}\d{{3}}{GAP}\d{{3}}{GAP}\d{{3}}\b")),
        ("téléphone masqué", format!(r"(?:\+33{GAP}|\b0)[1-9](?:{GAP}\d\d){{4}}\b")),
        ("identifiant CAF masqué", r"\b\d{6,8}(?: ?[A-Za-z])?\b".to_owned()),
        ("date masquée", r"\b(?:0?[1-9]|[12]\d|3[01])[/.\-](?:0?[1-9]|1[0-2])[/.\-](?:19|20)\d\d\b".to_owned()),
        ("date masquée", r"(?i)\b(?:1er|[12]?\d|3[01])\s+(?:janvier|f[ée]vrier|mars|avril|mai|juin|juillet|ao[uû]t|septembre|octobre|novembre|d[ée]cembre)\s+(?:19|20)\d\d\b".to_owned()),
    ];
    forms.into_iter().filter_map(|(name, form)| Some((name, Regex::new(&form).ok()?))).collect()
});

/// Text with the usager's identifiers masked: NIR, numéro fiscal, CAF number, phone, full dates.
pub fn masquer(text: &str) -> String {
    let mut text = Cow::Borrowed(text);
    for (name, form) in FORMS.iter() {
        if form.is_match(&text) {
            text = Cow::Owned(form.replace_all(&text, format!("[{name}]")).into_owned());
        }
    }
    text.into_owned()
}

/// One info as a level `masque` shows it: names as they are, a birth date by its year, identifiers masked whole.
pub fn info(key: &str, value: &str) -> String {
    match key {
        "Prénom" | "Nom de famille" | "Nom de naissance" => value.to_owned(),
        "Date de naissance" => {
            year(value).map_or_else(|| "[masquée]".to_owned(), |year| format!("[masquée] {year}"))
        }
        _ => "[masqué]".to_owned(),
    }
}

fn year(value: &str) -> Option<&str> {
    value.split(|c: char| !c.is_ascii_digit()).find(|part| part.len() == 4)
}

/// The sujet as a subject line may hold it: the usager's names scrubbed, whatever their accents and case, and
/// identifiers masked.
pub fn sujet(sujet: &str, infos: &BTreeMap<String, String>) -> String {
    let names: Vec<String> = ["Prénom", "Nom de famille", "Nom de naissance"]
        .iter()
        .filter_map(|key| infos.get(*key))
        .flat_map(|value| words(value))
        .map(folded)
        .filter(|name| name.chars().count() > 2)
        .collect();
    let mut out = String::with_capacity(sujet.len());
    let mut rest = sujet;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_alphabetic() && c != '\'').unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        out.push_str(if !word.is_empty() && names.contains(&folded(word)) { "…" } else { word });
        let gap = after.find(char::is_alphabetic).unwrap_or(after.len());
        out.push_str(&after[..gap]);
        rest = &after[gap..];
    }
    masquer(&out)
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty())
}

/// Lower case, without accents.
fn folded(word: &str) -> String {
    word.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_masked() {
        for (text, kept, gone) in [
            ("NIR 2 85 05 78 006 084 36 merci", "merci", "006"),
            ("nir 285052A00608436", "[numéro de sécurité sociale masqué]", "2850"),
            ("fiscal 30 12 345 678 901.", "[numéro fiscal masqué]", "345"),
            ("appelez le 06 12 34 56 78", "appelez le [téléphone masqué]", "34"),
            ("appelez le +33 6 12 34 56 78", "[téléphone masqué]", "34"),
            ("allocataire 1234567A", "allocataire [identifiant CAF masqué]", "1234567"),
            ("né le 01/02/1970 à Nancy", "à Nancy", "1970"),
            ("née le 3 août 1970", "née le [date masquée]", "1970"),
        ] {
            let masked = masquer(text);
            assert!(masked.contains(kept) && !masked.contains(gone), "{text} → {masked}");
        }
    }

    #[test]
    fn ordinary_text_stays() {
        for text in ["Il manque 300 € et 2 pièces, page 12.", "Loi 2019-1446, article 4", "12 mai, à 14 h 03"]
        {
            assert_eq!(masquer(text), text);
        }
    }

    #[test]
    fn names_leave_the_sujet() {
        let infos = BTreeMap::from([
            ("Prénom".to_owned(), "Hélène".to_owned()),
            ("Nom de famille".to_owned(), "Le Goff-Martin".to_owned()),
        ]);
        assert_eq!(sujet("RSA de HELENE Goff, dossier bloqué", &infos), "RSA de … …, dossier bloqué");
        assert_eq!(sujet("Le dossier d’Hélène", &infos), "Le dossier d’…");
    }

    #[test]
    fn infos_at_level_masque() {
        assert_eq!(info("Date de naissance", "01/02/1970"), "[masquée] 1970");
        assert_eq!(info("Identifiant CAF", "1234567A"), "[masqué]");
        assert_eq!(info("Prénom", "Jeanne"), "Jeanne");
    }
}

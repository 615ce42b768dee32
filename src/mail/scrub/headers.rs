//! Lines of ours and of mail clients in a quoted part: our marker, headers ("De :", "À :"), attributions ("… a écrit").

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::{Edit, MASKED};

static ADDRESS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"[\w.!#$%&'*+/=?^{|}~\-]{1,64}@[\w\-]+(?:\.[\w\-]+)*").ok());

/// Names of quoted header fields that hold addresses, in the languages of `mail::reply`.
static HEADER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let names = "de|à|a|cc|cci|copie|copie à|pour|expéditeur|destinataires?|envoyé par|répondre à|from|to|bcc|sender|reply-to\
        |von|an|para|da|aan|van|do|od|asunto|delivered-to|x-original-to|return-path";
    Regex::new(&format!(r"(?i)^[\s>|*_]*(?:{names})[*_]*[\s\u{{a0}}\u{{202f}}]*[*_]*:")).ok()
});

/// The end of an attribution line.
static ATTRIBUTION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:a [ée]crit|wrote|schrieb|escribió|ha scritto|escreveu|schreef|napisał\(?a?\)?)[\s\u{a0}\u{202f}]*:?\s*$").ok()
});

/// An attribution takes four lines at most.
const ATTRIBUTION_LINES: usize = 4;

/// Lines that are our marker, whatever dresses them.
pub(super) fn marker_lines(text: &str, marker: &str) -> Vec<Edit> {
    let wanted = folded(marker);
    if wanted.is_empty() {
        return Vec::new();
    }
    let lines = lines(text).filter(|range| {
        let line = &text[range.clone()];
        line.len() <= 4 * marker.len() && folded(line) == wanted
    });
    lines.map(|range| (range, "")).collect()
}

/// Letters and digits, lower case, words one blank apart.
fn folded(line: &str) -> String {
    let words = line.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

/// Addresses that a quoted part must not show: those of headers and attributions, those in `<…>`, and `known` ones
/// wherever they stand. An address somebody wrote in his text stays.
pub(super) fn addresses(text: &str, known: &[&str]) -> Vec<Edit> {
    let Some(pattern) = ADDRESS.as_ref().filter(|_| text.contains('@')) else { return Vec::new() };
    let lines: Vec<Range<usize>> = lines(text).collect();
    let machine = machine_lines(text, &lines);
    let mut edits = Vec::new();
    for (range, machine) in lines.iter().zip(machine) {
        let line = &text[range.clone()];
        for found in pattern.find_iter(line) {
            let bracketed =
                line[..found.start()].ends_with(['<', '[']) || line[..found.start()].ends_with("mailto:");
            let ours = known
                .iter()
                .any(|address| address.eq_ignore_ascii_case(found.as_str().trim_end_matches('.')));
            if machine || bracketed || ours {
                edits.push((range.start + found.start()..range.start + found.end(), MASKED));
            }
        }
    }
    edits
}

/// Which lines a mail client wrote.
fn machine_lines(text: &str, lines: &[Range<usize>]) -> Vec<bool> {
    let is =
        |pattern: &LazyLock<Option<Regex>>, line: &str| pattern.as_ref().is_some_and(|p| p.is_match(line));
    let mut machine = vec![false; lines.len()];
    let mut in_header = false;
    for (i, range) in lines.iter().enumerate() {
        let line = &text[range.clone()];
        if blank(line) {
            in_header = false;
        } else if is(&HEADER, line) {
            in_header = true;
        }
        machine[i] = in_header;
        if is(&ATTRIBUTION, line) {
            let start = (i + 1).saturating_sub(ATTRIBUTION_LINES);
            machine[start..=i].fill(true);
        }
    }
    machine
}

fn blank(line: &str) -> bool {
    line.trim_matches([' ', '\t', '\r', '\n', '>', '|']).is_empty()
}

/// Every line with its line end.
fn lines(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut from = 0;
    text.split_inclusive('\n').map(move |line| {
        let range = from..from + line.len();
        from = range.end;
        range
    })
}

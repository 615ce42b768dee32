//! The line that introduces a quotation: "Le mar. 12 mai 2026 à 14:03, X <a@b> a écrit :", on one to four lines, in
//! nine languages. A person who reports what somebody wrote ("Le dossier que l’usager a écrit :", "Le 12/05 Mme D.
//! nous a écrit :") is told apart by the missing address or hour, by a pronoun, or by a subject with an article.

use super::fold::{fold_into, has_address, has_date, has_time, is_invisible, words};
use super::page::Page;

/// The verbs of clients, folded. The second says that the name comes after ("schrieb X <a@b>:").
#[rustfmt::skip]
const VERBS: [(&str, bool); 21] = [
    ("a ecrit", false), ("wrote", false), ("ecrivait", false), ("ecrit", false), ("writes", false), ("escribio", true), ("ha scritto", false), ("escreveu", false), ("schrieb", true), ("schreef", true),
    ("geschreven", false), ("napisal(a)", true), ("napisal", true), ("napisala", true), ("pisze", true), ("skrev", true), ("كتب", true), ("كتبت", true), ("تمت كتابة", true), ("a repondu", false), ("geschrieben", false),
];

/// How many lines and bytes an attribution may take.
const LINES: usize = 4;
const BYTES: usize = 600;

/// An attribution found at a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attribution {
    /// One past its last line.
    pub(super) end: usize,
    /// It names our mail domain or our service.
    pub(super) ours: bool,
    /// Quoted lines follow it.
    pub(super) followed: bool,
}

/// The attribution that starts at line `i`, if one does.
pub(super) fn at(
    page: &Page<'_>,
    i: usize,
    ours: &dyn Fn(&str) -> bool,
    joined: &mut String,
) -> Option<Attribution> {
    let last = (i..page.len().min(i + LINES))
        .take_while(|&j| j == i || !page.blank(j) && page.quoted(j) == page.quoted(i));
    joined.clear();
    for j in last {
        if j == i + 1 && !opens(joined) && !(joined.len() > 14 && ours(joined)) {
            return None;
        }
        if j > i {
            joined.push(' ');
        }
        fold_into(page.bare(j), joined);
        if joined.len() > BYTES {
            return None;
        }
        if j == i && runs_on(joined) {
            return Some(Attribution { end: j + 1, ours: ours(joined), followed: false });
        }
        let followed =
            page.next_text(j + 1).is_some_and(|n| page.lines[n].depth > page.lines[i].depth && n - j <= 4);
        if !ends_with_colon(page.bare(j)) && !followed {
            continue;
        }
        let ours = ours(joined);
        let after = page.next_text(j + 1).map_or("", |n| page.bare(n));
        if believable(joined, followed, ours, after) {
            return Some(Attribution { end: j + 1, ours, followed });
        }
    }
    None
}

/// Novell's own: ">>> Léa Martin <a@b> 12/05/2026 14:03 >>>".
pub(super) fn is_groupwise(page: &Page<'_>, i: usize) -> bool {
    let raw = page.raw(i).trim();
    raw.len() < 200 && raw.starts_with(">>>") && raw.ends_with(">>>") && {
        let folded = super::fold::fold(raw);
        has_date(&folded) || has_address(&folded)
    }
}

/// An attribution with the quoted text after it on the same line, as Yahoo's mobile clients flatten it.
fn runs_on(folded: &str) -> bool {
    let head = &folded[..super::fold::floor_boundary(folded, 300)];
    has_address(head)
        && (0..head.len())
            .filter(|&i| may_start_verb(head.as_bytes(), i))
            .filter_map(|at| starting_verb(head, at))
            .any(|(at, end, _)| {
                let before = &head[..at];
                let colon = head[end..].trim_start().starts_with(':');
                colon && opens(before) && has_date(before) && has_time(before) && has_address(before)
            })
}

/// Could an attribution end within the lines from `i` on? The cheap question asked of every line.
pub(super) fn worth_a_look(page: &Page<'_>, i: usize) -> bool {
    let bare = page.bare(i);
    bare.len() > 40 && bare.contains('@')
        || (i..page.len().min(i + LINES)).take_while(|&j| !page.blank(j)).any(|j| {
            ends_with_colon(page.bare(j))
                || page.lines.get(j + 1).is_some_and(|next| next.depth > page.lines[i].depth)
        })
}

fn ends_with_colon(bare: &str) -> bool {
    let end =
        bare.trim_end_matches(|c: char| c.is_whitespace() || is_invisible(c) || matches!(c, '*' | '_' | '-'));
    end.ends_with([':', '：'])
}

/// Words that start an attribution which runs over several lines.
fn opens(folded: &str) -> bool {
    #[rustfmt::skip]
    const OPENERS: [&str; 12] = ["le ", "on ", "am ", "el ", "il ", "em ", "op ", "em ", "w dniu ", "en date ", "den ", "في "];
    let start = folded.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '<');
    let head = &start[..super::fold::floor_boundary(start, 60)];
    OPENERS.iter().any(|o| start.starts_with(o)) || has_date(head) || has_address(head)
}

fn believable(folded: &str, followed: bool, ours: bool, after: &str) -> bool {
    let Some((start, end, name_after)) = verb(folded) else { return verbless(folded, followed) };
    let (head, tail) =
        (folded[..start].trim_end(), folded[end..].trim_matches(|c: char| " :*_\"-".contains(c)));
    if !tail_fits(tail, name_after) || reports(head) {
        return false;
    }
    let (date, time, address) = (has_date(folded), has_time(folded), has_address(folded));
    if address && folded.starts_with("---") && folded.ends_with("---") {
        // Notes Verse: -----"Léa Martin" <a@b> a écrit : -----
        return true;
    }
    if followed && has_article(subject(head)) && !address && !ours && !time {
        return false;
    }
    if followed {
        return date || address || ours || words(head) <= 5 && !head.contains(" que ") && !has_article(head);
    }
    if !address && !ours && (has_article(subject(head)) || after.starts_with(['«', '"', '“', '-', '•', '*']))
    {
        return false;
    }
    date && (time || address || ours) || ours
}

/// The last verb of the line that stands as words of its own: where it starts and ends.
fn verb(folded: &str) -> Option<(usize, usize, bool)> {
    let bytes = folded.as_bytes();
    let mut starts = (0..bytes.len()).rev().filter(|&i| may_start_verb(bytes, i));
    starts.find_map(|i| starting_verb(folded, i))
}

/// The cheap question: a letter that some verb starts with, at the start of a word.
fn may_start_verb(bytes: &[u8], i: usize) -> bool {
    let letter =
        matches!(bytes[i], b'a' | b'e' | b'g' | b'h' | b'n' | b'p' | b's' | b'w') || bytes[i] >= 0xd8;
    letter && (i == 0 || matches!(bytes[i - 1], b' ' | b'>' | b')' | b'"' | b',' | b'*' | b']'))
}

fn starting_verb(folded: &str, at: usize) -> Option<(usize, usize, bool)> {
    let text = folded.get(at..)?;
    VERBS.iter().find_map(|(verb, name_after)| {
        let rest = text.strip_prefix(verb)?;
        if *verb == "ecrit" && folded[..at].ends_with("a ") {
            // The second word of "a écrit": found from its "a", or of "m’a écrit", which tells a story.
            return None;
        }
        (!rest.starts_with(char::is_alphanumeric)).then_some((at, at + verb.len(), *name_after))
    })
}

/// After the verb: nothing, the date ("a écrit le 12/05/2026 14:03 :"), or the name where the language puts it there.
fn tail_fits(tail: &str, name_after: bool) -> bool {
    tail.is_empty()
        || name_after && tail.len() <= 200
        || tail.len() <= 90
            && has_date(tail)
            && ["le ", "sur ", "on ", "am ", "(", "el ", "il "].iter().any(|p| tail.starts_with(p))
}

/// "Quoting X <a@b>:", "Selon X <a@b>:": Horde's IMP, without a date. The address tells them from "Selon la loi :".
#[rustfmt::skip]
const HORDE: [&str; 8] = ["quoting ", "selon ", "citation de ", "en reponse a ", "zitat von ", "citando ", "cytowanie ", "citeren "];

/// "Le 12 mai 2026 à 14:03, X <a@b> :" with quoted lines under it: some clients leave the verb out.
fn verbless(folded: &str, followed: bool) -> bool {
    let dated = has_date(folded) || HORDE.iter().any(|opening| folded.starts_with(opening));
    followed && dated && has_address(folded) && folded.ends_with(':')
}

/// A pronoun before the verb: a person tells a story, no client does.
fn reports(head: &str) -> bool {
    #[rustfmt::skip]
    const PRONOUNS: [&str; 20] = ["nous", "vous", "lui", "leur", "il", "elle", "ils", "elles", "on", "qui", "y", "j", "je", "tu", "me", "m", "l", "n", "has", "have"];
    let last = head.rsplit([' ', '\'']).next().unwrap_or_default();
    PRONOUNS.contains(&last)
}

/// What stands after the last comma, or after the hour: the name, for a client.
fn subject(head: &str) -> &str {
    let comma = head.trim_end_matches([',', ' ']).rfind(", ").map_or(0, |i| i + 2);
    let subject = &head[comma..];
    let digits = subject.bytes().rposition(|b| b.is_ascii_digit()).map_or(0, |i| i + 1);
    subject[digits..].trim_start_matches([' ', ','])
}

fn has_article(subject: &str) -> bool {
    #[rustfmt::skip]
    const ARTICLES: [&str; 24] = [
        "l'", "le ", "la ", "les ", "un ", "une ", "ce ", "cet ", "cette ", "mon ", "ma ", "notre ", "votre ", "son ", "sa ", "monsieur ", "madame ", "mme ", "m. ", "mr ", "mlle ", "the ", "our ", "your ",
    ];
    ARTICLES.iter().any(|a| subject.starts_with(a))
        && !has_date(&subject[..super::fold::floor_boundary(subject, 30)])
}

#[cfg(test)]
mod tests {
    use super::super::fold::fold;
    use super::*;

    fn alone(line: &str) -> bool {
        believable(&fold(line), false, false, "Texte")
    }

    #[test]
    fn knows_the_attributions_of_nine_languages() {
        for line in [
            "Le mar. 12 mai 2026 à 14:03, Léa <a@b.fr> a écrit :",
            "Le mardi 12 mai 2026 à 14:03:11 UTC+2, Léa Martin a écrit :",
            "Le 12-05-2026 14:03, Léa Martin a écrit :",
            "Le mar., mai 12, 2026 à 14:03, Léa<a@b.fr> a écrit :",
            "Le 12/05/2026 à 14:03, > MARTIN Léa (par Internet, dépôt a@b.fr) a écrit :",
            "Léa Martin <a@b.fr> a écrit le 12/05/2026 14:03 :",
            "On Tue, May 12, 2026 at 2:03 PM Lea <a@b.fr> wrote:",
            "Am Di., 12. Mai 2026 um 14:03 Uhr schrieb Lea <a@b.fr>:",
            "El mar, 12 may 2026 a las 14:03, Lea (<a@b.fr>) escribió:",
            "Il giorno mar 12 mag 2026 alle ore 14:03 Lea <a@b.fr> ha scritto:",
            "Em ter., 12 de mai. de 2026 às 14:03, Lea <a@b.fr> escreveu:",
            "Op di 12 mei 2026 om 14:03 schreef Lea <a@b.fr>:",
            "wt., 12 maj 2026 o 14:03 Lea <a@b.fr> napisał(a):",
            "في الثلاثاء، 12 مايو 2026 في 2:03 م كتب ليا <a@b.fr>:",
        ] {
            assert!(alone(line), "{line}");
        }
    }

    #[test]
    fn leaves_what_a_person_quotes_by_hand() {
        assert!(!believable(&fold("Le 3 mai 2026, la CAF a écrit :"), true, false, "Texte"));
        assert!(believable(&fold("Le 3 mai 2026, Administration+ a écrit :"), true, false, "Texte"));
    }

    #[test]
    fn leaves_what_a_person_reports() {
        for line in [
            "Le dossier que l'usager a écrit :",
            "Le 12/05/2026 à 14:03, l'usager a écrit :",
            "Le 12 mai 2026 à 14h03, Mme Durand nous a écrit :",
            "Le 12 mai 2026, Paul Durand a écrit :",
            "L'usager (a@b.fr) m'a écrit :",
            "Le 12/05/2026 à 14:03 il a écrit :",
        ] {
            assert!(!alone(line), "{line}");
        }
    }
}

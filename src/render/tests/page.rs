//! The HTML: what Outlook's Word engine, a phone, a screen reader and the dark need; and the typography of templates.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use html5gum::{Token, Tokenizer};
use regex::Regex;

use super::*;

fn templates() -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, files: &mut Vec<(PathBuf, String)>) {
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            if path.is_dir() {
                walk(&path, files);
            } else {
                files.push((path.clone(), std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let mut files = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/mail"), &mut files);
    assert!(files.len() > 60, "{}", files.len());
    files
}

/// Tags opened and not closed, or closed and not opened; elements of the page.
fn elements(html: &str) -> Result<Vec<String>, String> {
    const VOID: [&str; 3] = ["meta", "br", "!doctype"];
    let (mut open, mut seen) = (Vec::new(), Vec::new());
    for token in Tokenizer::new(html) {
        match token.unwrap() {
            Token::StartTag(tag) => {
                let name = String::from_utf8_lossy(&tag.name).into_owned();
                seen.push(name.clone());
                if !VOID.contains(&name.as_str()) {
                    open.push(name);
                }
            }
            Token::EndTag(tag) => {
                let name = String::from_utf8_lossy(&tag.name).into_owned();
                if open.pop().as_ref() != Some(&name) {
                    return Err(format!("</{name}> closes nothing; open: {open:?}"));
                }
            }
            Token::Error(error) => return Err(format!("{error:?}")),
            _ => {}
        }
    }
    if open.is_empty() { Ok(seen) } else { Err(format!("left open: {open:?}")) }
}

#[test]
fn pages_are_well_formed_and_made_of_tables() {
    const KNOWN: [&str; 22] = [
        "html", "head", "meta", "title", "style", "body", "p", "span", "table", "tr", "td", "th", "h1", "h2",
        "a", "strong", "br", "!doctype", "tbody", "ul", "li", "em",
    ];
    for (name, notice) in samples() {
        for level in [Level::Integral, Level::Lien] {
            let html = rendered(&at_level(notice.clone(), level)).html;
            let seen = elements(&html).unwrap_or_else(|error| panic!("{name}: {error}\n{html}"));
            assert!(seen.iter().all(|tag| KNOWN.contains(&tag.as_str())), "{name}: {seen:?}");
            assert_eq!(seen.iter().filter(|tag| *tag == "h1").count(), 1, "{name}");
            assert!(html.contains("<html lang=\"fr\""), "{name}");
            assert!(
                html.contains("prefers-color-scheme: dark") && html.contains("max-width:600px"),
                "{name}"
            );
        }
    }
}

#[test]
fn nothing_is_fetched_and_links_are_mails() {
    for (name, notice) in samples() {
        let html = rendered(&notice).html;
        for fetched in ["src=", "url(", "@import", "http:", "https:", "<link"] {
            assert!(!html.contains(fetched), "{name}: {fetched}");
        }
        for href in hrefs(&html) {
            assert!(href.starts_with("mailto:"), "{name}: {href}");
            assert!(href.len() <= MAILTO_MAX && !href.contains(['+', ' ', '\r', '\n']), "{name}: {href}");
        }
    }
}

fn hrefs(html: &str) -> Vec<String> {
    let quoted = Regex::new("href=\"([^\"]*)\"").unwrap();
    quoted.captures_iter(html).map(|found| found[1].replace("&#38;", "&")).collect()
}

#[test]
fn each_button_carries_its_command_and_stands_beside_its_word() {
    for (name, notice) in samples() {
        let html = rendered(&notice).html;
        let subject = super::mailto("", "Re: [A+ #1234] Dossier RSA bloqué", "");
        let subject = subject.trim_start_matches("mailto:").trim_end_matches("&body=");
        let links = hrefs(&html);
        for action in notice.actions.iter().filter(|_| !notice.brief) {
            let to = if action.survey { "sondage%2B" } else { "reponse%2B" };
            let mut body = String::from("&body=");
            for byte in action.body.bytes() {
                if byte.is_ascii_alphanumeric() {
                    body.push(char::from(byte));
                } else {
                    write!(body, "%{byte:02X}").unwrap();
                }
            }
            body += "%0D%0A";
            let link = links.iter().find(|link| link.contains(to) && link.ends_with(&body));
            assert!(link.is_some_and(|link| link.contains(subject)), "{name}: {} in {links:?}", action.word);
            assert!(html.contains(&format!(
                "ou répondez <strong class=\"t\" style=\"color:#1e1e1e\">{}<",
                action.word
            )));
        }
        if let (Some(button), Some(quoted)) = (html.rfind("ou répondez"), html.find("Messages précédents"))
        {
            assert!(button < quoted, "{name}: a button under the quotation");
        }
    }
}

#[test]
fn the_marker_comes_first_with_its_token() {
    for (name, notice) in samples() {
        let html = rendered(&notice).html;
        let body = &html[html.find("<body").unwrap()..];
        let first = body[1..].find('<').unwrap() + 1;
        assert!(
            body[first..].starts_with("<p class=\"m\" data-relais=\"marker\" data-relais-jeton=\"k7f3q2"),
            "{name}"
        );
        let end = body.find("</p>").unwrap();
        assert!(
            body[..end].contains("display:none")
                && body[..end].ends_with("Répondez au-dessus de cette ligne")
        );
    }
}

#[test]
fn colours_are_readable_in_both_schemes() {
    // (text, ground) as the templates pair them; the first lot in light, the second in the dark media query.
    const PAIRS: [(&str, &str); 20] = [
        ("1e1e1e", "ffffff"),
        ("1e1e1e", "f5f5fe"),
        ("5b5b5b", "ffffff"),
        ("5b5b5b", "f6f6f6"),
        ("5b5b5b", "f5f5fe"),
        ("000091", "ffffff"),
        ("000091", "f6f6f6"),
        ("ffffff", "000091"),
        ("4a3400", "fff4d6"),
        ("ededed", "1e1e1e"),
        ("ededed", "272735"),
        ("ededed", "161616"),
        ("b8b8b8", "1e1e1e"),
        ("b8b8b8", "161616"),
        ("b8b8b8", "272735"),
        ("b4b4ff", "1e1e1e"),
        ("b4b4ff", "161616"),
        ("0a0a3c", "9a9aff"),
        ("ffe3a3", "3a2e12"),
        ("b8b8b8", "3a2e12"),
    ];
    // Borders only.
    const LINES: [&str; 4] = ["dddddd", "3a3a3a", "b34000", "ffb84d"];
    for (text, ground) in PAIRS {
        let ratio = contrast(text, ground);
        assert!(ratio >= 4.5, "#{text} on #{ground}: {ratio:.2}");
    }
    let colour = Regex::new("#([0-9a-fA-F]{6})\\b").unwrap();
    for (path, text) in templates() {
        for found in colour.captures_iter(&text) {
            let known =
                PAIRS.iter().any(|(a, b)| [*a, *b].contains(&&found[1])) || LINES.contains(&&found[1]);
            assert!(known, "{}: #{} is in no pair", path.display(), &found[1]);
        }
    }
}

/// WCAG 2.1 contrast ratio.
fn contrast(a: &str, b: &str) -> f64 {
    let channel = |hex: &str| {
        let value = f64::from(u8::from_str_radix(hex, 16).unwrap()) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    let luminance =
        |c: &str| 0.2126 * channel(&c[..2]) + 0.7152 * channel(&c[2..4]) + 0.0722 * channel(&c[4..]);
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn templates_follow_french_typography() {
    let code = Regex::new(r"(?s)\{%.*?%\}|\{\{.*?\}\}|<style>.*?</style>|<!--.*?-->|<[^>]*>").unwrap();
    let wrong = Regex::new("[ \u{a0}][;:!?»]|[^\u{202f}\\s!?][;!?»]|«[^\u{202f}]|'|\\.\\.\\.").unwrap();
    for (path, text) in templates() {
        // What code prints, and entities, stand for a word and its space.
        let sentence = code.replace_all(&text, "\u{202f}").replace("&nbsp;", "");
        let found: Vec<_> = wrong.find_iter(&sentence).map(|m| m.as_str().to_owned()).collect();
        assert!(found.is_empty(), "{}: {found:?}", path.display());
    }
}

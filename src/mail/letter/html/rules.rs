//! Which structure of which mail client says what. One row per rule; the reader of `--explain` sees its name.

use super::element::Element;
use super::page::Role;
use crate::mail::body::SpanKind::{Attribution, History, Marker, Quoted, Signature};

/// What an element begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) role: Role,
    pub(super) rule: &'static str,
}

fn mark(role: Role, rule: &'static str) -> Option<Mark> {
    Some(Mark { role, rule })
}

/// What a block quote needs to be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proof {
    /// Its attributes say it.
    Given(&'static str),
    /// The wrapper of its client around it, or an attribution line before it: Gmail's "quote" button makes the same.
    Wrapper(&'static str),
    /// An attribution line before it.
    Attribution,
}

/// How far a `<blockquote>` is proof of a quotation.
pub(super) fn blockquote(element: &Element) -> Proof {
    if element.kind.eq_ignore_ascii_case("cite") {
        return Proof::Given("blockquote type=cite");
    }
    for name in element.classes() {
        match name {
            "gmail_quote" => return Proof::Wrapper("blockquote gmail_quote"),
            "protonmail_quote" => return Proof::Given("blockquote protonmail_quote"),
            "tutanota_quote" => return Proof::Given("blockquote tutanota_quote"),
            "front-blockquote" => return Proof::Given("front-blockquote"),
            _ => {}
        }
    }
    if !element.cite.is_empty() { Proof::Given("blockquote cite=") } else { Proof::Attribution }
}

/// What any element says of the text in it (or after it, for history).
pub(super) fn mark_of(element: &Element) -> Option<Mark> {
    if !element.relais.is_empty() {
        return mark(Role::Is(Marker), "data-relais");
    }
    by_data(element)
        .or_else(|| by_id(element))
        .or_else(|| element.classes().find_map(by_class))
        .or_else(|| by_shape(element))
}

/// Zimbra's and BlueMind's data attributes, GMX's and Spark's names.
fn by_data(element: &Element) -> Option<Mark> {
    match element.marker.as_str() {
        "__QUOTED_TEXT__" => return mark(Role::Is(Quoted), "zimbra quoted text"),
        "__HEADERS__" => return mark(Role::Is(Attribution), "zimbra headers"),
        marker if marker.starts_with("__SIG_") => return mark(Role::Is(Signature), "zimbra signature"),
        _ => {}
    }
    match element.name_attribute.as_str() {
        "quote" => mark(Role::Is(Quoted), "name=quote"),
        "messageReplySection" => mark(Role::Is(Quoted), "messageReplySection"),
        "messageSignatureSection" => mark(Role::Is(Signature), "messageSignatureSection"),
        _ => None,
    }
}

fn by_id(element: &Element) -> Option<Mark> {
    let id = strip(&element.id);
    match id {
        "" => None,
        "divRplyFwdMsg" => mark(Role::Is(History), "divRplyFwdMsg"),
        "mail-editor-reference-message-container" => mark(Role::Is(History), "outlook mobile reference"),
        "OLK_SRC_BODY_SECTION" => mark(Role::Is(History), "OLK_SRC_BODY_SECTION"),
        "stopSpelling" => mark(Role::Is(History), "stopSpelling"),
        "Signature" | "signature" => mark(Role::Is(Signature), "outlook Signature"),
        "ms-outlook-mobile-signature" => mark(Role::Is(Signature), "ms-outlook-mobile-signature"),
        "_rc_sig" => mark(Role::Is(Signature), "roundcube signature"),
        "reply-intro" => mark(Role::Is(Attribution), "reply-intro"),
        "composer_signature" => mark(Role::Is(Signature), "samsung composer_signature"),
        "ymail_android_signature" => mark(Role::Is(Signature), "ymail_android_signature"),
        _ if id.starts_with("AppleMailSignature") => mark(Role::Is(Signature), "AppleMailSignature"),
        _ if id.contains("yahoo_quoted") => mark(Role::Is(Quoted), "yahoo_quoted"),
        _ => None,
    }
}

fn by_class(class: &str) -> Option<Mark> {
    match class {
        "gmail_quote" | "gmail_quote_container" => mark(Role::Wrapper, "gmail_quote"),
        "gmail_attr" => mark(Role::Is(Attribution), "gmail_attr"),
        "gmail_signature" => mark(Role::Is(Signature), "gmail_signature"),
        "gmail_signature_prefix" => mark(Role::Is(Signature), "gmail_signature_prefix"),
        "moz-cite-prefix" => mark(Role::Is(Attribution), "moz-cite-prefix"),
        "moz-signature" => mark(Role::Is(Signature), "moz-signature"),
        "moz-forward-container" => mark(Role::Is(History), "moz-forward-container"),
        "protonmail_quote" => mark(Role::Wrapper, "protonmail_quote"),
        "protonmail_signature_block" => mark(Role::Is(Signature), "protonmail_signature_block"),
        "ms-outlook-mobile-reference-message" => mark(Role::Is(History), "outlook mobile reference"),
        "ms-outlook-ios-signature" | "ms-outlook-mobile-signature" => {
            mark(Role::Is(Signature), "ms-outlook-mobile-signature")
        }
        "OutlookMessageHeader" => mark(Role::Is(History), "OutlookMessageHeader"),
        "mail_android_quote" => mark(Role::Is(Quoted), "mail_android_quote"),
        "io-ox-signature" => mark(Role::Is(Signature), "io-ox-signature"),
        "-x-evo-signature-wrapper" => mark(Role::Is(Signature), "evolution signature"),
        "bloop_sign" => mark(Role::Is(Signature), "bloop_sign"),
        "airmail_on" => mark(Role::Is(Attribution), "airmail_on"),
        "yahoo_quoted" => mark(Role::Is(Quoted), "yahoo_quoted"),
        _ if class.starts_with("ydp") && class.ends_with("yahoo_quoted") => {
            mark(Role::Is(Quoted), "yahoo_quoted")
        }
        _ if class.starts_with("ydp") && class.ends_with("signature") => {
            mark(Role::Is(Signature), "yahoo signature")
        }
        _ => None,
    }
}

/// Shapes without a name: Outlook desktop's border-top block, Zimbra's old divider.
fn by_shape(element: &Element) -> Option<Mark> {
    if element.id == "zwchr" && element.marker.is_empty() {
        return mark(Role::Is(History), "zwchr");
    }
    let style = element.style.as_str();
    let bordered = style.contains("border-top:solid") || style.contains("border-top: solid");
    let outlook =
        bordered || style.contains("border-top:1pt solid") || style.contains("border-top: 1pt solid");
    outlook.then_some(Mark { role: Role::Suspect, rule: "outlook border-top" })
}

/// Outlook prefixes ids and classes of what it quotes with `x_`, once for each time.
pub(super) fn strip(name: &str) -> &str {
    let mut name = name;
    while let Some(rest) = name.strip_prefix("x_") {
        name = rest;
    }
    name
}

/// "Le … a écrit :", "On … wrote:": the line before a block quote that has nothing else to show.
pub(super) fn is_attribution(line: &str) -> bool {
    const VERBS: [&str; 11] = [
        "écrit",
        "ecrit",
        "wrote",
        "schrieb",
        "escribió",
        "ha scritto",
        "escreveu",
        "schreef",
        "napisał",
        "كتب",
        "@",
    ];
    let line = line.trim_end();
    line.ends_with(':') && VERBS.iter().any(|verb| line.contains(verb))
}

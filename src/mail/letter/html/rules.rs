//! Which structure of which mail client says what. One row per rule; the reader of `--explain` sees its name.

use super::element::Element;
use super::regions::{Mark, Role};
use crate::mail::body::SpanKind::{self, Attribution, History, Marker, Quoted, Signature};

const fn is(kind: SpanKind, rule: &'static str) -> Mark {
    Mark { role: Role::Is(kind), rule }
}

const fn wraps(rule: &'static str) -> Mark {
    Mark { role: Role::Wrapper, rule }
}

/// Ids, without Outlook's prefixes.
const IDS: &[(&str, Mark)] = &[
    ("data-bm-reply-separator", wraps("bluemind reply")),
    ("data-bm-forward-separator", is(History, "bluemind forward")),
    ("divRplyFwdMsg", is(History, "divRplyFwdMsg")),
    ("mail-editor-reference-message-container", is(History, "outlook mobile reference")),
    ("OLK_SRC_BODY_SECTION", is(History, "OLK_SRC_BODY_SECTION")),
    ("stopSpelling", is(History, "stopSpelling")),
    ("Signature", is(Signature, "outlook Signature")),
    ("signature", is(Signature, "outlook Signature")),
    ("ms-outlook-mobile-signature", is(Signature, "ms-outlook-mobile-signature")),
    ("_rc_sig", is(Signature, "roundcube signature")),
    ("reply-intro", is(Attribution, "reply-intro")),
    ("composer_signature", is(Signature, "samsung composer_signature")),
    ("AppleMailSignature", is(Signature, "AppleMailSignature")),
    ("yahoo_quoted", is(Quoted, "yahoo_quoted")),
    ("moz-signature", is(Signature, "moz-signature")),
    ("isForwardContent", is(History, "isForwardContent")),
];

/// Classes, without Outlook's prefixes.
const CLASSES: &[(&str, Mark)] = &[
    ("data-bm-reply-separator", wraps("bluemind reply")),
    ("data-bm-forward-separator", is(History, "bluemind forward")),
    ("bm-corporate-signature", is(Signature, "bluemind signature")),
    ("bm-disclaimer", is(Signature, "bluemind signature")),
    ("gmail_quote", wraps("gmail_quote")),
    ("gmail_quote_container", wraps("gmail_quote")),
    ("gmail_attr", is(Attribution, "gmail_attr")),
    ("gmail_signature", is(Signature, "gmail_signature")),
    ("gmail_signature_prefix", is(Signature, "gmail_signature_prefix")),
    ("moz-cite-prefix", is(Attribution, "moz-cite-prefix")),
    ("moz-signature", is(Signature, "moz-signature")),
    ("moz-forward-container", is(History, "moz-forward-container")),
    ("protonmail_quote", wraps("protonmail_quote")),
    ("protonmail_signature_block", is(Signature, "protonmail_signature_block")),
    ("ms-outlook-mobile-reference-message", is(History, "outlook mobile reference")),
    ("ms-outlook-ios-signature", is(Signature, "ms-outlook-mobile-signature")),
    ("ms-outlook-mobile-signature", is(Signature, "ms-outlook-mobile-signature")),
    ("OutlookMessageHeader", is(History, "OutlookMessageHeader")),
    ("mail_android_quote", is(Quoted, "mail_android_quote")),
    ("io-ox-signature", is(Signature, "io-ox-signature")),
    ("-x-evo-signature-wrapper", is(Signature, "evolution signature")),
    ("bloop_sign", is(Signature, "bloop_sign")),
    ("airmail_on", is(Attribution, "airmail_on")),
    ("yahoo_quoted", is(Quoted, "yahoo_quoted")),
];

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
    if element.cite.is_empty() { Proof::Attribution } else { Proof::Given("blockquote cite=") }
}

/// What any element says of the text in it (or after it, for history).
pub(super) fn mark_of(element: &Element) -> Option<Mark> {
    if !element.relais.is_empty() {
        return Some(is(Marker, "data-relais"));
    }
    by_data(element)
        .or_else(|| by_id(strip(&element.id)))
        .or_else(|| element.classes().find_map(by_class))
        .or_else(|| by_shape(element))
}

/// Data attributes of Zimbra and `BlueMind`, names of GMX and Spark.
fn by_data(element: &Element) -> Option<Mark> {
    let marker = match element.marker.as_str() {
        "__QUOTED_TEXT__" => Some(is(Quoted, "zimbra quoted text")),
        "__HEADERS__" => Some(is(Attribution, "zimbra headers")),
        marker if marker.starts_with("__SIG_") => Some(is(Signature, "zimbra signature")),
        _ => None,
    };
    let marker = marker.or_else(|| element.bluemind.then_some(is(Signature, "bluemind signature")));
    marker.or(match element.name_attribute.as_str() {
        "quote" => Some(is(Quoted, "name=quote")),
        "messageReplySection" => Some(is(Quoted, "messageReplySection")),
        "messageSignatureSection" => Some(is(Signature, "messageSignatureSection")),
        _ => None,
    })
}

fn by_id(id: &str) -> Option<Mark> {
    if id.is_empty() {
        return None;
    }
    // Yahoo numbers its ids and prefixes them ("ydp1a2b_yahoo_quoted_7"); Apple adds letters.
    if id.contains("yahoo_quoted") {
        return Some(is(Quoted, "yahoo_quoted"));
    }
    if id.starts_with("ymail_") && id.ends_with("_signature") {
        return Some(is(Signature, "yahoo mail app signature"));
    }
    let id = if id.starts_with("AppleMailSignature") { "AppleMailSignature" } else { id };
    IDS.iter().find(|(known, _)| *known == id).map(|(_, mark)| *mark)
}

fn by_class(class: &str) -> Option<Mark> {
    if class.starts_with("ydp") && class.ends_with("yahoo_quoted") {
        return Some(is(Quoted, "yahoo_quoted"));
    }
    if class.starts_with("ydp") && class.ends_with("signature") {
        return Some(is(Signature, "yahoo signature"));
    }
    CLASSES.iter().find(|(known, _)| *known == class).map(|(_, mark)| *mark)
}

/// Shapes without a name: Outlook desktop's border-top block, Zimbra's old divider.
fn by_shape(element: &Element) -> Option<Mark> {
    if strip(&element.id) == "zwchr" && element.marker.is_empty() {
        return Some(is(History, "zwchr"));
    }
    let style = element.style.as_str();
    let border = style.find("border-top:").map(|at| &style[at + 11..])?;
    let border = border.split(';').next().unwrap_or_default();
    let suspect = border.contains("solid") && !border.contains("none");
    suspect.then_some(Mark { role: Role::Suspect(History), rule: "outlook border-top" })
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
    const VERBS: &[&str] = &[
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

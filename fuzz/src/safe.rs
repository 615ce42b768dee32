//! What the HTML made for display may hold: no other program reads it with less care than this.

use html5gum::{Token, Tokenizer};

const ACTIVE: [&str; 14] = [
    "script", "style", "iframe", "frame", "object", "embed", "form", "input", "button", "link", "meta", "base",
    "svg", "math",
];

/// Nothing active, nothing loaded from elsewhere.
pub fn assert_safe(html: &str) {
    for token in Tokenizer::new(html).flatten() {
        let Token::StartTag(tag) = token else { continue };
        let name = String::from_utf8_lossy(&tag.name).to_ascii_lowercase();
        assert!(!ACTIVE.contains(&name.as_str()), "<{name}> is shown");
        for (attribute, value) in &tag.attributes {
            let value = String::from_utf8_lossy(value);
            check(&String::from_utf8_lossy(attribute).to_ascii_lowercase(), value.trim());
        }
    }
}

fn check(attribute: &str, value: &str) {
    let value = value.to_ascii_lowercase();
    match attribute {
        "src" => assert!(value.starts_with("cid:"), "an image from elsewhere: {value:?}"),
        "href" => {
            let known = ["http:", "https:", "mailto:", "tel:", "#"].iter().any(|scheme| value.starts_with(scheme));
            assert!(known || value.is_empty(), "a link to {value:?}");
        }
        "style" => assert!(!value.contains("url(") && !value.contains("expression"), "style {value:?}"),
        "srcset" | "background" | "poster" | "action" | "formaction" => panic!("{attribute} is shown"),
        _ => assert!(!attribute.starts_with("on"), "{attribute} is shown"),
    }
}

//! When the address behind a link says more than the link's text.

/// Longest address worth printing in a text, in bytes.
const LONGEST: usize = 400;

/// The address to print after the text, if the text does not say it already.
pub(super) fn worth_saying(text: &str, href: &str) -> Option<String> {
    let text = text.trim();
    if text.is_empty() || !text.chars().any(char::is_alphanumeric) {
        return None;
    }
    let address = unwrap(href.trim());
    if address.len() > LONGEST {
        return None;
    }
    let essence = essence(&address)?;
    let shown = text.to_lowercase();
    let said = shown.contains(&essence)
        || (shown.len() > 8 && essence.contains(shown.trim_end_matches(['/', '…', '.'])));
    // A text that is itself an address: somebody rewrote the link on the way.
    let is_address = shown.starts_with("http") || shown.starts_with("www.") || shown.contains('@');
    (!said && !is_address).then_some(address)
}

/// The address without what nobody reads: scheme, `www.`, final slash. `None` when it is no address to show.
fn essence(address: &str) -> Option<String> {
    let lower = address.to_lowercase();
    let rest = ["https://", "http://", "mailto:"].iter().find_map(|scheme| lower.strip_prefix(scheme))?;
    let rest = rest.strip_prefix("www.").unwrap_or(rest);
    let rest = if lower.starts_with("mailto:") { rest.split('?').next().unwrap_or(rest) } else { rest };
    let rest = rest.trim_end_matches('/');
    (!rest.is_empty()).then(|| rest.to_owned())
}

/// Microsoft's "safe links" hide the real address in a parameter.
fn unwrap(href: &str) -> String {
    let wrapped = href.contains(".safelinks.protection.outlook.com/");
    let real = wrapped.then(|| href.split(['?', '&']).find_map(|p| p.strip_prefix("url="))).flatten();
    let plain = real.map_or_else(|| href.to_owned(), percent_decoded);
    plain.replace(['<', '>', '\n', '\r', ' '], "")
}

/// `%C3%A9` to `é`; what is not valid stays.
pub(super) fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let pair = text.get(at + 1..at + 3).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match pair {
            Some(byte) if bytes[at] == b'%' => {
                out.push(byte);
                at += 3;
            }
            _ => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_text_does_not_say() {
        assert_eq!(worth_saying("le formulaire", "https://a.test/f").as_deref(), Some("https://a.test/f"));
        assert_eq!(worth_saying("https://a.test/f", "https://a.test/f/"), None);
        assert_eq!(worth_saying("www.a.test", "http://www.a.test/"), None);
        assert_eq!(worth_saying("jean@a.test", "mailto:jean@a.test"), None);
        assert_eq!(worth_saying("Jean", "mailto:jean@a.test").as_deref(), Some("mailto:jean@a.test"));
        assert_eq!(worth_saying("", "https://a.test"), None);
        assert_eq!(worth_saying("clic", "javascript:alert(1)"), None);
    }

    #[test]
    fn safe_links_are_unwrapped() {
        let href = "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fa.test%2Ff&data=05";
        assert_eq!(worth_saying("ici", href).as_deref(), Some("https://a.test/f"));
    }
}

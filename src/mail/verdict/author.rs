//! The one From with one address, or why there is none.
//!
//! Knows how a From is forged: twice, with several addresses, or so that two readers see two. Reply-To and Sender are
//! never looked at.

use mail_parser::{Address, HeaderName, HeaderValue};

use super::domain;
use super::head::Head;

/// Whom a mail says that it is from.
pub(super) struct Author {
    /// In lower case, its domain as [`Author::domain`].
    pub(super) address: String,
    /// In lower case, in ASCII.
    pub(super) domain: String,
}

/// Reads it; an error says in a few words what is wrong.
pub(super) fn read(head: &Head<'_>) -> Result<Author, &'static str> {
    if let Some(fault) = head.fault() {
        return Err(fault);
    }
    let mut fields = head.named(&HeaderName::From);
    let field = fields.next().ok_or("no From")?;
    if fields.next().is_some() {
        return Err("more than one From");
    }
    let address = one_address(field.value).ok_or("the From has not exactly one address")?;
    let (local, domain) = address.rsplit_once('@').ok_or("the address of the From has no domain")?;
    let domain = domain::ascii(domain);
    if !is_local(local) || !domain::is_plain(&domain) {
        return Err("the address of the From is malformed");
    }
    if !agrees(field.raw_value, &address) {
        return Err("the From can be read as more than one address");
    }
    Ok(Author { address: format!("{}@{domain}", local.to_lowercase()), domain })
}

fn one_address(value: &HeaderValue<'_>) -> Option<String> {
    let HeaderValue::Address(addresses) = value else { return None };
    if let Address::Group(_) = addresses {
        return None;
    }
    let mut addresses = addresses.iter();
    let only = addresses.next()?.address.as_deref()?.trim().to_owned();
    addresses.next().is_none().then_some(only)
}

/// U+FFFD stands for octets that are not UTF-8: each reader makes another letter of them.
fn is_local(local: &str) -> bool {
    !local.is_empty()
        && !local.contains(|c: char| c.is_control() || c.is_whitespace() || "@<>,;:\u{fffd}".contains(c))
}

/// Outside quoted strings and comments, the only address must be that one: a reader less careful than ours, before
/// us on the road, would else have judged another.
fn agrees(raw: &[u8], address: &str) -> bool {
    let bare = without_quotes_and_comments(&String::from_utf8_lossy(raw));
    let part = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | ',' | ';' | ':');
    bare.split(part).filter(|word| word.contains('@')).all(|word| {
        let domain = |address: &str| address.rsplit_once('@').map(|(_, domain)| domain::ascii(domain));
        word.eq_ignore_ascii_case(address) || (word.starts_with('@') && domain(word) == domain(address))
    })
}

fn without_quotes_and_comments(text: &str) -> String {
    let (mut kept, mut quoted, mut depth) = (String::with_capacity(text.len()), false, 0_usize);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' if quoted || depth > 0 => drop(chars.next()),
            '"' if depth == 0 => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if depth > 0 && !quoted => depth -= 1,
            _ if !quoted && depth == 0 => kept.push(c),
            _ => {}
        }
    }
    kept
}

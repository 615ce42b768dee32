//! XFORWARD and XCLIENT, Postfix's ways to say for whom it speaks: one line becomes [`Attributes`].
//!
//! Knows the syntax (Postfix's `XFORWARD_README` and `XCLIENT_README`); who may say it is the session's
//! business.

use std::net::IpAddr;

use percent_encoding::percent_decode_str;

use super::command::Command;
use super::reply::Reply;

/// What a peer says of the client's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Address {
    Known(IpAddr),
    Unavailable,
}

/// What a peer says of the client; `None` where it says nothing.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Attributes {
    pub(super) ip: Option<Address>,
    pub(super) helo: Option<String>,
}

/// The names we understand and those we take without using them.
const NAMES: [&str; 11] = [
    "NAME",
    "ADDR",
    "PORT",
    "PROTO",
    "HELO",
    "IDENT",
    "SOURCE",
    "LOGIN",
    "DESTADDR",
    "DESTPORT",
    "REVERSE_NAME",
];

/// Reads the line if it is one of the two commands.
pub(super) fn parse(line: &str) -> Option<Result<Command, Reply>> {
    let (verb, rest) = line.split_once(' ')?;
    if verb.eq_ignore_ascii_case("XFORWARD") {
        return Some(attributes(rest).map(Command::XForward));
    }
    verb.eq_ignore_ascii_case("XCLIENT").then(|| attributes(rest).map(Command::XClient))
}

fn attributes(rest: &str) -> Result<Attributes, Reply> {
    let mut said = Attributes::default();
    for word in rest.split_ascii_whitespace() {
        let (name, value) = word.split_once('=').ok_or_else(|| bad("attribute=value"))?;
        let name = name.to_ascii_uppercase();
        let known = Some(value).filter(|value| !value.eq_ignore_ascii_case("[UNAVAILABLE]"));
        let known = known.filter(|value| !value.eq_ignore_ascii_case("[TEMPUNAVAIL]"));
        match name.as_str() {
            "ADDR" => said.ip = Some(known.map_or(Ok(Address::Unavailable), address)?),
            "HELO" => said.helo = Some(known.map(xtext).unwrap_or_default()),
            name if NAMES.contains(&name) => {}
            _ => return Err(bad("an attribute that was offered")),
        }
    }
    Ok(said)
}

fn address(value: &str) -> Result<Address, Reply> {
    let tagged = value.split_at_checked(5).filter(|(tag, _)| tag.eq_ignore_ascii_case("IPV6:"));
    let bare = tagged.map_or(value, |(_, bare)| bare);
    bare.parse().map(Address::Known).map_err(|_| bad("ADDR=address"))
}

/// Decodes xtext (RFC 3461 §4), which is percent-encoding with another sign.
fn xtext(value: &str) -> String {
    let percent = value.replace('%', "%25").replace('+', "%");
    let text = percent_decode_str(&percent).decode_utf8_lossy().into_owned();
    text.chars().filter(|c| !c.is_control()).take(255).collect()
}

fn bad(wanted: &str) -> Reply {
    Reply::new(501, "5.5.4", format!("Bad attribute, wanted {wanted}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_of_postfix() {
        let line = "XFORWARD NAME=mx.example ADDR=192.0.2.7 HELO=a+2Bb%41 PROTO=ESMTP";
        let wanted =
            Attributes { ip: Some(Address::Known([192, 0, 2, 7].into())), helo: Some("a+b%41".to_owned()) };
        assert_eq!(parse(line), Some(Ok(Command::XForward(wanted))));
        let line = "xclient addr=IPV6:2001:db8::1 helo=[UNAVAILABLE]";
        let wanted = Attributes {
            ip: Some(Address::Known("2001:db8::1".parse().unwrap())),
            helo: Some(String::new()),
        };
        assert_eq!(parse(line), Some(Ok(Command::XClient(wanted))));
        let unknown = Attributes { ip: Some(Address::Unavailable), helo: None };
        assert_eq!(parse("XFORWARD ADDR=[UNAVAILABLE]"), Some(Ok(Command::XForward(unknown))));
        assert_eq!(parse("XFORWARD ADDR=12").unwrap().unwrap_err().code, 501);
        assert_eq!(parse("XFORWARD é").unwrap().unwrap_err().code, 501);
        assert_eq!(parse("XFORWARD ADDR=éééé").unwrap().unwrap_err().code, 501);
        assert_eq!(parse("NOOP"), None);
    }
}

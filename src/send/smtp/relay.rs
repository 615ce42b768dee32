//! Which relay to give mails to, as its URL says.

use std::fmt;
use std::net::IpAddr;

use percent_encoding::percent_decode_str;
use url::Url;

use crate::send::UrlError;

/// How a connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// From the first byte (`smtps://`), certificate verified.
    Implicit,
    /// By STARTTLS, certificate verified; without it, nothing is sent.
    Required,
    /// By STARTTLS if offered, whatever the certificate (RFC 7435); else in clear.
    Opportunistic,
    /// Never.
    None,
}

/// A relay: where, and how to talk to it.
#[derive(Clone, PartialEq, Eq)]
pub struct Relay {
    /// Its name or address.
    pub host: String,
    /// Its port: 25 by default, 465 for `smtps://`, 587 with a password.
    pub port: u16,
    /// How the connection is encrypted.
    pub tls: Tls,
    /// User and password.
    pub login: Option<(String, String)>,
}

impl fmt::Debug for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Relay({}:{} {:?} login: {})", self.host, self.port, self.tls, self.login.is_some())
    }
}

impl Relay {
    /// Reads `smtp://[user:password@]host[:port][?starttls=required|opportunistic|none]` or `smtps://…`; user
    /// and password are percent-encoded. STARTTLS is required by default with a password, opportunistic
    /// without.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        let url = Url::parse(text).map_err(|_| UrlError::Form)?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(UrlError::Form)?;
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(UrlError::Form);
        }
        let login = login(&url)?;
        let tls = tls(&url, login.is_some())?;
        let usual = match (tls, &login) {
            (Tls::Implicit, _) => 465,
            (_, Some(_)) => 587,
            (_, None) => 25,
        };
        let host = host.trim_matches(['[', ']']).to_owned();
        let in_clear = matches!(tls, Tls::None | Tls::Opportunistic) && !is_loopback(&host);
        if login.is_some() && in_clear {
            return Err(UrlError::PasswordInClear);
        }
        Ok(Self { host, port: url.port().unwrap_or(usual), tls, login })
    }
}

fn tls(url: &Url, has_login: bool) -> Result<Tls, UrlError> {
    let mut asked = None;
    for (key, value) in url.query_pairs() {
        asked = match (key.as_ref(), value.as_ref()) {
            ("starttls", "required") => Some(Tls::Required),
            ("starttls", "opportunistic") => Some(Tls::Opportunistic),
            ("starttls", "none") => Some(Tls::None),
            _ => return Err(UrlError::Form),
        };
    }
    match (url.scheme(), asked) {
        ("smtps", None) => Ok(Tls::Implicit),
        ("smtp", Some(tls)) => Ok(tls),
        ("smtp", None) if has_login => Ok(Tls::Required),
        ("smtp", None) => Ok(Tls::Opportunistic),
        _ => Err(UrlError::Form),
    }
}

fn login(url: &Url) -> Result<Option<(String, String)>, UrlError> {
    if url.username().is_empty() && url.password().is_none() {
        return Ok(None);
    }
    let decoded = |text| percent_decode_str(text).decode_utf8().map_err(|_| UrlError::Form);
    let (user, password) = (decoded(url.username())?, decoded(url.password().ok_or(UrlError::Form)?)?);
    Ok(Some((user.into_owned(), password.into_owned())))
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_of_relays() {
        let relay = |host: &str, port, tls, login: Option<(&str, &str)>| {
            let login = login.map(|(user, password)| (user.to_owned(), password.to_owned()));
            Ok(Relay { host: host.to_owned(), port, tls, login })
        };
        for (text, wanted) in [
            ("smtp://mx.test", relay("mx.test", 25, Tls::Opportunistic, None)),
            ("smtp://127.0.0.1:2525/?starttls=none", relay("127.0.0.1", 2525, Tls::None, None)),
            ("smtp://[::1]:25?starttls=required", relay("::1", 25, Tls::Required, None)),
            ("smtp://a%40b:p%3Ax@mx.test", relay("mx.test", 587, Tls::Required, Some(("a@b", "p:x")))),
            ("smtps://a:b@mx.test", relay("mx.test", 465, Tls::Implicit, Some(("a", "b")))),
            ("smtp://a:b@localhost:25?starttls=none", relay("localhost", 25, Tls::None, Some(("a", "b")))),
            ("smtp://a:b@mx.test?starttls=opportunistic", Err(UrlError::PasswordInClear)),
            ("smtp://a@mx.test", Err(UrlError::Form)),
            ("smtps://mx.test?starttls=none", Err(UrlError::Form)),
            ("smtp://mx.test?starttls=maybe", Err(UrlError::Form)),
            ("smtp://mx.test?tls=1", Err(UrlError::Form)),
            ("smtp://mx.test/box", Err(UrlError::Form)),
            ("smtp://", Err(UrlError::Form)),
            ("http://mx.test", Err(UrlError::Form)),
            ("mx.test:25", Err(UrlError::Form)),
        ] {
            assert_eq!(Relay::parse(text), wanted, "{text}");
        }
        let shown = format!("{:?}", Relay::parse("smtps://me:secret@mx.test").unwrap());
        assert!(!shown.contains("secret") && !shown.contains("me"), "{shown}");
    }
}

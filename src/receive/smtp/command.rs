//! One command line becomes a [`Command`], or the answer that says what is wrong with it.
//!
//! The grammar is smtp-proto's; around it, what it lets pass: bare CR and control characters, parameters of
//! extensions we do not offer, `<postmaster>` and `<>` as one and the same recipient.

use std::borrow::Cow;

use smtp_proto::{Error, MAIL_BODY_7BIT, MAIL_BODY_8BITMIME, MAIL_SMTPUTF8, MailFrom, Request};

use super::forward::{self, Attributes};
use super::reply::Reply;

/// What a client asks.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Command {
    /// EHLO, HELO or LHLO.
    Hello(Hello, String),
    /// MAIL FROM.
    Mail(Mail),
    /// RCPT TO: the address.
    Rcpt(String),
    /// DATA.
    Data,
    /// BDAT: octets, and whether it is the last chunk.
    Bdat(usize, bool),
    /// STARTTLS.
    StartTls,
    /// NOOP, RSET, VRFY, HELP, QUIT.
    Noop,
    Rset,
    Vrfy,
    Help,
    Quit,
    /// XFORWARD: about the client of the next transaction.
    XForward(Attributes),
    /// XCLIENT: about the client of this session.
    XClient(Attributes),
}

/// The three ways to say hello.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hello {
    Ehlo,
    Helo,
    Lhlo,
}

/// What MAIL FROM says. SMTPUTF8 is not asked for before taking an address with accents: Postfix takes one
/// without it (`strict_smtputf8 = no`) and hands it to us as it came, and a bounce would help nobody.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mail {
    /// `None`: the null sender.
    pub(super) sender: Option<String>,
    /// The announced size, 0 when none.
    pub(super) size: usize,
}

/// Reads one line, its CRLF removed.
pub(super) fn parse(line: &[u8]) -> Result<Command, Reply> {
    let text =
        std::str::from_utf8(line).map_err(|_| Reply::new(500, "5.5.2", "Command is not valid UTF-8"))?;
    if text.chars().any(|c| c.is_control() && c != '\t') {
        return Err(Reply::new(500, "5.5.2", "Control characters (a bare CR is one) are not allowed"));
    }
    if let Some(attributes) = forward::parse(text) {
        return attributes;
    }
    let whole = format!("{text}\r\n");
    match Request::parse(&mut whole.as_bytes().iter()) {
        Ok(request) => understood(request, text),
        Err(error) => Err(complaint(&error, text)),
    }
}

fn understood(request: Request<Cow<'_, str>>, text: &str) -> Result<Command, Reply> {
    Ok(match request {
        Request::Ehlo { host } => Command::Hello(Hello::Ehlo, host.into_owned()),
        Request::Helo { host } => Command::Hello(Hello::Helo, host.into_owned()),
        Request::Lhlo { host } => Command::Hello(Hello::Lhlo, host.into_owned()),
        Request::Mail { from } => Command::Mail(mail(&from, text)?),
        Request::Rcpt { to } => {
            if to.orcpt.is_some() || to.flags != 0 || to.rrvs != 0 {
                return Err(not_offered());
            }
            let address = address(to.address, text);
            if address.is_empty() {
                return Err(Reply::new(501, "5.1.3", "Bad recipient address syntax"));
            }
            Command::Rcpt(address)
        }
        Request::Data => Command::Data,
        Request::Bdat { chunk_size, is_last } => Command::Bdat(chunk_size, is_last),
        Request::StartTls => Command::StartTls,
        Request::Noop { .. } => Command::Noop,
        Request::Rset => Command::Rset,
        Request::Vrfy { .. } => Command::Vrfy,
        Request::Help { .. } => Command::Help,
        Request::Quit => Command::Quit,
        Request::Auth { .. }
        | Request::Expn { .. }
        | Request::Etrn { .. }
        | Request::Atrn { .. }
        | Request::Burl { .. } => return Err(Reply::new(502, "5.5.1", "Command not implemented")),
    })
}

fn mail(from: &MailFrom<Cow<'_, str>>, text: &str) -> Result<Mail, Reply> {
    let ours = MAIL_BODY_7BIT | MAIL_BODY_8BITMIME | MAIL_SMTPUTF8;
    let strings = [&from.trans_id, &from.env_id, &from.solicit, &from.auth];
    let numbers = from.hold_for != 0 || from.hold_until != 0 || from.mt_priority != 0;
    let foreign = from.flags & !ours != 0 || strings.iter().any(|value| value.is_some());
    if foreign || numbers || from.mtrk.is_some() {
        return Err(not_offered());
    }
    let address = address(from.address.clone(), text);
    Ok(Mail { sender: Some(address).filter(|address| !address.is_empty()), size: from.size })
}

/// smtp-proto gives an empty address for `<postmaster>` (RFC 5321 §4.5.1), as it does for `<>`.
fn address(parsed: Cow<'_, str>, text: &str) -> String {
    if parsed.is_empty() && text.to_ascii_lowercase().contains("<postmaster>") {
        return "postmaster".to_owned();
    }
    parsed.into_owned()
}

fn not_offered() -> Reply {
    Reply::new(555, "5.5.4", "Parameter of an extension that is not offered")
}

fn complaint(error: &Error, text: &str) -> Reply {
    match error {
        Error::InvalidSenderAddress => Reply::new(501, "5.1.7", "Bad sender address syntax"),
        Error::InvalidRecipientAddress => Reply::new(501, "5.1.3", "Bad recipient address syntax"),
        Error::SyntaxError { syntax } => Reply::new(501, "5.5.2", format!("Syntax: {syntax}")),
        Error::InvalidParameter { param } => {
            Reply::new(501, "5.5.4", format!("Bad value of parameter {param}"))
        }
        Error::UnsupportedParameter { .. } => not_offered(),
        _ if is_foreign(text) => Reply::new(521, "5.5.1", "This is not SMTP, goodbye"),
        _ => Reply::new(500, "5.5.1", "Command not recognised"),
    }
}

/// A browser, or the header of a mail whose DATA was refused: whatever follows must not be taken for
/// commands.
fn is_foreign(text: &str) -> bool {
    let word = text.split([' ', '\t']).next().unwrap_or_default();
    let is_http = ["GET", "POST", "PUT", "HEAD", "CONNECT", "OPTIONS"].contains(&word);
    let header = word.strip_suffix(':').unwrap_or_default();
    let is_name = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    is_http || !header.is_empty() && header.bytes().all(is_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(line: &[u8]) -> u16 {
        parse(line).map_or_else(|reply| reply.code, |command| panic!("{command:?}"))
    }

    #[test]
    fn addresses_and_parameters() {
        let mail =
            |sender: Option<&str>, size| Ok(Command::Mail(Mail { sender: sender.map(str::to_owned), size }));
        assert_eq!(parse(b"MAIL FROM:<>"), mail(None, 0));
        assert_eq!(parse(b"mail from:<a@b.test> SIZE=12 BODY=8BITMIME SMTPUTF8"), mail(Some("a@b.test"), 12));
        assert_eq!(parse(b"MAIL FROM:<Postmaster>"), mail(Some("postmaster"), 0));
        assert_eq!(parse(b"RCPT TO:<postmaster>"), Ok(Command::Rcpt("postmaster".to_owned())));
        assert_eq!(parse("RCPT TO:<é@b.test>".as_bytes()), Ok(Command::Rcpt("é@b.test".to_owned())));
        assert_eq!(code(b"RCPT TO:<>"), 501);
        assert_eq!(code(b"RCPT TO:<a@b.test> NOTIFY=NEVER"), 555);
        assert_eq!(code(b"MAIL FROM:<a@b.test> BODY=BINARYMIME"), 555);
        assert_eq!(code(b"MAIL FROM:<a@b.test> AUTH=<>"), 555);
        assert_eq!(code(b"MAIL FROM:<a@b.test> FOO=1"), 555);
        assert_eq!(code(b"MAIL FROM:<a@b.test> SIZE=many"), 501);
        assert_eq!(code(b"MAIL FROM:a b c"), 501);
    }

    #[test]
    fn what_is_not_a_command() {
        assert_eq!(code(b"NOOP\rQUIT"), 500);
        assert_eq!(code(b"EHLO a\0b"), 500);
        assert_eq!(code(b"RCPT TO:<a\x7f@b.test>"), 500);
        assert_eq!(code(b"\xff\xfe"), 500);
        assert_eq!(code(b""), 500);
        assert_eq!(code(b"WIBBLE"), 500);
        assert_eq!(code(b"AUTH PLAIN AAAA"), 502);
        assert_eq!(code(b"GET / HTTP/1.1"), 521);
        assert_eq!(code(b"Received: from x"), 521);
        assert_eq!(code(b"EHLO"), 501);
    }
}

//! `relais pipe`: one mail on standard input, from a local mail server's alias or from procmail.
//!
//! Knows Postfix's `local(8)` and `pipe(8)` environments and the exit codes they obey (sysexits.h); the
//! caller gives the arguments, the environment and the input.

use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::{Door, Envelope, Gate, KeepError, Keeper, Kept, Peer, Verdict, with_crlf};

/// Exit codes of sysexits.h. `EX_UNAVAILABLE` (69) is not among them: Postfix bounces on it, and a store that
/// is down for a moment must only defer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// `EX_OK`: kept.
    Ok = 0,
    /// `EX_USAGE`: called wrongly.
    Usage = 64,
    /// `EX_DATAERR`: refused for good (too large, empty, not wanted): the mail server tells the sender.
    Data = 65,
    /// `EX_TEMPFAIL`: the mail server keeps the mail and tries again.
    TryAgain = 75,
}

/// How it went: the exit code, and what to print on standard error (after `X.Y.Z`, Postfix quotes it in its
/// bounce).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// The exit code.
    pub exit: Exit,
    /// The text, empty when kept.
    pub text: String,
}

impl Ending {
    fn new(exit: Exit, text: impl Into<String>) -> Self {
        Self { exit, text: text.into() }
    }
}

/// What the caller said of the mail.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Call {
    /// The argument of `-f`; `<>` or an empty one is the null sender.
    pub sender: Option<String>,
    /// The recipients given as arguments.
    pub recipients: Vec<String>,
}

impl Call {
    /// Completes the arguments by the variables that Postfix's `local(8)` sets. The original recipient comes
    /// before the one after alias expansion, because it still holds the token.
    #[must_use]
    pub fn complete(mut self, variable: impl Fn(&str) -> Option<String>) -> Self {
        let given = |name| variable(name).filter(|value| !value.is_empty());
        if self.recipients.is_empty() {
            let address = given("ORIGINAL_RECIPIENT").or_else(|| given("RECIPIENT"));
            self.recipients.extend(address.map(|address| extended(address, given("EXTENSION"))));
        }
        // local(8) sets SENDER to an empty string for the null sender, so an empty one counts.
        self.sender = self.sender.or_else(|| variable("SENDER"));
        self
    }
}

/// Puts the address extension back where a mail server took it off.
fn extended(address: String, extension: Option<String>) -> String {
    let Some((extension, (local, domain))) = extension.zip(address.rsplit_once('@')) else { return address };
    if local.strip_suffix(&extension).is_some_and(|rest| rest.ends_with(['+', '-'])) {
        return address;
    }
    format!("{local}+{extension}@{domain}")
}

/// Reads one mail of at most `limit` bytes and keeps it. Several recipients are kept together or not at all,
/// because one exit code answers for all.
pub async fn run(
    input: impl AsyncRead + Unpin,
    call: Call,
    limit: usize,
    gate: &dyn Gate,
    keeper: &dyn Keeper,
) -> Ending {
    if call.recipients.is_empty() {
        return Ending::new(
            Exit::Usage,
            "no recipient: give it as an argument, or call from Postfix's local(8)",
        );
    }
    let bytes = match read(input, limit).await {
        Ok(bytes) => bytes,
        Err(ending) => return ending,
    };
    let (from_line, bytes) = without_from_line(bytes);
    let envelope = Envelope {
        sender: call.sender.or(from_line).and_then(null_is_none),
        recipients: call.recipients,
        peer: Peer { ip: None, helo: String::new(), door: Door::Pipe, tls: false, trusted: true },
    };
    match hand_over(envelope, with_crlf(bytes), gate, keeper).await {
        Ok(_) => Ending::new(Exit::Ok, ""),
        Err(ending) => ending,
    }
}

async fn read(input: impl AsyncRead + Unpin, limit: usize) -> Result<Vec<u8>, Ending> {
    let mut bytes = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    if let Err(error) = input.take(most).read_to_end(&mut bytes).await {
        return Err(Ending::new(Exit::TryAgain, format!("4.3.0 cannot read the mail: {}", error.kind())));
    }
    if bytes.len() > limit {
        return Err(Ending::new(Exit::Data, format!("5.3.4 larger than {limit} bytes")));
    }
    if bytes.trim_ascii().is_empty() {
        return Err(Ending::new(Exit::Data, "5.6.0 the mail is empty"));
    }
    Ok(bytes)
}

/// `local(8)` writes an mbox From_ line before the mail: takes it off, and gives its sender.
fn without_from_line(bytes: Vec<u8>) -> (Option<String>, Vec<u8>) {
    let Some(rest) = bytes.strip_prefix(b"From ") else { return (None, bytes) };
    let end = memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
    let (line, mail) = rest.split_at(end);
    let sender = String::from_utf8_lossy(line).split_whitespace().next().unwrap_or_default().to_owned();
    (Some(sender), mail.to_vec())
}

fn null_is_none(sender: String) -> Option<String> {
    let bare = sender.strip_prefix('<').and_then(|s| s.strip_suffix('>')).map(str::to_owned);
    let sender = bare.unwrap_or(sender);
    Some(sender).filter(|sender| !sender.is_empty() && !sender.eq_ignore_ascii_case("MAILER-DAEMON"))
}

async fn hand_over(
    mut envelope: Envelope,
    bytes: Vec<u8>,
    gate: &dyn Gate,
    keeper: &dyn Keeper,
) -> Result<Kept, Ending> {
    for recipient in std::mem::take(&mut envelope.recipients) {
        pass(gate.recipient(&envelope, &recipient).await)?;
        envelope.recipients.push(recipient);
    }
    pass(gate.message(&envelope, &bytes).await)?;
    keeper.keep(envelope, bytes).await.map_err(|error| match error {
        KeepError::Full(_) => Ending::new(Exit::TryAgain, "4.3.1 no room for now"),
        KeepError::Unavailable(_) => Ending::new(Exit::TryAgain, "4.3.0 cannot keep it for now"),
    })
}

fn pass(verdict: Verdict) -> Result<(), Ending> {
    match verdict {
        Verdict::Accept => Ok(()),
        Verdict::Refuse { enhanced, text, .. } => Err(Ending::new(Exit::Data, format!("{enhanced} {text}"))),
        Verdict::Later { enhanced, text } => Err(Ending::new(Exit::TryAgain, format!("{enhanced} {text}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receive::smtp::tests::Desk;

    fn call(recipients: &[&str]) -> Call {
        Call { sender: None, recipients: recipients.iter().map(|&r| r.to_owned()).collect() }
    }

    async fn piped(bytes: &[u8], call: Call, desk: &Desk) -> Ending {
        run(bytes, call, 100, desk, desk).await
    }

    #[test]
    fn postfix_variables_complete_the_arguments() {
        let set = |name: &str| match name {
            "ORIGINAL_RECIPIENT" => Some("r+tok@in.test".to_owned()),
            "RECIPIENT" => Some("relais@localhost".to_owned()),
            "EXTENSION" => Some("tok".to_owned()),
            "SENDER" => Some(String::new()),
            _ => None,
        };
        let done = Call::default().complete(set);
        assert_eq!(
            (done.sender.as_deref(), &done.recipients[..]),
            (Some(""), &["r+tok@in.test".to_owned()][..])
        );
        let given = Call { sender: Some("a@b.test".to_owned()), recipients: vec!["x@c.test".to_owned()] };
        assert_eq!(given.clone().complete(set), given);
        let stripped = |name: &str| match name {
            "RECIPIENT" => Some("r@in.test".to_owned()),
            "EXTENSION" => Some("tok".to_owned()),
            _ => None,
        };
        assert_eq!(Call::default().complete(stripped).recipients, ["r+tok@in.test"]);
        assert_eq!(Call::default().complete(|_| None), Call::default());
    }

    #[tokio::test]
    async fn a_mail_from_local_is_kept_without_its_from_line() {
        let desk = Desk::default();
        let mail = b"From a@b.test  Tue Nov 24 10:00:00 2026\nSubject: x\n\ny\n";
        assert_eq!(piped(mail, call(&["x@c.test"]), &desk).await, Ending::new(Exit::Ok, ""));
        let (envelope, bytes) = desk.kept().remove(0);
        assert_eq!(bytes, b"Subject: x\r\n\r\ny\r\n");
        assert_eq!((envelope.sender.as_deref(), envelope.peer.door), (Some("a@b.test"), Door::Pipe));
        for (said, wanted) in [("<>", None), ("MAILER-DAEMON", None), ("<a@b.test>", Some("a@b.test"))] {
            let call = Call { sender: Some(said.to_owned()), ..call(&["x@c.test"]) };
            assert_eq!(piped(b"Subject: x\n\n", call, &desk).await.exit, Exit::Ok);
            assert_eq!(desk.kept().pop().unwrap().0.sender.as_deref(), wanted);
        }
    }

    #[tokio::test]
    async fn exit_codes_are_those_of_sysexits() {
        let (desk, full) = (Desk::default(), Desk { broken: true, ..Desk::default() });
        let exit = async |bytes: &[u8], to: &[&str], desk| piped(bytes, call(to), desk).await.exit as u8;
        assert_eq!(exit(b"a", &[], &desk).await, 64);
        assert_eq!(exit(b" \n", &["x@c.test"], &desk).await, 65);
        assert_eq!(exit(&[b'x'; 101], &["x@c.test"], &desk).await, 65);
        assert_eq!(exit(b"Bad", &["x@c.test"], &desk).await, 65);
        assert_eq!(exit(b"a", &["x@c.test", "nobody@c.test"], &desk).await, 65);
        assert_eq!(exit(b"a", &["later@c.test"], &desk).await, 75);
        assert_eq!(exit(b"a", &["x@c.test"], &full).await, 75);
        assert!(desk.kept().is_empty());
        assert_eq!(exit(&[b'x'; 100], &["x@c.test"], &desk).await, 0);
        assert_eq!(piped(b"a", call(&["nobody@c.test"]), &desk).await.text, "5.1.1 Adresse inconnue");
    }
}

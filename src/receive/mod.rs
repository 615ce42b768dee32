//! Ways in. Each turns its protocol into an [`Envelope`] and the mail's bytes, asks the [`Gate`], hands both
//! to the [`Keeper`], and says "yes" only once they are durable.
//!
//! It keeps; it does not read a mail, does not know a demande, and holds no database.

// A fuzz build (fuzz/src/lib.rs) has the dialogue without sockets.
#[cfg(not(fuzzing))]
pub mod import;
#[cfg(not(fuzzing))]
pub mod pipe;
pub mod smtp;

use std::net::IpAddr;

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};

/// Where a mail came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Door {
    /// From a mail server of ours, by LMTP (RFC 2033).
    Lmtp,
    /// From any mail server, by SMTP (RFC 5321).
    Smtp,
    /// From `relais pipe`, started by a local mail server.
    Pipe,
    /// From a file, a Maildir or an mbox, by an operator.
    Import,
}

/// Who handed a mail over, as far as we were told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Peer {
    /// The address from which the mail entered our network: the client itself on our own SMTP, or what a
    /// listed peer told by XFORWARD, XCLIENT or PROXY. `None` where nobody told: a relay's own address is
    /// never here, because SPF judged on it would be wrong.
    pub ip: Option<IpAddr>,
    /// What that client called itself in EHLO; an empty string where nobody told.
    pub helo: String,
    /// Where the mail came in.
    pub door: Door,
    /// Whether the last step to us was encrypted.
    pub tls: bool,
    /// Whether the host that speaks to us is one the configuration lists (or a local process): its word about
    /// the client, and its Authentication-Results, may be believed.
    pub trusted: bool,
}

/// The envelope of one mail: what the transport said, which headers may contradict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// The envelope sender; `None` is the null sender `<>` of reports.
    pub sender: Option<String>,
    /// The accepted recipients, in the order they were given.
    pub recipients: Vec<String>,
    /// Who handed it over.
    pub peer: Peer,
}

/// What the [`Gate`] says of a recipient or of a whole mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Let it in.
    Accept,
    /// Never: `code` is 500 to 599, `enhanced` like `5.1.1` (RFC 3463), `text` is for the person who wrote.
    Refuse {
        /// The SMTP code.
        code: u16,
        /// The enhanced status code.
        enhanced: &'static str,
        /// What to tell; line breaks make several lines. Sent as ASCII: accents are dropped.
        text: String,
    },
    /// Not now: the sender's server keeps it and tries again.
    Later {
        /// The enhanced status code, like `4.3.2`.
        enhanced: &'static str,
        /// What to tell.
        text: String,
    },
}

/// The port that decides what comes in: implemented in `work`, given by `cli::serve`.
pub trait Gate: Send + Sync {
    /// Asked at each RCPT. `envelope` holds the sender, the peer and the recipients accepted so far.
    fn recipient<'a>(&'a self, envelope: &'a Envelope, recipient: &'a str) -> BoxFuture<'a, Verdict>;

    /// Asked once the whole mail is here; one verdict for all its recipients.
    fn message<'a>(&'a self, envelope: &'a Envelope, bytes: &'a [u8]) -> BoxFuture<'a, Verdict>;
}

/// A mail that is durably ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// It is new: its id in the inbox.
    New(String),
    /// It was already here (a retry after a lost answer): the id it had.
    Seen(String),
}

impl Kept {
    /// The id in the inbox.
    pub fn id(&self) -> &str {
        match self {
            Self::New(id) | Self::Seen(id) => id,
        }
    }
}

/// Why a mail could not be kept. Always temporary: the sender's server still has it. Causes go to the log and
/// hold no personal data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeepError {
    /// No room (disk full, or a cap of the configuration).
    #[error("no room in the store: {0}")]
    Full(String),
    /// The store does not answer, or answered with an error.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
}

/// The same mail with every line ended by CRLF, as DKIM and MIME want it: files and pipes hold LF. A CR alone
/// stays.
pub fn with_crlf(bytes: Vec<u8>) -> Vec<u8> {
    let bare = |at: &usize| *at == 0 || bytes.get(at - 1) != Some(&b'\r');
    let missing = memchr::memchr_iter(b'\n', &bytes).filter(bare).count();
    if missing == 0 {
        return bytes;
    }
    let mut whole = Vec::with_capacity(bytes.len() + missing);
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        match line.strip_suffix(b"\n").filter(|text| !text.ends_with(b"\r")) {
            Some(text) => {
                whole.extend_from_slice(text);
                whole.extend_from_slice(b"\r\n");
            }
            None => whole.extend_from_slice(line),
        }
    }
    whole
}

/// The port that keeps: implemented on `store::inbox`.
pub trait Keeper: Send + Sync {
    /// Keeps one mail, and returns only when it is durable. Dropping the future before its end must keep
    /// nothing, or keep the whole mail such that a second try answers [`Kept::Seen`].
    fn keep(&self, envelope: Envelope, bytes: Vec<u8>) -> BoxFuture<'_, Result<Kept, KeepError>>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_is_stored_as_json() {
        let json = r#"{"sender":null,"recipients":["x@c.test"],"peer":{"ip":"192.0.2.1","helo":"h","door":"smtp","tls":true,"trusted":false}}"#;
        let envelope: Envelope = serde_json::from_str(json).unwrap();
        assert_eq!(envelope.peer.ip, Some([192, 0, 2, 1].into()));
        assert_eq!(serde_json::to_string(&envelope).unwrap(), json);
    }

    #[test]
    fn every_line_ends_in_crlf() {
        for (given, wanted) in
            [("", ""), ("\n", "\r\n"), ("a\nb", "a\r\nb"), ("a\r\n\nb\rc\n\r\n", "a\r\n\r\nb\rc\r\n\r\n")]
        {
            assert_eq!(with_crlf(given.into()), wanted.as_bytes(), "{given:?}");
        }
    }
}

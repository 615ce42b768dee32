//! Ways out. A [`Courier`] carries one finished mail to one recipient and says what became of it; nothing
//! else.
//!
//! It does not know what a mail says or why it leaves, keeps nothing, and never tries twice by itself: the
//! outbox does.

pub mod folder;
pub mod smtp;

use std::sync::Arc;

use futures::future::BoxFuture;

/// One mail for one recipient, ready to leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parcel {
    /// Its id in the outbox, the same at each try.
    pub id: String,
    /// The envelope sender; empty is the null sender.
    pub from: String,
    /// The envelope recipient.
    pub to: String,
    /// The whole mail, every line ended by CRLF.
    pub bytes: Vec<u8>,
    /// The envelope id of RFC 3461, given to relays that offer DSN.
    pub envid: Option<String>,
}

/// What became of a parcel. An answer may quote an address: show it to operators, do not log it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The other side has it now.
    Delivered {
        /// What it said, or the path of the file.
        answer: String,
    },
    /// Not now: the relay said so (4xx), is unreachable, silent, or refuses us rather than the recipient.
    Again {
        /// What it said, or what went wrong.
        answer: String,
    },
    /// Never: the recipient or the mail itself was refused.
    Refused {
        /// What it said.
        answer: String,
        /// The SMTP code; `None` when we found out by ourselves.
        code: Option<u16>,
    },
}

/// A way out.
pub trait Courier: Send + Sync {
    /// Carries one parcel. Always answers, within the courier's own time limits.
    fn deliver<'a>(&'a self, parcel: &'a Parcel) -> BoxFuture<'a, Outcome>;
}

/// Why a setting `outbound.url` cannot be used. Never quotes it: it may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Not one of the forms we know.
    #[error(
        "wanted folder:PATH, smtp://[user:password@]host:port[?starttls=required|opportunistic|none] or smtps://…"
    )]
    Form,
    /// A password over a connection that anybody may read.
    #[error("a password needs TLS: use smtps:// or starttls=required")]
    PasswordInClear,
    /// The folder cannot be made or written to.
    #[error("the folder cannot be used: {0}")]
    Folder(String),
    /// The machine's certificates cannot be read.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
}

/// The courier that `outbound.url` names. `hello` is our name in EHLO.
pub fn courier(url: &str, hello: &str) -> Result<Arc<dyn Courier>, UrlError> {
    if let Some(path) = url.strip_prefix("folder:") {
        return Ok(Arc::new(folder::Folder::open(path.as_ref())?));
    }
    Ok(Arc::new(smtp::Smtp::new(smtp::Relay::parse(url)?, hello)?))
}

#[cfg(test)]
pub(crate) fn parcel(to: &str) -> Parcel {
    Parcel {
        id: "0190-a".to_owned(),
        from: "r+x@in.test".to_owned(),
        to: to.to_owned(),
        bytes: b"Subject: x\r\n\r\n.y\r\n..\r\nz\r\n".to_vec(),
        envid: Some("n1".to_owned()),
    }
}

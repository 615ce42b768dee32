//! The mail server: SMTP (RFC 5321) and LMTP (RFC 2033) from one state machine.
//!
//! [`session`] is the dialogue without sockets or clock: bytes in, answers and steps out. [`server`] listens,
//! `link` carries one connection. None of them knows what a mail says; none relays anything anywhere.

mod body;
#[cfg(not(fuzzing))]
mod certificate;
mod command;
mod dialogue;
mod forward;
#[cfg(not(fuzzing))]
mod link;
#[cfg(not(fuzzing))]
mod proxy;
mod reply;
#[cfg(not(fuzzing))]
pub mod server;
pub mod session;
#[cfg(test)]
pub(in crate::receive) mod tests;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;

use super::Door;

#[cfg(not(fuzzing))]
pub use certificate::{Certificate, CertificateError};
#[cfg(not(fuzzing))]
pub use server::{Listener, serve};

/// Which of the two protocols a listener speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// EHLO/HELO, one answer after the message.
    Smtp,
    /// LHLO, one answer per accepted recipient after the message.
    Lmtp,
}

impl Dialect {
    /// The door that mails of this protocol come through.
    pub fn door(self) -> Door {
        match self {
            Self::Smtp => Door::Smtp,
            Self::Lmtp => Door::Lmtp,
        }
    }

    /// Its name in the greeting.
    pub fn name(self) -> &'static str {
        match self {
            Self::Smtp => "ESMTP",
            Self::Lmtp => "LMTP",
        }
    }
}

/// What one client may ask of us.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes of one mail, announced as SIZE.
    pub message: usize,
    /// Recipients of one transaction (RFC 5321 §4.5.3.1.8 wants at least 100).
    pub recipients: usize,
    /// Bytes of one command line, its CRLF included.
    pub command_line: usize,
    /// Commands since the last mail that was kept: a busy relay may stay for ever, an idle talker may not.
    pub commands: usize,
    /// Answers of error since the last mail that was kept; the connection is closed at the next one.
    pub errors: usize,
    /// Connections at once on this listener; further ones get 421.
    pub connections: usize,
    /// Bytes of all the mails being received at once on this listener; beyond, 452. The memory used may be
    /// twice as much, because a buffer that grows doubles.
    pub in_hand: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            message: 36 * 1024 * 1024,
            recipients: 200,
            command_line: 2048,
            commands: 1000,
            errors: 20,
            connections: 200,
            in_hand: 160 * 1024 * 1024,
        }
    }
}

/// How long we wait.
#[derive(Debug, Clone)]
pub struct Timeouts {
    /// For one whole command line, from the last answer (RFC 5321 §4.5.3.2.7: 5 minutes), for a TLS
    /// handshake, and for a client that does not read our answers.
    pub command: Duration,
    /// For the next bytes of a mail (RFC 5321 §4.5.3.2.5: 3 minutes).
    pub data_idle: Duration,
    /// For a whole mail, however its bytes drip.
    pub data_total: Duration,
    /// For the gate and the keeper to answer; beyond, the client is told to try again.
    pub keep: Duration,
    /// Once told to stop, for a transaction in hand to send its next bytes.
    pub drain: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            command: Duration::from_mins(5),
            data_idle: Duration::from_mins(3),
            data_total: Duration::from_mins(30),
            keep: Duration::from_mins(2),
            drain: Duration::from_secs(20),
        }
    }
}

/// The settings of one listener.
#[derive(Debug, Clone)]
pub struct Settings {
    /// SMTP or LMTP.
    pub dialect: Dialect,
    /// The name we greet with.
    pub hostname: String,
    /// What a client may ask.
    pub limits: Limits,
    /// How long we wait.
    pub timeouts: Timeouts,
    /// The certificate for STARTTLS; `None`: not offered. Reload it behind rustls' `ResolvesServerCert`.
    pub tls: Option<Arc<rustls::ServerConfig>>,
    /// Peers whose word about the client we believe (XFORWARD, XCLIENT). A unix socket's peer is always one.
    pub trusted: Vec<IpNet>,
    /// Load balancers, whose connections must begin with a PROXY header. The client it names is then the
    /// peer, and trusted only if [`Settings::trusted`] lists it.
    pub proxies: Vec<IpNet>,
}

impl Settings {
    /// The defaults for a protocol.
    pub fn new(dialect: Dialect, hostname: impl Into<String>) -> Self {
        Self {
            dialect,
            hostname: hostname.into(),
            limits: Limits::default(),
            timeouts: Timeouts::default(),
            tls: None,
            trusted: Vec::new(),
            proxies: Vec::new(),
        }
    }
    /// What this address means to us.
    fn caller(&self, ip: IpAddr) -> session::Caller {
        session::Caller { ip: Some(ip), trusted: self.trusted.iter().any(|net| net.contains(&ip)) }
    }
}

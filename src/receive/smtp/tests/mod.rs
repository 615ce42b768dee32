//! Raw dialogues over the state machine (`dialogues`, `smuggling`) and over real sockets (`sockets`, `tls`).

mod dialogues;
mod smuggling;
mod sockets;
mod tls;

use std::sync::Arc;
use std::sync::Mutex;

use futures::FutureExt as _;
use futures::future::BoxFuture;

use super::session::{Caller, Outcome, Session, Step};
use super::{Dialect, Settings};
use crate::receive::{Envelope, Gate, KeepError, Keeper, Kept, Verdict};

pub(super) fn small(dialect: Dialect) -> Settings {
    let mut settings = Settings::new(dialect, "mx.test");
    settings.limits.message = 200;
    settings.limits.recipients = 3;
    settings.limits.errors = 8;
    settings.limits.commands = 60;
    settings
}

pub(super) const STRANGER: Caller =
    Caller { ip: Some(std::net::IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 9))), trusted: false };
pub(super) const RELAY: Caller = Caller { ip: None, trusted: true };

/// The test's gate: addresses tell what they want.
pub(super) fn recipient_verdict(recipient: &str) -> Verdict {
    if recipient.starts_with("nobody") {
        return Verdict::Refuse { code: 550, enhanced: "5.1.1", text: "Adresse inconnue".to_owned() };
    }
    if recipient.starts_with("later") {
        return Verdict::Later { enhanced: "4.2.1", text: "plus tard".to_owned() };
    }
    Verdict::Accept
}

pub(super) fn message_verdict(bytes: &[u8]) -> Verdict {
    if bytes.starts_with(b"Bad") {
        return Verdict::Refuse { code: 554, enhanced: "5.7.1", text: "non".to_owned() };
    }
    Verdict::Accept
}

/// What came of a dialogue.
#[derive(Debug, Default, PartialEq, Eq, Clone)]
pub(super) struct Played {
    pub(super) answers: String,
    pub(super) mails: Vec<(Envelope, Vec<u8>)>,
    pub(super) closed: bool,
}

impl Played {
    pub(super) fn codes(&self) -> Vec<&str> {
        let last = |line: &&str| line.as_bytes().get(3) != Some(&b'-');
        self.answers.lines().filter(last).map(|line| line.get(..3).unwrap_or(line)).collect()
    }
}

/// Plays `input`, cut as given, against a session.
pub(super) fn play<'a>(
    settings: Settings,
    caller: Caller,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> Played {
    let mut session = Session::new(Arc::new(settings), caller);
    let (mut out, mut played) = (Vec::new(), Played::default());
    session.greet(&mut out);
    'pieces: for piece in pieces {
        let mut at = 0;
        while at < piece.len() {
            let (taken, step) = session.feed(&piece[at..], &mut out);
            at += taken;
            let step = match step {
                Step::Recipient => {
                    let verdict = recipient_verdict(session.asked().unwrap().1);
                    session.recipient(&verdict, &mut out)
                }
                Step::Message(envelope, bytes) => {
                    let outcome = match message_verdict(&bytes) {
                        Verdict::Accept => {
                            played.mails.push((envelope, bytes));
                            Outcome::Kept(Kept::New(format!("m{}", played.mails.len())))
                        }
                        verdict => Outcome::Refused(verdict),
                    };
                    session.settle(&outcome, &mut out)
                }
                step => step,
            };
            if step == Step::Close {
                played.closed = true;
                break 'pieces;
            }
        }
    }
    played.answers = String::from_utf8(out).unwrap();
    played
}

pub(super) fn say(dialect: Dialect, caller: Caller, input: &str) -> Played {
    play(small(dialect), caller, [input.replace('\n', "\r\n").as_bytes()])
}

/// A gate and a keeper that remember.
#[derive(Default)]
pub(in crate::receive) struct Desk {
    pub(in crate::receive) mails: Mutex<Vec<(Envelope, Vec<u8>)>>,
    /// How long the keeper takes.
    pub(in crate::receive) slow: tokio::time::Duration,
    pub(in crate::receive) broken: bool,
}

impl Desk {
    pub(in crate::receive) fn kept(&self) -> Vec<(Envelope, Vec<u8>)> {
        self.mails.lock().unwrap().clone()
    }
}

impl Gate for Desk {
    fn recipient<'a>(&'a self, _: &'a Envelope, recipient: &'a str) -> BoxFuture<'a, Verdict> {
        async move { recipient_verdict(recipient) }.boxed()
    }

    fn message<'a>(&'a self, _: &'a Envelope, bytes: &'a [u8]) -> BoxFuture<'a, Verdict> {
        async move { message_verdict(bytes) }.boxed()
    }
}

impl Keeper for Desk {
    fn keep(&self, envelope: Envelope, bytes: Vec<u8>) -> BoxFuture<'_, Result<Kept, KeepError>> {
        async move {
            tokio::time::sleep(self.slow).await;
            if self.broken {
                return Err(KeepError::Full("disk".to_owned()));
            }
            let mut mails = self.mails.lock().unwrap();
            mails.push((envelope, bytes));
            Ok(Kept::New(format!("m{}", mails.len())))
        }
        .boxed()
    }
}

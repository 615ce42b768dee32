//! One connection: carries bytes between a socket and its [`Session`], asks the gate and the keeper, keeps
//! the time.
//!
//! Knows sockets, TLS, timeouts and memory; the rules of the dialogue are the session's.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::{Duration, Instant, timeout, timeout_at};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use super::Settings;
use super::session::{Caller, Outcome, Session, Step};
use crate::receive::{Envelope, Gate, KeepError, Keeper, Kept, Verdict};

/// Bytes read from a socket at once.
const BUFFER: usize = 16 * 1024;
/// Bytes read and thrown away after our last word, lest unread input destroy it on its way (RFC 9293 §3.6.1).
const LINGER: usize = 256 * 1024;

/// A socket, plain or encrypted.
pub(super) trait Wire: AsyncRead + AsyncWrite + Unpin + Send + Sync {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send + Sync> Wire for T {}

/// What all connections of a listener share.
pub(super) struct House {
    pub(super) settings: Arc<Settings>,
    pub(super) gate: Arc<dyn Gate>,
    pub(super) keeper: Arc<dyn Keeper>,
    pub(super) stop: CancellationToken,
    /// Bytes of mails being received now, on all connections.
    pub(super) in_hand: AtomicUsize,
}

/// One connection's part of [`House::in_hand`], given back when it ends.
struct Share {
    house: Arc<House>,
    held: usize,
}

impl Share {
    /// Holds `wanted` bytes from now on, if the house has them.
    fn hold(&mut self, wanted: usize) -> bool {
        let more = wanted.saturating_sub(self.held);
        let used = self.house.in_hand.fetch_add(more, Ordering::Relaxed);
        if more > 0 && used + more > self.house.settings.limits.in_hand {
            self.house.in_hand.fetch_sub(more, Ordering::Relaxed);
            return false;
        }
        self.house.in_hand.fetch_sub(self.held.saturating_sub(wanted), Ordering::Relaxed);
        self.held = wanted;
        true
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.house.in_hand.fetch_sub(self.held, Ordering::Relaxed);
    }
}

/// Whether the connection goes on.
#[derive(PartialEq, Eq)]
enum Next {
    Go,
    End,
}

pub(super) struct Link {
    house: Arc<House>,
    share: Share,
    /// The connection's number, for the log.
    number: u64,
    wire: Box<dyn Wire>,
    session: Session,
    out: Vec<u8>,
    /// When the present wait began, and the session's turn then.
    since: Instant,
    turn: (u64, bool),
}

impl Link {
    pub(super) fn new(house: Arc<House>, number: u64, wire: Box<dyn Wire>, caller: Caller) -> Self {
        let session = Session::new(Arc::clone(&house.settings), caller);
        let share = Share { house: Arc::clone(&house), held: 0 };
        let (since, turn) = (Instant::now(), (0, false));
        Self { house, share, number, wire, session, out: Vec::new(), since, turn }
    }

    /// Serves the connection until its end.
    pub(super) async fn run(mut self) {
        debug!(connection = self.number, "connected");
        match self.converse().await {
            Ok(()) => {
                let waiting = Duration::from_millis(500).min(self.house.settings.timeouts.command);
                let _ = timeout(waiting, self.linger()).await;
                debug!(connection = self.number, "closed");
            }
            Err(error) => debug!(connection = self.number, kind = %error.kind(), "lost"),
        }
    }

    async fn converse(&mut self) -> io::Result<()> {
        self.session.greet(&mut self.out);
        let mut input = Vec::with_capacity(BUFFER);
        loop {
            self.flush().await?;
            if self.is_told_to_leave() {
                Session::farewell(&mut self.out);
                return self.flush().await;
            }
            if self.read(&mut input).await? == Next::End {
                return self.flush().await;
            }
            let next = self.digest(&input).await?;
            input.clear();
            if next == Next::End {
                return self.flush().await;
            }
        }
    }

    fn is_told_to_leave(&self) -> bool {
        self.house.stop.is_cancelled() && self.session.is_idle()
    }

    /// Waits for bytes. Nothing read and `Go`: the stop was called while waiting.
    async fn read(&mut self, input: &mut Vec<u8>) -> io::Result<Next> {
        let deadline = self.deadline();
        let stopping = self.house.stop.is_cancelled();
        tokio::select! {
            biased;
            () = self.house.stop.cancelled(), if !stopping => Ok(Next::Go),
            read = timeout_at(deadline, self.wire.read_buf(input)) => match read {
                Ok(read) => Ok(if read? == 0 { Next::End } else { Next::Go }),
                Err(_) if stopping => {
                    Session::farewell(&mut self.out);
                    Ok(Next::End)
                }
                Err(_) => {
                    Session::timed_out(&mut self.out);
                    Ok(Next::End)
                }
            },
        }
    }

    /// A command has one deadline from the last answer on, however its bytes drip; so has a mail, with a
    /// shorter one for each of its pieces.
    fn deadline(&mut self) -> Instant {
        let turn = (self.session.turns(), self.session.is_receiving());
        let now = Instant::now();
        if turn != self.turn {
            (self.turn, self.since) = (turn, now);
        }
        let times = &self.house.settings.timeouts;
        let deadline = if self.session.is_receiving() {
            (self.since + times.data_total).min(now + times.data_idle)
        } else {
            self.since + times.command
        };
        if self.house.stop.is_cancelled() { deadline.min(now + times.drain) } else { deadline }
    }

    /// Gives what was read to the session, and does what it asks.
    async fn digest(&mut self, input: &[u8]) -> io::Result<Next> {
        let mut at = 0;
        while let Some(rest) = input.get(at..).filter(|rest| !rest.is_empty()) {
            self.account(rest.len());
            let (taken, step) = self.session.feed(rest, &mut self.out);
            at += taken;
            if let Some(note) = self.session.note() {
                info!(connection = self.number, bytes = note.bytes, code = note.code, "mail refused");
            }
            let step = match step {
                Step::Recipient => self.ask().await,
                Step::Message(envelope, bytes) => self.deliver(envelope, bytes).await?,
                Step::StartTls => {
                    self.encrypt().await?;
                    return Ok(Next::Go);
                }
                step => step,
            };
            if step == Step::Close {
                return Ok(Next::End);
            }
        }
        Ok(Next::Go)
    }

    fn account(&mut self, more: usize) {
        let wanted =
            if self.session.is_receiving() { self.session.in_hand() + more } else { self.session.in_hand() };
        if !self.share.hold(wanted) {
            self.session.starve();
            self.share.hold(0);
        }
    }

    async fn ask(&mut self) -> Step {
        let Some((envelope, recipient)) = self.session.asked() else { return Step::Close };
        let asking = self.house.gate.recipient(envelope, recipient);
        let verdict = self.patiently(asking).await.unwrap_or_else(busy);
        self.session.recipient(&verdict, &mut self.out)
    }

    /// Answers only once the mail is durable. Earlier answers leave first: a commit may take its time.
    async fn deliver(&mut self, envelope: Envelope, bytes: Vec<u8>) -> io::Result<Step> {
        self.flush().await?;
        let (recipients, size) = (envelope.recipients.len(), bytes.len());
        let outcome = self.outcome(envelope, bytes).await;
        match &outcome {
            Outcome::Kept(kept) => {
                let seen = matches!(kept, Kept::Seen(_));
                info!(connection = self.number, id = kept.id(), bytes = size, recipients, seen, "mail kept");
            }
            Outcome::Refused(Verdict::Refuse { code, .. }) => {
                info!(connection = self.number, bytes = size, recipients, code, "mail refused");
            }
            Outcome::Refused(_) => info!(connection = self.number, bytes = size, recipients, "mail put off"),
            Outcome::Failed(cause) => {
                warn!(connection = self.number, bytes = size, recipients, %cause, "mail not kept");
            }
        }
        Ok(self.session.settle(&outcome, &mut self.out))
    }

    async fn outcome(&self, envelope: Envelope, bytes: Vec<u8>) -> Outcome {
        let judging = self.house.gate.message(&envelope, &bytes);
        match self.patiently(judging).await.unwrap_or_else(busy) {
            Verdict::Accept => {}
            refused => return Outcome::Refused(refused),
        }
        match self.patiently(self.house.keeper.keep(envelope, bytes)).await {
            Some(Ok(kept)) => Outcome::Kept(kept),
            Some(Err(error)) => Outcome::Failed(error),
            None => Outcome::Failed(KeepError::Unavailable("no answer in time".to_owned())),
        }
    }

    async fn patiently<T>(&self, doing: impl Future<Output = T>) -> Option<T> {
        timeout(self.house.settings.timeouts.keep, doing).await.ok()
    }

    /// Shakes hands. Whatever came in clear after STARTTLS is not used (CVE-2011-0411).
    async fn encrypt(&mut self) -> io::Result<()> {
        self.flush().await?;
        let Some(config) = self.house.settings.tls.clone() else {
            return Err(io::ErrorKind::Unsupported.into());
        };
        let plain = std::mem::replace(&mut self.wire, Box::new(tokio::io::empty()));
        let handshake = TlsAcceptor::from(config).accept(plain);
        let encrypted = timeout(self.house.settings.timeouts.command, handshake).await;
        self.wire = Box::new(encrypted.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??);
        self.session.encrypted();
        Ok(())
    }

    async fn flush(&mut self) -> io::Result<()> {
        let writing = async {
            self.wire.write_all(&self.out).await?;
            self.wire.flush().await
        };
        let written = timeout(self.house.settings.timeouts.command, writing).await;
        self.out.clear();
        written.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
    }

    /// Closes our side, then reads what the client had already sent.
    async fn linger(&mut self) -> io::Result<()> {
        self.wire.shutdown().await?;
        let (mut scrap, mut left) = (vec![0; BUFFER], LINGER);
        while left > 0 {
            let read = self.wire.read(&mut scrap).await?;
            if read == 0 {
                break;
            }
            left = left.saturating_sub(read);
        }
        Ok(())
    }
}

fn busy() -> Verdict {
    Verdict::Later { enhanced: "4.3.0", text: "Busy, try again later".to_owned() }
}

//! One SMTP or LMTP session as data: bytes in; answers, and the [`Step`] to take next, out.
//!
//! Knows no socket, clock, gate or keeper: whoever drives it (`link`, or a test) asks them and reports back.
//! The same bytes give the same answers however they are cut, save after STARTTLS, whose pipelined rest is
//! thrown away.

use std::net::IpAddr;
use std::sync::Arc;

use super::body::{Body, Chunks, Dots, Fault};
use super::command;
use super::reply::Reply;
use super::{Dialect, Settings};
use crate::receive::{Envelope, KeepError, Kept, Peer, Verdict};

/// What must be done before the session can go on.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// All was read: bring more bytes.
    Read,
    /// Ask the gate about [`Session::asked`], then call [`Session::recipient`].
    Recipient,
    /// Ask the gate about this mail and keep it, then call [`Session::settle`].
    Message(Envelope, Vec<u8>),
    /// Send the answers, throw away what else was read, shake hands, then call [`Session::encrypted`].
    StartTls,
    /// Send the answers and close.
    Close,
}

/// What became of a [`Step::Message`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Durable.
    Kept(Kept),
    /// The gate did not want it.
    Refused(Verdict),
    /// The keeper could not.
    Failed(KeepError),
}

/// A mail refused before the gate saw it, for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Note {
    /// The SMTP code it got.
    pub code: u16,
    /// Bytes read of it.
    pub bytes: usize,
}

/// Who is at the other end of a connection.
#[derive(Debug, Clone, Copy)]
pub struct Caller {
    /// Its address; `None` on a unix socket.
    pub ip: Option<IpAddr>,
    /// Whether its word about the client is believed.
    pub trusted: bool,
}

/// One session, from the greeting to QUIT.
#[derive(Debug)]
pub struct Session {
    pub(super) settings: Arc<Settings>,
    /// What every envelope of this session says of the client.
    pub(super) peer: Peer,
    /// The client of the next transaction, when XFORWARD told.
    pub(super) forwarded: Option<Peer>,
    pub(super) greeted: bool,
    pub(super) transaction: Option<Transaction>,
    pub(super) phase: Phase,
    line: Vec<u8>,
    /// The present line is already too long; its rest is skipped.
    overlong: bool,
    commands: usize,
    errors: usize,
    turns: u64,
    note: Option<Note>,
}

/// One mail on its way.
#[derive(Debug)]
pub(super) struct Transaction {
    pub(super) envelope: Envelope,
    /// The recipient the gate is being asked about.
    pub(super) asked: String,
    /// What BDAT brought so far.
    pub(super) chunks: Option<(Chunks, Body)>,
}

/// What the next bytes are.
#[derive(Debug)]
pub(super) enum Phase {
    /// A command.
    Line,
    /// The text after DATA.
    Dots(Dots, Body),
    /// `left` bytes of a BDAT chunk; with `refused`, they are skipped and that is the answer.
    Chunk { left: usize, last: bool, refused: Option<Reply> },
    /// Nothing: the gate or the keeper is busy with a mail that needs this many answers.
    Settling(usize),
}

impl Session {
    /// A session with this caller, before its greeting.
    pub fn new(settings: Arc<Settings>, caller: Caller) -> Self {
        let direct = settings.dialect == Dialect::Smtp && !caller.trusted;
        let peer = Peer {
            ip: caller.ip.filter(|_| direct),
            helo: String::new(),
            door: settings.dialect.door(),
            tls: false,
            trusted: caller.trusted,
        };
        Self {
            settings,
            peer,
            forwarded: None,
            greeted: false,
            transaction: None,
            phase: Phase::Line,
            line: Vec::new(),
            overlong: false,
            commands: 0,
            errors: 0,
            turns: 0,
            note: None,
        }
    }

    /// Says hello.
    pub fn greet(&mut self, out: &mut Vec<u8>) {
        let text = format!("{} {} relais", self.settings.hostname, self.settings.dialect.name());
        Reply::new(220, "", text).write(out);
    }

    /// Takes bytes from the client: says how many were used, writes answers to `out`, gives what to do next.
    /// Call it again with the rest after doing so.
    pub fn feed(&mut self, input: &[u8], out: &mut Vec<u8>) -> (usize, Step) {
        let mut at = 0;
        while let Some(rest) = input.get(at..).filter(|rest| !rest.is_empty()) {
            let (taken, step) = match self.phase {
                Phase::Line => self.take_line(rest, out),
                Phase::Dots(..) => self.take_text(rest, out),
                Phase::Chunk { .. } => self.take_chunk(rest, out),
                Phase::Settling(_) => return (at, Step::Read),
            };
            at += taken;
            if step != Step::Read {
                return (at, step);
            }
        }
        (at, Step::Read)
    }

    /// Changes whenever a command or a mail was dealt with: the clock of one command starts anew.
    pub fn turns(&self) -> u64 {
        self.turns
    }

    /// The mail that was just refused for its form, once.
    pub fn note(&mut self) -> Option<Note> {
        self.note.take()
    }

    /// Whether the next bytes are a mail's and not a command's.
    pub fn is_receiving(&self) -> bool {
        !matches!(self.phase, Phase::Line)
    }

    /// Whether nothing would be lost by closing now.
    pub fn is_idle(&self) -> bool {
        self.transaction.is_none() && !self.is_receiving()
    }

    /// Bytes of a mail that are in memory, or soon will be.
    pub fn in_hand(&self) -> usize {
        let body = match &self.phase {
            Phase::Dots(_, body) => Some(body),
            _ => self.transaction.as_ref().and_then(|t| t.chunks.as_ref()).map(|(_, body)| body),
        };
        body.filter(|body| body.fault().is_none()).map_or(0, Body::read)
    }

    /// There is no memory for the mail being received: its rest is thrown away, and it is refused for now.
    pub fn starve(&mut self) {
        if let Phase::Dots(_, body) = &mut self.phase {
            body.spoil(Fault::NoRoom);
        } else if let Some((_, body)) = self.transaction.as_mut().and_then(|t| t.chunks.as_mut()) {
            body.spoil(Fault::NoRoom);
        }
    }

    /// What the gate says of the mail, or the keeper did with it.
    pub fn settle(&mut self, outcome: &Outcome, out: &mut Vec<u8>) -> Step {
        let Phase::Settling(answers) = self.phase else { return Step::Close };
        self.phase = Phase::Line;
        if matches!(outcome, Outcome::Kept(_)) {
            (self.commands, self.errors) = (0, 0);
        }
        let reply = match outcome {
            Outcome::Kept(kept) => Reply::new(250, "2.0.0", format!("Ok: kept as {}", kept.id())),
            Outcome::Refused(verdict) => refusal(verdict),
            Outcome::Failed(KeepError::Full(_)) => {
                Reply::new(452, "4.3.1", "No room for now, try again later")
            }
            Outcome::Failed(KeepError::Unavailable(_)) => {
                Reply::new(451, "4.3.0", "Cannot keep it for now, try again later")
            }
        };
        self.conclude(&reply, answers, out)
    }

    /// We stop: says so. Only fit when [`Session::is_idle`], or when the client is too slow to wait for.
    pub fn farewell(out: &mut Vec<u8>) {
        Reply::new(421, "4.3.2", "Service is stopping, try again later").write(out);
    }

    /// The client was silent for too long: says so.
    pub fn timed_out(out: &mut Vec<u8>) {
        Reply::new(421, "4.4.2", "Timeout, closing").write(out);
    }

    fn take_line(&mut self, input: &[u8], out: &mut Vec<u8>) -> (usize, Step) {
        let end = memchr::memchr(b'\n', input);
        let taken = end.map_or(input.len(), |end| end + 1);
        let (piece, _) = input.split_at(taken);
        let room = self.settings.limits.command_line.saturating_sub(self.line.len());
        self.overlong |= piece.len() > room;
        if self.overlong {
            // The last bytes are enough to tell a CRLF from a bare LF.
            self.line.extend_from_slice(piece);
            self.line.drain(..self.line.len().saturating_sub(2));
        } else {
            self.line.extend_from_slice(piece);
        }
        if end.is_none() {
            return (taken, Step::Read);
        }
        let line = std::mem::take(&mut self.line);
        let overlong = std::mem::take(&mut self.overlong);
        (taken, self.obey(&line, overlong, out))
    }

    fn obey(&mut self, line: &[u8], overlong: bool, out: &mut Vec<u8>) -> Step {
        self.turns += 1;
        self.commands += 1;
        let Some(line) = line.strip_suffix(b"\r\n") else {
            // Postfix's smtpd_forbid_bare_newline does the same: what follows may be smuggled, so nothing
            // does.
            return self
                .answer(&Reply::new(521, "5.5.2", "Bare LF received, lines end in CRLF; closing"), out);
        };
        if self.commands > self.settings.limits.commands {
            return self.answer(&Reply::new(421, "4.7.0", "Too many commands without a mail, closing"), out);
        }
        if overlong {
            return self.answer(&Reply::new(500, "5.5.2", "Line too long"), out);
        }
        match command::parse(line) {
            Ok(command) => self.carry_out(command, out),
            Err(reply) => self.answer(&reply, out),
        }
    }

    fn take_text(&mut self, input: &[u8], out: &mut Vec<u8>) -> (usize, Step) {
        let Phase::Dots(dots, body) = &mut self.phase else { return (0, Step::Close) };
        let (taken, ended) = dots.take(input, body);
        if body.is_hopeless() {
            let read = body.read();
            self.noted(Fault::TooBig, read).write(out);
            return (taken, Step::Close);
        }
        if !ended {
            return (taken, Step::Read);
        }
        let Phase::Dots(_, body) = std::mem::replace(&mut self.phase, Phase::Line) else {
            return (taken, Step::Close);
        };
        (taken, self.complete(body, out))
    }

    fn take_chunk(&mut self, input: &[u8], out: &mut Vec<u8>) -> (usize, Step) {
        let Phase::Chunk { left, refused, .. } = &mut self.phase else { return (0, Step::Close) };
        let (piece, _) = input.split_at(input.len().min(*left));
        *left -= piece.len();
        let ended = *left == 0;
        if refused.is_none()
            && let Some((chunks, body)) = self.transaction.as_mut().and_then(|t| t.chunks.as_mut())
        {
            chunks.take(piece, body);
        }
        let step = if ended { self.chunk_ended(out) } else { Step::Read };
        (piece.len(), step)
    }

    /// Answers a chunk that is all here.
    pub(super) fn chunk_ended(&mut self, out: &mut Vec<u8>) -> Step {
        let Phase::Chunk { last, refused, .. } = std::mem::replace(&mut self.phase, Phase::Line) else {
            return Step::Close;
        };
        if let Some(reply) = refused {
            return self.answer(&reply, out);
        }
        let Some((chunks, mut body)) = self.transaction.as_mut().and_then(|t| t.chunks.take()) else {
            return Step::Close;
        };
        if last {
            chunks.finish(&mut body);
            return self.complete(body, out);
        }
        if let Some(fault @ (Fault::TooBig | Fault::NoRoom)) = body.fault() {
            let reply = self.noted(fault, body.read());
            self.reset();
            return self.answer(&reply, out);
        }
        let reply = Reply::new(250, "2.0.0", format!("{} octets received", body.read()));
        if let Some(transaction) = &mut self.transaction {
            transaction.chunks = Some((chunks, body));
        }
        self.answer(&reply, out)
    }

    /// The mail is all here: to the gate with it, or back with its fault.
    fn complete(&mut self, body: Body, out: &mut Vec<u8>) -> Step {
        let Some(transaction) = self.transaction.take() else { return Step::Close };
        self.reset();
        let envelope = transaction.envelope;
        let answers = if self.settings.dialect == Dialect::Lmtp { envelope.recipients.len() } else { 1 };
        if let Some(fault) = body.fault() {
            let reply = self.noted(fault, body.read());
            let step = self.conclude(&reply, answers, out);
            // Whoever sends such line ends may be smuggling: what follows this mail is not obeyed.
            return if fault == Fault::StrayLineEnd { Step::Close } else { step };
        }
        self.phase = Phase::Settling(answers);
        Step::Message(envelope, body.into_bytes())
    }

    fn noted(&mut self, fault: Fault, bytes: usize) -> Reply {
        let reply = complaint(fault);
        self.note = Some(Note { code: reply.code, bytes });
        reply
    }

    /// Forgets the transaction.
    pub(super) fn reset(&mut self) {
        (self.transaction, self.forwarded) = (None, None);
    }

    /// Writes the same answer for each recipient of an LMTP mail, or once.
    fn conclude(&mut self, reply: &Reply, answers: usize, out: &mut Vec<u8>) -> Step {
        for _ in 1..answers {
            reply.write(out);
        }
        self.answer(reply, out)
    }

    /// Writes an answer, and closes after one that says so or after too many errors.
    pub(super) fn answer(&mut self, reply: &Reply, out: &mut Vec<u8>) -> Step {
        self.turns += 1;
        reply.write(out);
        self.errors += usize::from(reply.is_error());
        if matches!(reply.code, 221 | 421 | 521) {
            return Step::Close;
        }
        if self.errors > self.settings.limits.errors {
            Reply::new(421, "4.7.0", "Too many errors, closing").write(out);
            return Step::Close;
        }
        Step::Read
    }

    /// Takes back the error just counted: a relay in front of us is not to blame for its users' typing.
    pub(super) fn forgive(&mut self) {
        self.errors = self.errors.saturating_sub(1);
    }
}

/// The answer to what the gate refuses. Only codes that keep the connection open pass.
pub(super) fn refusal(verdict: &Verdict) -> Reply {
    match verdict {
        Verdict::Accept => Reply::new(250, "2.0.0", "Ok"),
        Verdict::Refuse { code, enhanced, text } => {
            let code = Some(*code).filter(|code| (500..600).contains(code) && *code != 521).unwrap_or(550);
            Reply::new(code, enhanced, text.as_str())
        }
        Verdict::Later { enhanced, text } => Reply::new(451, enhanced, text.as_str()),
    }
}

fn complaint(fault: Fault) -> Reply {
    match fault {
        Fault::TooBig => Reply::new(552, "5.3.4", "Message is larger than the limit"),
        Fault::StrayLineEnd => Reply::new(550, "5.6.11", "Bare CR or LF in the message, lines end in CRLF"),
        Fault::NoRoom => Reply::new(452, "4.3.1", "Too much mail at once, try again later"),
    }
}

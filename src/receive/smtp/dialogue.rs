//! What each command does to a session: one small function per command, in the order of a dialogue.
//!
//! Knows the sequence rules of RFC 5321 §4.1.4 and RFC 2033 §4; reads no bytes.

use super::body::{Body, Chunks, Dots, patience};
use super::command::{Command, Hello, Mail};
use super::forward::{Address, Attributes};
use super::reply::Reply;
use super::session::{Phase, Session, Step, Transaction, refusal};
use super::{Dialect, Settings};
use crate::receive::{Envelope, Peer, Verdict};

impl Session {
    pub(super) fn carry_out(&mut self, command: Command, out: &mut Vec<u8>) -> Step {
        let reply = match command {
            Command::Hello(hello, name) => self.hello(hello, name),
            Command::Mail(mail) => self.mail(mail),
            Command::Rcpt(address) => match self.rcpt(address) {
                Ok(()) => return Step::Recipient,
                Err(reply) => reply,
            },
            Command::Data => self.data(),
            Command::Bdat(size, last) => return self.bdat(size, last, out),
            Command::StartTls => match self.starttls() {
                Ok(reply) => {
                    self.answer(&reply, out);
                    return Step::StartTls;
                }
                Err(reply) => reply,
            },
            Command::Noop => Reply::new(250, "2.0.0", "Ok"),
            Command::Rset => {
                self.reset();
                Reply::new(250, "2.0.0", "Ok")
            }
            Command::Vrfy => Reply::new(252, "2.5.2", "Send it some mail and see"),
            Command::Help => Reply::new(214, "2.0.0", "This server takes answers to demandes, see RFC 5321"),
            Command::Quit => Reply::new(221, "2.0.0", "Bye"),
            Command::XForward(said) => self.xforward(said),
            Command::XClient(said) => return self.xclient(said, out),
        };
        self.answer(&reply, out)
    }

    /// The recipient the gate must be asked about, and its envelope so far.
    pub fn asked(&self) -> Option<(&Envelope, &str)> {
        self.transaction.as_ref().map(|t| (&t.envelope, t.asked.as_str()))
    }

    /// What the gate says of the recipient.
    pub fn recipient(&mut self, verdict: &Verdict, out: &mut Vec<u8>) -> Step {
        if *verdict == Verdict::Accept {
            if let Some(transaction) = &mut self.transaction {
                transaction.envelope.recipients.push(std::mem::take(&mut transaction.asked));
            }
            return self.answer(&Reply::new(250, "2.1.5", "Ok"), out);
        }
        let step = self.answer(&refusal(verdict), out);
        if step == Step::Read && (self.peer.trusted || self.settings.dialect == Dialect::Lmtp) {
            self.forgive();
        }
        step
    }

    /// The handshake is done: nothing said before it counts (RFC 3207 §4.2).
    pub fn encrypted(&mut self) {
        self.reset();
        self.greeted = false;
        self.peer.helo.clear();
        self.peer.tls = true;
    }

    fn hello(&mut self, hello: Hello, name: String) -> Reply {
        let lmtp = self.settings.dialect == Dialect::Lmtp;
        if lmtp != (hello == Hello::Lhlo) {
            return Reply::new(
                500,
                "5.5.1",
                if lmtp { "Say LHLO, this is LMTP" } else { "Say EHLO, this is SMTP" },
            );
        }
        self.reset();
        self.greeted = true;
        self.peer.helo = name;
        let host = &self.settings.hostname;
        if hello == Hello::Helo {
            return Reply::new(250, "", host.as_str());
        }
        Reply::new(250, "", format!("{host}\n{}", extensions(&self.settings, &self.peer)))
    }

    fn mail(&mut self, mail: Mail) -> Reply {
        if !self.greeted {
            return Reply::new(503, "5.5.1", "Say hello first");
        }
        if self.transaction.is_some() {
            return Reply::new(503, "5.5.1", "MAIL was already given");
        }
        if mail.size > self.settings.limits.message {
            return Reply::new(552, "5.3.4", "Message is larger than the limit");
        }
        let peer = self.forwarded.clone().unwrap_or_else(|| self.peer.clone());
        let envelope = Envelope { sender: mail.sender, recipients: Vec::new(), peer };
        self.transaction = Some(Transaction { envelope, asked: String::new(), chunks: None });
        Reply::new(250, "2.1.0", "Ok")
    }

    fn rcpt(&mut self, address: String) -> Result<(), Reply> {
        let most = self.settings.limits.recipients;
        let Some(transaction) = self.transaction.as_mut().filter(|t| t.chunks.is_none()) else {
            return Err(Reply::new(503, "5.5.1", "RCPT comes after MAIL and before the message"));
        };
        if transaction.envelope.recipients.len() >= most {
            return Err(Reply::new(452, "4.5.3", "Too many recipients"));
        }
        transaction.asked = address;
        Ok(())
    }

    fn data(&mut self) -> Reply {
        if let Err(reply) = self.may_send(false) {
            return reply;
        }
        self.phase = Phase::Dots(Dots::new(), Body::new(self.settings.limits.message));
        Reply::new(354, "", "End with <CRLF>.<CRLF>")
    }

    /// A chunk is read even when it is refused, because its client may not wait for the answer (RFC 3030 §2).
    fn bdat(&mut self, size: usize, last: bool, out: &mut Vec<u8>) -> Step {
        if size > patience(self.settings.limits.message) {
            self.answer(&Reply::new(552, "5.3.4", "Message is larger than the limit"), out);
            return Step::Close;
        }
        let refused = self.may_send(true).err();
        let limit = self.settings.limits.message;
        if let Some(transaction) = self.transaction.as_mut().filter(|_| refused.is_none()) {
            transaction.chunks.get_or_insert_with(|| (Chunks::new(), Body::new(limit)));
        }
        self.phase = Phase::Chunk { left: size, last, refused };
        if size == 0 { self.chunk_ended(out) } else { Step::Read }
    }

    fn may_send(&self, chunked: bool) -> Result<(), Reply> {
        let Some(transaction) = &self.transaction else {
            return Err(Reply::new(503, "5.5.1", "MAIL and RCPT come first"));
        };
        if transaction.chunks.is_some() && !chunked {
            return Err(Reply::new(503, "5.5.1", "DATA and BDAT do not mix"));
        }
        if transaction.envelope.recipients.is_empty() {
            // RFC 2033 §4.2 wants 503 here, RFC 5321 §3.3 allows 554.
            let code = if self.settings.dialect == Dialect::Lmtp { 503 } else { 554 };
            return Err(Reply::new(code, "5.5.1", "No valid recipients"));
        }
        Ok(())
    }

    fn starttls(&mut self) -> Result<Reply, Reply> {
        if self.peer.tls {
            return Err(Reply::new(503, "5.5.1", "TLS is already on"));
        }
        if self.settings.tls.is_none() {
            return Err(Reply::new(502, "5.5.1", "Command not implemented"));
        }
        Ok(Reply::new(220, "2.0.0", "Ready to start TLS"))
    }

    fn xforward(&mut self, said: Attributes) -> Reply {
        if let Err(reply) = self.may_speak_for_others() {
            return reply;
        }
        let mut client = self.forwarded.take().unwrap_or_else(|| self.peer.clone());
        tell(&mut client, said);
        self.forwarded = Some(client);
        Reply::new(250, "2.0.0", "Ok")
    }

    /// Starts the session anew, as if the client itself had connected.
    fn xclient(&mut self, said: Attributes, out: &mut Vec<u8>) -> Step {
        if let Err(reply) = self.may_speak_for_others() {
            return self.answer(&reply, out);
        }
        self.reset();
        self.greeted = false;
        tell(&mut self.peer, said);
        self.greet(out);
        Step::Read
    }

    fn may_speak_for_others(&self) -> Result<(), Reply> {
        if !self.peer.trusted {
            return Err(Reply::new(550, "5.7.0", "Not allowed"));
        }
        if self.transaction.is_some() {
            return Err(Reply::new(503, "5.5.1", "Not in a transaction"));
        }
        Ok(())
    }
}

fn tell(peer: &mut Peer, said: Attributes) {
    match said.ip {
        Some(Address::Known(ip)) => peer.ip = Some(ip),
        Some(Address::Unavailable) => peer.ip = None,
        None => {}
    }
    if let Some(helo) = said.helo {
        peer.helo = helo;
    }
}

/// The lines after the first of the answer to EHLO.
fn extensions(settings: &Settings, peer: &Peer) -> String {
    let mut lines = format!(
        "PIPELINING\nSIZE {}\n8BITMIME\nSMTPUTF8\nENHANCEDSTATUSCODES\nCHUNKING",
        settings.limits.message
    );
    if settings.tls.is_some() && !peer.tls {
        lines.push_str("\nSTARTTLS");
    }
    if peer.trusted {
        lines.push_str("\nXFORWARD NAME ADDR PROTO HELO SOURCE\nXCLIENT NAME ADDR PROTO HELO");
    }
    lines
}

//! A DNS server of lies, on loopback: a table of records, and names that fail or never answer. Shared by the unit
//! tests of `mail::verdict` and the integration tests; stops when dropped.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use mail_auth::hickory_resolver::proto::op::{Message, MessageType, OpCode, ResponseCode};
use mail_auth::hickory_resolver::proto::rr::rdata::{A, TXT};
use mail_auth::hickory_resolver::proto::rr::{RData, Record, RecordType};

/// What the server says of a name. A name that is not in its table does not exist.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// One TXT record, cut into strings of 255 octets.
    Txt(String),
    /// One A record.
    A(Ipv4Addr),
    /// SERVFAIL.
    Fails,
    /// Nothing, ever.
    Hangs,
}

/// The server.
pub(crate) struct FakeDns {
    /// Where it listens: a value for `dns.resolver`.
    pub(crate) address: SocketAddr,
    table: Arc<Mutex<HashMap<String, Answer>>>,
    questions: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl FakeDns {
    /// A server that knows no name yet.
    pub(crate) fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        let mut dns = FakeDns {
            address: socket.local_addr().unwrap(),
            table: Arc::default(),
            questions: Arc::default(),
            stop: Arc::default(),
            thread: None,
        };
        let (table, questions, stop) = (dns.table.clone(), dns.questions.clone(), dns.stop.clone());
        dns.thread = Some(std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while !stop.load(Ordering::SeqCst) {
                let Ok((length, client)) = socket.recv_from(&mut buffer) else { continue };
                questions.fetch_add(1, Ordering::SeqCst);
                if let Some(answer) = reply(&buffer[..length], &table.lock().unwrap()) {
                    let _ = socket.send_to(&answer, client);
                }
            }
        }));
        dns
    }

    /// Adds or replaces a name, written without its final dot.
    pub(crate) fn with(self, name: &str, answer: Answer) -> Self {
        self.table.lock().unwrap().insert(format!("{}.", name.to_lowercase()), answer);
        self
    }

    /// [`FakeDns::with`] a TXT record.
    pub(crate) fn txt(self, name: &str, text: &str) -> Self {
        self.with(name, Answer::Txt(text.to_owned()))
    }

    /// How many questions came, repeated ones included.
    pub(crate) fn questions(&self) -> usize {
        self.questions.load(Ordering::SeqCst)
    }
}

impl Drop for FakeDns {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn reply(question: &[u8], table: &HashMap<String, Answer>) -> Option<Vec<u8>> {
    let asked = Message::from_vec(question).ok()?;
    let query = asked.queries.first()?.clone();
    let mut reply = Message::new(asked.metadata.id, MessageType::Response, OpCode::Query);
    reply.metadata.recursion_desired = true;
    reply.metadata.recursion_available = true;
    let mut answer = |data| {
        reply.add_answer(Record::from_rdata(query.name().clone(), 300, data));
    };
    match (table.get(&query.name().to_ascii().to_lowercase()), query.query_type()) {
        (None, _) => reply.metadata.response_code = ResponseCode::NXDomain,
        (Some(Answer::Fails), _) => reply.metadata.response_code = ResponseCode::ServFail,
        (Some(Answer::Hangs), _) => return None,
        (Some(Answer::Txt(text)), RecordType::TXT) => {
            answer(RData::TXT(TXT::from_bytes(text.as_bytes().chunks(255).collect())));
        }
        (Some(Answer::A(address)), RecordType::A) => answer(RData::A(A(*address))),
        (Some(_), _) => {}
    }
    reply.add_query(query);
    reply.to_vec().ok()
}

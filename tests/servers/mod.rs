//! The servers that `./tests/run` started, as tests see them: databases, mailboxes, the port of a relais behind
//! Postfix. Knows the environment variables of README.md beside this file; starts nothing itself.

mod mailbox;
mod postgres;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

pub(crate) use mailbox::Mailbox;
pub(crate) use postgres::Postgres;

/// The address of a server, from the environment; without it the test fails, it does not skip.
pub(crate) fn address(variable: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| panic!("{variable} is not set: run ./tests/run"))
}

/// Where Postfix hands over the mails for `demandes.example`: one relais at a time may listen there.
pub(crate) struct RelaisPort {
    /// `127.0.0.1:PORT`, for `lmtp.listen`.
    pub(crate) address: String,
    _turn: MutexGuard<'static, ()>,
}

impl RelaisPort {
    /// Waits for its turn; others wait until this value is dropped.
    pub(crate) fn take() -> Self {
        static TURN: Mutex<()> = Mutex::new(());
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        Self { address: address("RELAIS_TEST_LMTP"), _turn: turn }
    }
}

/// Asks every 20 ms until `condition` gives something; panics with `what` when it has not within `timeout`.
pub(crate) async fn wait_until<T>(
    what: &str,
    timeout: Duration,
    mut condition: impl AsyncFnMut() -> Option<T>,
) -> T {
    let end = Instant::now() + timeout;
    loop {
        if let Some(value) = condition().await {
            return value;
        }
        assert!(Instant::now() < end, "not within {timeout:?}: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

mod tests {
    use super::*;
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
    use tokio::net::{TcpListener, TcpStream};

    #[tokio::test]
    async fn a_fresh_database_answers_and_is_gone_afterwards() {
        let database = Postgres::fresh_database().await;
        let name = database.name.clone();
        assert_eq!(
            postgres::count(&database.url, "SELECT count(*) FROM pg_class WHERE relname = 'demandes'").await,
            0
        );
        let named = format!("SELECT count(*) FROM pg_database WHERE datname = '{name}'");
        let server = address("RELAIS_TEST_POSTGRES");
        assert_eq!(postgres::count(&server, &named).await, 1);
        drop(database);
        assert_eq!(postgres::count(&server, &named).await, 0);
    }

    #[tokio::test]
    async fn a_mail_through_postfix_reaches_its_mailbox_as_it_was() {
        let mailbox = Mailbox::of("Essai.Serveurs@valbrume.example");
        let mail = "From: <nadia@caf54.example>\r\nSubject: essai\r\n\
            Authentication-Results: mx.demandes.example; dkim=pass header.d=caf54.example\r\n\r\nBonjour\r\n";
        submit("essai.serveurs@valbrume.example", mail).await;
        let mails = mailbox.wait_for(1).await;
        let text = String::from_utf8_lossy(&mails[0]);
        assert!(
            text.contains("Authentication-Results: mx.demandes.example; dkim=pass header.d=caf54.example"),
            "{text}"
        );
        assert!(text.ends_with("Bonjour\n"), "{text}");
    }

    #[tokio::test]
    async fn postfix_hands_the_whole_address_to_whoever_listens_for_demandes() {
        let port = RelaisPort::take();
        let listener = TcpListener::bind(&port.address).await.unwrap();
        submit("traitee+a2b3c4@demandes.example", "Subject: essai\r\n\r\nBonjour\r\n").await;
        let (stream, _) = listener.accept().await.unwrap();
        assert_eq!(recipient_told_to(stream).await, "RCPT TO:<traitee+a2b3c4@demandes.example>");
    }

    /// Says yes until a recipient is named, then no for good: nothing stays in Postfix's queue.
    async fn recipient_told_to(stream: TcpStream) -> String {
        let mut stream = BufReader::new(stream);
        stream.write_all(b"220 essai LMTP\r\n").await.unwrap();
        let mut recipient = String::new();
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.unwrap() == 0 || line.starts_with("QUIT") {
                return recipient;
            }
            let answer: &[u8] = if line.starts_with("RCPT") { b"550 5.1.1 essai\r\n" } else { b"250 ok\r\n" };
            if line.starts_with("RCPT") {
                line.trim_end().clone_into(&mut recipient);
            }
            stream.write_all(answer).await.unwrap();
        }
    }

    async fn submit(to: &str, mail: &str) {
        let stream = TcpStream::connect(address("RELAIS_TEST_POSTFIX")).await.unwrap();
        let mut stream = BufReader::new(stream);
        let said = format!("{mail}.\r\nQUIT\r\n");
        let rcpt = format!("RCPT TO:<{to}>\r\n");
        let mut answer = String::new();
        for line in ["", "HELO essai.example\r\n", "MAIL FROM:<>\r\n", &rcpt, "DATA\r\n", &said] {
            stream.write_all(line.as_bytes()).await.unwrap();
            answer.clear();
            stream.read_line(&mut answer).await.unwrap();
            assert!(answer.starts_with(['2', '3']), "{line} {answer}");
        }
    }
}

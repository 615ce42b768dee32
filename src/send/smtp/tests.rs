//! Against a scripted relay that answers, hangs or drops at each step.

use std::collections::HashMap;
use std::sync::Mutex;

use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::send::{courier, parcel};

#[derive(Clone, Copy)]
enum Act {
    Say(&'static str),
    Hang,
    Drop,
}

/// What the relay does at each step (a verb, or `greeting`, `text`), and what it saw.
#[derive(Default)]
struct Script {
    acts: Mutex<HashMap<&'static str, Act>>,
    seen: Mutex<Vec<String>>,
    mails: Mutex<Vec<String>>,
    tls: Option<Arc<ServerConfig>>,
}

impl Script {
    fn act(&self, step: &str) -> Act {
        let usual = match step {
            "greeting" => "220 relay.test ESMTP",
            "EHLO" => "250-relay.test\r\n250-SIZE 1000\r\n250-8BITMIME\r\n250-DSN\r\n250 AUTH PLAIN",
            "DATA" => "354 go on",
            "text" => "250 2.0.0 Ok: queued as 42",
            "AUTH" => "235 2.7.0 ok",
            "QUIT" => "221 2.0.0 bye",
            "STARTTLS" => "220 2.0.0 go",
            _ => "250 2.1.0 ok",
        };
        self.acts.lock().unwrap().get(step).copied().unwrap_or(Act::Say(usual))
    }

    fn set(&self, step: &'static str, act: Act) {
        self.acts.lock().unwrap().insert(step, act);
    }

    fn connections(&self) -> usize {
        self.seen().iter().filter(|line| *line == "connected").count()
    }

    fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    fn see(&self, line: &str) {
        self.seen.lock().unwrap().push(line.trim_end().to_owned());
    }
}

async fn relay(script: Script) -> (Arc<Script>, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let script = Arc::new(script);
    let scripted = script.clone();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(attend(stream, scripted.clone()));
        }
    });
    (script, address)
}

async fn attend(stream: TcpStream, script: Arc<Script>) {
    script.see("connected");
    let mut stream = BufReader::new(stream);
    if play(&mut stream, &script, "greeting").await && converse(&mut stream, &script).await {
        let acceptor = TlsAcceptor::from(script.tls.clone().unwrap());
        let mut stream = BufReader::new(acceptor.accept(stream.into_inner()).await.unwrap());
        converse(&mut stream, &script).await;
    }
}

/// False when the connection is to be dropped.
async fn play(stream: &mut (impl AsyncWrite + Unpin), script: &Script, step: &str) -> bool {
    match script.act(step) {
        Act::Say(line) => stream.write_all(format!("{line}\r\n").as_bytes()).await.is_ok(),
        Act::Hang => std::future::pending().await,
        Act::Drop => false,
    }
}

/// True when STARTTLS was accepted.
async fn converse(stream: &mut BufReader<impl AsyncRead + AsyncWrite + Unpin>, script: &Script) -> bool {
    let mut line = String::new();
    while stream.read_line(&mut line).await.is_ok_and(|read| read > 0) {
        script.see(&line);
        let verb = line.split_whitespace().next().unwrap_or_default().to_owned();
        if !play(stream, script, &verb).await {
            return false;
        }
        if verb == "STARTTLS" {
            return matches!(script.act("STARTTLS"), Act::Say(line) if line.starts_with("220"));
        }
        if verb == "DATA" && matches!(script.act("DATA"), Act::Say(line) if line.starts_with("354")) {
            let mut mail = String::new();
            while !mail.ends_with("\r\n.\r\n") && stream.read_line(&mut mail).await.is_ok_and(|read| read > 0)
            {
            }
            script.mails.lock().unwrap().push(mail);
            if !play(stream, script, "text").await {
                return false;
            }
        }
        line.clear();
    }
    false
}

fn quick() -> Pace {
    Pace {
        connect: Duration::from_millis(300),
        transaction: Duration::from_millis(300),
        idle: Duration::from_millis(200),
        connections: 2,
    }
}

fn to(address: &str, rest: &str) -> Smtp {
    let relay = Relay::parse(&format!("smtp://{address}{rest}")).unwrap();
    Smtp::new(relay, "us.test").unwrap().at_pace(quick())
}

fn kind(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Delivered { .. } => "delivered",
        Outcome::Again { .. } => "again",
        Outcome::Refused { .. } => "refused",
    }
}

#[tokio::test]
async fn a_mail_arrives_as_it_is() {
    let (script, address) = relay(Script::default()).await;
    let smtp = to(&address, "?starttls=none");
    let answer = "250 2.0.0 Ok: queued as 42".to_owned();
    assert_eq!(smtp.deliver(&parcel("x@c.test")).await, Outcome::Delivered { answer });
    assert_eq!(
        script.seen()[1..5],
        ["EHLO us.test", "MAIL FROM:<r+x@in.test> SIZE=25 ENVID=n1", "RCPT TO:<x@c.test>", "DATA"]
    );
    assert_eq!(script.mails.lock().unwrap()[0], "Subject: x\r\n\r\n..y\r\n...\r\nz\r\n.\r\n");
    let report = Parcel { from: String::new(), bytes: "é\r\n".into(), envid: None, ..parcel("x@c.test") };
    assert_eq!(kind(&smtp.deliver(&report).await), "delivered");
    assert!(script.seen().contains(&"MAIL FROM:<> SIZE=4 BODY=8BITMIME".to_owned()), "{:?}", script.seen());
    assert_eq!(script.connections(), 1, "the connection is used again");
}

#[tokio::test]
async fn every_answer_at_every_step() {
    let four = Act::Say("450 4.2.0 later");
    let five = Act::Say("550 5.1.1 unknown");
    let closing = Act::Say("421 4.3.2 closing");
    for (step, on_five) in [
        ("greeting", "again"),
        ("EHLO", "again"),
        ("MAIL", "refused"),
        ("RCPT", "refused"),
        ("DATA", "refused"),
        ("text", "refused"),
    ] {
        for (act, wanted) in
            [(four, "again"), (five, on_five), (closing, "again"), (Act::Hang, "again"), (Act::Drop, "again")]
        {
            let (script, address) = relay(Script::default()).await;
            script.set(step, act);
            let smtp = to(&address, "?starttls=none");
            let outcome = smtp.deliver(&parcel("x@c.test")).await;
            assert_eq!(kind(&outcome), wanted, "{step}: {outcome:?}");
            if let Outcome::Refused { answer, code } = outcome {
                assert_eq!((answer.as_str(), code), ("550 5.1.1 unknown", Some(550)));
            }
            script.acts.lock().unwrap().clear();
            let after = smtp.deliver(&parcel("x@c.test")).await;
            assert_eq!(kind(&after), "delivered", "after {step}: {after:?}");
        }
    }
    let nobody = to("127.0.0.1:1", "?starttls=none");
    assert_eq!(kind(&nobody.deliver(&parcel("x@c.test")).await), "again");
}

#[tokio::test]
async fn a_refused_recipient_leaves_the_connection_usable() {
    let (script, address) = relay(Script::default()).await;
    let smtp = to(&address, "?starttls=none");
    script.set("RCPT", Act::Say("550 5.1.1 unknown"));
    smtp.deliver(&parcel("x@c.test")).await;
    script.acts.lock().unwrap().clear();
    assert_eq!(kind(&smtp.deliver(&parcel("x@c.test")).await), "delivered");
    assert_eq!(script.connections(), 1);
    assert!(script.seen().contains(&"RSET".to_owned()));
}

#[tokio::test]
async fn a_connection_that_went_away_unused_is_replaced_at_once() {
    for act in [Act::Drop, Act::Say("421 4.4.2 idle for too long")] {
        let (script, address) = relay(Script::default()).await;
        let smtp = to(&address, "?starttls=none");
        smtp.deliver(&parcel("x@c.test")).await;
        script.set("MAIL", act);
        let again = tokio::spawn({
            let script = script.clone();
            async move {
                while script.connections() < 2 {
                    tokio::task::yield_now().await;
                }
                script.acts.lock().unwrap().clear();
            }
        });
        assert_eq!(kind(&smtp.deliver(&parcel("x@c.test")).await), "delivered");
        again.await.unwrap();
        assert_eq!(script.connections(), 2);
    }
}

#[tokio::test]
async fn connections_are_few_and_end_with_quit() {
    let (script, address) = relay(Script::default()).await;
    let smtp = to(&address, "?starttls=none");
    let parcels: Vec<_> = (0..20).map(|n| parcel(&format!("x{n}@c.test"))).collect();
    let outcomes = futures::future::join_all(parcels.iter().map(|parcel| smtp.deliver(parcel))).await;
    assert!(outcomes.iter().all(|outcome| kind(outcome) == "delivered"));
    assert!(script.connections() <= 2, "{}", script.connections());
    tokio::time::sleep(Duration::from_millis(600)).await;
    let quits = script.seen().iter().filter(|line| *line == "QUIT").count();
    assert_eq!(quits, script.connections(), "idle connections are closed");
    smtp.deliver(&parcels[0]).await;
    smtp.close().await;
    assert_eq!(script.seen().last().map(String::as_str), Some("QUIT"));
}

#[tokio::test]
async fn a_login_is_used_and_its_failure_is_not_the_recipients() {
    let (script, address) = relay(Script::default()).await;
    let port = address.rsplit(':').next().unwrap();
    let relay = format!("smtp://me:secret@127.0.0.1:{port}?starttls=none");
    let smtp = Smtp::new(Relay::parse(&relay).unwrap(), "us.test").unwrap().at_pace(quick());
    script.set("AUTH", Act::Say("535 5.7.8 wrong password"));
    let answer = "535 5.7.8 wrong password".to_owned();
    assert_eq!(smtp.deliver(&parcel("x@c.test")).await, Outcome::Again { answer });
    script.acts.lock().unwrap().clear();
    assert_eq!(kind(&smtp.deliver(&parcel("x@c.test")).await), "delivered");
    assert!(script.seen().contains(&"AUTH PLAIN AG1lAHNlY3JldA==".to_owned()), "{:?}", script.seen());
    script.set("MAIL", Act::Say("530 5.7.0 authentication required"));
    assert_eq!(kind(&smtp.deliver(&parcel("x@c.test")).await), "again");
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_without_asking() {
    let (script, address) = relay(Script::default()).await;
    let smtp = to(&address, "?starttls=none");
    for bad in ["x@c.test>\r\nRCPT TO:<y@c.test", "x y@c.test", "", "nobody"] {
        let wanted = Outcome::Refused { answer: "not an address".to_owned(), code: None };
        assert_eq!(smtp.deliver(&parcel(bad)).await, wanted);
    }
    let dot = Parcel { bytes: b".\r\nMAIL FROM:<>\r\n".into(), ..parcel("x@c.test") };
    assert_eq!(kind(&smtp.deliver(&dot).await), "refused");
    assert_eq!(script.connections(), 0);
    let big = Parcel { bytes: vec![b'x'; 1001], ..parcel("x@c.test") };
    assert!(matches!(smtp.deliver(&big).await, Outcome::Refused { code: Some(552), .. }));
    assert!(matches!(smtp.deliver(&parcel("é@c.test")).await, Outcome::Refused { code: Some(553), .. }));
    assert!(!script.seen().iter().any(|line| line.starts_with("MAIL")));
}

fn certificate() -> (Arc<ServerConfig>, Arc<ClientConfig>) {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let server = ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    (Arc::new(server), Arc::new(client))
}

#[tokio::test]
async fn starttls_as_asked() {
    let (server, client) = certificate();
    let (script, address) = relay(Script { tls: Some(server), ..Script::default() }).await;
    let port = address.rsplit(':').next().unwrap();
    let url = |how: &str| Relay::parse(&format!("smtp://localhost:{port}?starttls={how}")).unwrap();
    let required = Smtp::with_tls(url("required"), "us.test", client).at_pace(quick());
    assert_eq!(kind(&required.deliver(&parcel("x@c.test")).await), "again", "not offered");
    assert!(!script.seen().iter().any(|line| line.starts_with("MAIL")));
    let opportunistic = Smtp::new(url("opportunistic"), "us.test").unwrap().at_pace(quick());
    assert_eq!(kind(&opportunistic.deliver(&parcel("x@c.test")).await), "delivered", "in clear");

    script.set("EHLO", Act::Say("250-relay.test\r\n250 STARTTLS"));
    assert_eq!(kind(&required.deliver(&parcel("x@c.test")).await), "delivered");
    let opportunistic = Smtp::new(url("opportunistic"), "us.test").unwrap().at_pace(quick());
    assert_eq!(kind(&opportunistic.deliver(&parcel("x@c.test")).await), "delivered", "any certificate");
    assert_eq!(script.seen().iter().filter(|line| *line == "STARTTLS").count(), 2);
    let (_, stranger) = certificate();
    let distrustful = Smtp::with_tls(url("required"), "us.test", stranger).at_pace(quick());
    assert_eq!(kind(&distrustful.deliver(&parcel("x@c.test")).await), "again");
}

#[tokio::test]
async fn a_courier_by_its_url() {
    let folder = tempfile::tempdir().unwrap();
    let way = courier(&format!("folder:{}", folder.path().display()), "us.test").unwrap();
    assert_eq!(kind(&way.deliver(&parcel("x@c.test")).await), "delivered");
    let (script, address) = relay(Script::default()).await;
    let way = courier(&format!("smtp://{address}"), "us.test").unwrap();
    assert_eq!(kind(&way.deliver(&parcel("x@c.test")).await), "delivered");
    assert_eq!(script.mails.lock().unwrap().len(), 1);
    assert!(courier("ftp://x", "us.test").is_err());
}

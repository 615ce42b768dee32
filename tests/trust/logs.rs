//! The log of a whole life: one line an event, and no personal datum in it.

use std::io::Write;
use std::sync::{Arc, Mutex};

use tracing_subscriber::fmt::MakeWriter;

use super::house::{CAF, House, KARIM, LEA, MINUTE, Mail, NADIA, OMAR, PAUL};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Lines;

    fn make_writer(&'a self) -> Lines {
        self.clone()
    }
}

/// Everything that a person could be known by in this life.
const PERSONAL: &[&str] = &[
    "Nadia",
    "Benali",
    "Omar",
    "Petit",
    "Léa",
    "Lea",
    "Martin",
    "Karim",
    "Haddad",
    "Paul",
    "Girard",
    "Zorglub",
    "Valbrume",
    "valbrume",
    "caf54",
    "CAF 54",
    "cpam54",
    "Droits suspendus",
    "Deux courriers",
    "bail",
    "procureur",
    "temoin",
    "mechant",
    "secret.pdf",
    "006 084",
    "reponse+",
    "@",
];

#[tokio::test]
async fn a_whole_life_leaves_no_personal_datum_in_the_log() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(lines.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    // Tests beside this one have no subscriber. With one dispatcher alone, tracing asks that of the thread which meets an
    // event first, and switches it off for all: with two, it asks both.
    let second = tracing::Dispatch::new(tracing_subscriber::registry());
    tracing::callsite::rebuild_interest_cache();
    life().await;
    drop((guard, second));
    let log = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    // Other libraries say what they do at TRACE: what counts is what an operator can switch on for relais.
    let ours: Vec<&str> = log.lines().filter(|line| line.contains("relais::")).collect();
    assert!(ours.iter().filter(|line| line.contains("decided")).count() > 8, "{log}");
    assert!(ours.iter().filter(|line| line.contains("worked")).count() > 20, "{log}");
    for line in &ours {
        let found: Vec<_> = PERSONAL.iter().filter(|datum| line.contains(**datum)).collect();
        assert!(found.is_empty(), "{found:?} in {line}");
    }
    // An event of ours is one line: every line of the log begins with its time.
    for line in log.lines() {
        assert!(line.trim_start().starts_with("20"), "a line of its own: {line}");
        assert!(!line.chars().any(char::is_control), "{line:?}");
    }
}

/// Acts, notes, refusals, strangers, machines, hostile values.
async fn life() {
    let house = House::open().await;
    let evil = "Droits suspendus\r\n2026-11-24T10:00:00Z ERROR relais::faux\u{1b}[31m{{ Benali }}";
    house
        .receives(&Mail::new(LEA, &house.address_of(LEA), "Il manque le bail, NIR 2 85 05 78 006 084 36."))
        .await;
    house.receives(&Mail::new(KARIM, &house.address_of(KARIM), "!note\nChez le procureur")).await;
    house
        .receives(
            &Mail::new(LEA, &house.address_of(LEA), evil)
                .with(&[("secret.pdf.exe", "application/pdf", b"MZ")])
                .field("Subject: =?utf-8?Q?a=0D=0AERROR_Benali?="),
        )
        .await;
    house.receives(&Mail::new("temoin@mechant.example", &house.address_of(LEA), "Benali ?")).await;
    house.receives(&Mail::new("temoin@mechant.example", "notification@demandes.example", "Benali ?")).await;
    house.receives(&Mail::new(PAUL, "notification@demandes.example", "Zorglub ?")).await;
    house.receives(&Mail::new(PAUL, &house.address_of(PAUL), "!Benali")).await;
    house.receives(&Mail::new(OMAR, &house.address_of(LEA), "!note\nZorglub")).await;
    house.receives(&Mail::new(CAF, &house.address_of(CAF), "Zorglub")).await;
    let absence = Mail::new(PAUL, &house.address_of(PAUL), "Absent, voyez Léa Martin.");
    house.receives(&absence.field("Auto-Submitted: auto-replied")).await;
    house.receives(&Mail::new(LEA, &house.address_of(LEA), "traitée")).await;
    house.works_later(11 * MINUTE).await;
    house.receives(&Mail::new(NADIA, &house.last_to(NADIA).reply_to(), "clore oui")).await;
    house.works_later(11 * MINUTE).await;
    let mut broken = Mail::new(LEA, &house.address_of(LEA), "");
    broken.content = b"Content-Type: multipart/mixed; boundary=\"Benali\r\n\r\n--\xff\xfe".to_vec();
    house.receives(&broken).await;
}

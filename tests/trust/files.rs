//! Files on the whole road: what is withheld and said so, what is scanned, and that nothing unscanned is served.

use relais::store::audit;
use relais::store::inbox::State;

use super::house::{CAF, House, KARIM, LEA, MINUTE, Mail, NADIA};
use crate::servers;

const VIRUS: &[u8] = b"debut RELAIS-ESSAI-VIRUS-0123456789 fin";
const PDF: (&str, &str, &[u8]) = ("bail.pdf", "application/pdf", b"%PDF-1.7 un bail");

async fn audited(house: &House) -> Vec<(String, serde_json::Value)> {
    let lines = audit::of_demande(&mut house.office.db.read().await.unwrap(), house.demande).await.unwrap();
    lines.into_iter().map(|line| (line.what, line.detail)).collect()
}

#[tokio::test]
async fn the_text_is_posted_without_the_file_that_is_withheld() {
    let house = House::open().await;
    let cases: [(&str, &[u8], &str); 5] = [
        ("facture.pdf.exe", b"x", "programme"),
        ("facture.pdf", b"\x7fELF", "programme"),
        ("dossier.zip", b"PK\x03\x04\x14\0\x01\0", "mot de passe"),
        ("dossier.zed", b"x", "mot de passe"),
        ("courrier.html", b"<html><script>x</script>", "contient un programme"),
    ];
    for (name, bytes, told) in cases {
        let mail = Mail::new(LEA, &house.address_of(LEA), &format!("Voici {name}."))
            .with(&[PDF, (name, "application/pdf", bytes)]);
        assert_eq!(house.receives(&mail).await.state, State::Done, "{name}");
        let shown = house.last_to(NADIA);
        assert!(shown.text.contains(&format!("Voici {name}.")), "{}", shown.text);
        assert_eq!(shown.files, ["bail.pdf"], "{name}");
        assert!(house.last_to(LEA).text.contains(told), "{name}: {}", house.last_to(LEA).text);
    }
    let withheld = audited(&house).await.into_iter().filter(|(what, _)| what == "fichier_retenu").count();
    assert_eq!(withheld, cases.len());
}

#[tokio::test]
async fn nothing_but_a_withheld_file_is_refused_for_that_reason() {
    let house = House::open().await;
    let mail = Mail::new(LEA, &house.address_of(LEA), "").with(&[("a.exe", "application/pdf", b"x")]);
    let row = house.receives(&mail).await;
    assert_eq!((row.state, row.reason.as_deref()), (State::Refused, Some("fichier_refuse")));
    assert!(house.last_to(LEA).text.contains("programme"), "{}", house.last_to(LEA).text);
    assert!(house.scene().await.demande.entries.is_empty());
}

#[tokio::test]
async fn a_file_of_more_than_twenty_megabytes_stays_behind() {
    let house = House::open().await;
    let large = vec![b'x'; (20 << 20) + 1];
    let mail =
        Mail::new(LEA, &house.address_of(LEA), "Voici.").with(&[("trop.txt", "text/plain", &large), PDF]);
    house.receives(&mail).await;
    assert_eq!(house.last_to(NADIA).files, ["bail.pdf"]);
    assert!(house.last_to(LEA).text.contains("trop volumineux"), "{}", house.last_to(LEA).text);
}

#[tokio::test]
async fn a_masked_mailbox_gets_the_names_of_files_and_not_what_cannot_be_masked() {
    let house = House::open().await;
    let mail = Mail::new(NADIA, &house.address_of_reader(NADIA).await, "Voici la carte.").with(&[(
        "carte 2 85 05 78 006 084 36.pdf",
        "application/pdf",
        b"%PDF-1.7 285057800608436",
    )]);
    house.receives(&mail).await;
    assert_eq!(house.last_to(LEA).files.len(), 1, "a named participant gets it");
    let shown = house.last_to(CAF);
    assert!(shown.text.contains("carte") && shown.files.is_empty(), "{}", shown.text);
    assert!(!shown.whole.contains("006 084") && !shown.whole.contains("285057800608436"), "{}", shown.whole);
}

#[tokio::test]
async fn clamd_finds_what_it_knows_and_the_rest_is_served() {
    let house = House::open_with(&[&format!("scan.clamd={}", servers::address("RELAIS_TEST_CLAMD"))]).await;
    let mail =
        Mail::new(LEA, &house.address_of(LEA), "Voici.").with(&[PDF, ("note.txt", "text/plain", VIRUS)]);
    assert_eq!(house.receives(&mail).await.state, State::Done);
    assert_eq!(house.last_to(NADIA).files, ["bail.pdf"]);
    assert!(house.last_to(LEA).text.contains("antivirus"), "{}", house.last_to(LEA).text);
    for sent in house.all() {
        assert!(!sent.whole.contains("RELAIS-ESSAI-VIRUS"), "to {}", sent.to);
    }
    let found = audited(&house).await.into_iter().find(|(what, _)| what == "fichier_retenu").unwrap().1;
    assert_eq!(found["viruses"], serde_json::json!(["Relais.Essai.UNOFFICIAL"]));
}

#[tokio::test]
async fn while_the_scanner_is_away_mails_with_files_wait() {
    let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    drop(socket);
    let house = House::open_with(&[&format!("scan.clamd={address}")]).await;
    let before = house.all().len();
    let waiting = Mail::new(LEA, &house.address_of(LEA), "Voici.").with(&[PDF]);
    let row = house.receives(&waiting).await;
    assert_eq!((row.state, house.all().len()), (State::New, before));
    assert!(row.reason.as_deref().unwrap_or_default().contains("scanner"), "{row:?}");
    let row_without = house.receives(&Mail::new(KARIM, &house.address_of(KARIM), "Bonjour.")).await;
    assert_eq!(row_without.state, State::Done, "mails without files go on: {row_without:?}");
    // It comes back, and says yes to everything.
    let socket = tokio::net::TcpListener::bind(address).await.unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = socket.accept().await.unwrap();
            says_ok(stream).await.unwrap();
        }
    });
    house.works_later(20 * MINUTE).await;
    assert_eq!(house.row(row.id).await.state, State::Done);
    assert_eq!(house.last_to(NADIA).files, ["bail.pdf"]);
}

/// One stream, whatever is in it.
async fn says_ok(mut stream: tokio::net::TcpStream) -> std::io::Result<()> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    stream.read_exact(&mut [0; 10]).await?;
    loop {
        let length = stream.read_u32().await?;
        if length == 0 {
            return stream.write_all(b"stream: OK\0").await;
        }
        let mut chunk = vec![0; usize::try_from(length).unwrap()];
        stream.read_exact(&mut chunk).await?;
    }
}

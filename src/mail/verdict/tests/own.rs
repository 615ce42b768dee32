//! Our own checks, against a DNS of ours.

use mail_auth::arc::ArcSealer;
use mail_auth::common::crypto::Ed25519Key;
use mail_auth::common::headers::HeaderWriter;
use mail_auth::dkim::DkimSigner;
use mail_auth::{AuthenticatedMessage, AuthenticationResults};

use super::dns::{Answer, FakeDns};
use super::*;

const MAIL: &str = "From: Alice <alice@caf.example>\r\nTo: reponse@relais.example\r\nSubject: bonjour\r\n\
    Message-ID: <1@caf.example>\r\nDate: Tue, 24 Nov 2026 10:00:00 +0100\r\n\r\nLe dossier est complet.\r\n";

/// The key pair of RFC 8463 appendix A: everybody knows it.
const SEED: [u8; 32] = [
    0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4, 0x44,
    0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
];
const PUBLIC: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

fn key() -> Ed25519Key {
    let public = data_encoding::BASE64.decode(PUBLIC.as_bytes()).unwrap();
    Ed25519Key::from_seed_and_public_key(&SEED, &public).unwrap()
}

fn record() -> String {
    format!("v=DKIM1; k=ed25519; p={PUBLIC}")
}

fn signed_by(domain: &str, fields: &[&str], mail: &str) -> String {
    let signer = DkimSigner::from_key(key()).domain(domain).selector("s1").headers(fields.iter().copied());
    format!("{}{mail}", signer.sign(mail.as_bytes()).unwrap().to_header())
}

fn signed(domain: &str) -> String {
    signed_by(domain, &["From", "To", "Subject", "Message-ID"], MAIL)
}

fn judge_at(dns: &FakeDns) -> Judge {
    let settings = Settings { dns: Dns::At(dns.address), authserv_id: None, ..settings() };
    Judge::new(settings).unwrap()
}

async fn verdict(dns: &FakeDns, mail: &str) -> Trust {
    judge(&judge_at(dns), mail.as_bytes(), &PeerFacts::default()).await
}

fn with_keys() -> FakeDns {
    let mut dns = FakeDns::start();
    for domain in [
        "caf.example",
        "mail.caf.example",
        "spam.example",
        "b.gouv.example",
        "gouv.example",
        "sealer.example",
    ] {
        dns = dns.txt(&format!("s1._domainkey.{domain}"), &record());
    }
    dns
}

#[tokio::test]
async fn a_signature_of_the_organisation_passes_and_no_other() {
    let dns = with_keys();
    for (domain, expected) in [
        ("caf.example", Alignment::Pass),
        ("mail.caf.example", Alignment::Pass),
        ("spam.example", Alignment::None),
    ] {
        let trust = verdict(&dns, &signed(domain)).await;
        assert_eq!(trust.alignment, expected, "{domain} {:?}", trust.facts);
    }
    assert_eq!(verdict(&dns, &signed("caf.example")).await.via, Via::Dkim);
    assert_eq!(verdict(&dns, MAIL).await.alignment, Alignment::None);
}

/// Signed by dkimpy 1.1.8 with a key of 2048 bits that was thrown away.
#[tokio::test]
async fn another_programs_signature_is_verified() {
    let dns = FakeDns::start()
        .txt("rsa1._domainkey.caf.example", include_str!("signed/rsa1._domainkey.caf.example.txt").trim());
    for mail in [include_str!("signed/dkimpy-relaxed.eml"), include_str!("signed/dkimpy-simple.eml")] {
        let trust = verdict(&dns, mail).await;
        assert_eq!(trust.alignment, Alignment::Pass, "{:?}", trust.facts);
        let changed = mail.replace("=C2=B0_12", "=C2=B0_13");
        assert_eq!(verdict(&dns, &changed).await.alignment, Alignment::Fail);
    }
}

#[tokio::test]
async fn a_ministry_does_not_sign_for_another_whatever_their_suffix_publishes() {
    let dns = with_keys().txt("_dmarc.gouv.example", "v=DMARC1; p=reject; adkim=r");
    let mail = MAIL.replace("alice@caf.example", "alice@a.gouv.example");
    for domain in ["b.gouv.example", "gouv.example"] {
        let trust = verdict(&dns, &signed_by(domain, &["From", "Subject"], &mail)).await;
        assert_eq!(trust.alignment, Alignment::None, "{domain} {:?}", trust.facts);
    }
}

#[tokio::test]
async fn any_signature_may_be_the_good_one() {
    let twice = signed_by(
        "caf.example",
        &["From", "Subject"],
        &signed_by("spam.example", &["From", "Subject"], MAIL),
    );
    let trust = verdict(&with_keys(), &twice).await;
    assert_eq!(trust.alignment, Alignment::Pass);
    assert_eq!(trust.facts.iter().filter(|fact| fact.method == Method::Dkim).count(), 2, "{:?}", trust.facts);
}

#[tokio::test]
async fn a_changed_mail_fails() {
    let dns = with_keys();
    let mail = signed("caf.example");
    for changed in [
        mail.replace("complet", "incomplet"),
        mail.replace("Subject: bonjour", "Subject: urgent"),
        mail.replace("Alice", "Bob"),
        mail.replace("To: reponse", "To: autre"),
        mail.replace("s=s1", "s=s2"),
    ] {
        let trust = verdict(&dns, &changed).await;
        assert_eq!((trust.alignment, trust.via), (Alignment::Fail, Via::Dkim), "{changed}");
    }
}

#[tokio::test]
async fn a_signed_mail_does_not_take_a_second_subject() {
    let dns = with_keys();
    let covered = signed_by("caf.example", &["From", "Subject", "Subject"], MAIL);
    assert_eq!(verdict(&dns, &covered).await.alignment, Alignment::Pass);
    for mail in [
        format!("Subject: urgent\r\n{}", signed("caf.example")),
        format!("Subject : urgent\r\n{covered}"),
        format!("Sub ject: urgent\r\n{covered}"),
        format!("Subject: urgent\r\n{covered}"),
        signed_by("caf.example", &["From", "To"], MAIL),
        signed_by("caf.example", &["Subject", "To"], MAIL),
    ] {
        assert_eq!(verdict(&dns, &mail).await.alignment, Alignment::Fail, "{mail}");
    }
}

#[tokio::test]
async fn a_signed_mail_does_not_take_a_second_content_type() {
    let typed = MAIL.replace("To: ", "Content-Type: text/plain\r\nTo: ");
    let signed = signed_by("caf.example", &["From", "Subject"], &typed);
    assert_eq!(verdict(&with_keys(), &signed).await.alignment, Alignment::Pass);
    let twice = format!("Content-Type: multipart/mixed; boundary=Le\r\n{signed}");
    assert_eq!(verdict(&with_keys(), &twice).await.alignment, Alignment::Fail);
}

#[tokio::test]
async fn a_length_covers_nothing() {
    let signer =
        DkimSigner::from_key(key()).domain("caf.example").selector("s1").headers(["From", "Subject"]);
    let header = signer.body_length(true).sign(MAIL.as_bytes()).unwrap().to_header();
    assert!(header.contains("l="), "{header}");
    for mail in [format!("{header}{MAIL}"), format!("{header}{MAIL}\r\nTraitée\r\n")] {
        let trust = verdict(&with_keys(), &mail).await;
        assert_eq!(trust.alignment, Alignment::Fail, "{:?}", trust.facts);
    }
}

#[tokio::test]
async fn a_missing_answer_is_never_a_pass() {
    for answer in [Answer::Fails, Answer::Hangs] {
        let dns = FakeDns::start().with("s1._domainkey.caf.example", answer);
        let trust = verdict(&dns, &signed("caf.example")).await;
        assert_eq!(trust.alignment, Alignment::Temporary, "{:?}", trust.facts);
    }
    let nowhere = FakeDns::start();
    let trust = verdict(&nowhere, &signed("caf.example")).await;
    assert_eq!(trust.alignment, Alignment::Fail, "the name does not exist: {:?}", trust.facts);
}

#[tokio::test]
async fn a_stranger_whose_dns_hangs_delays_but_hides_nothing() {
    let dns = with_keys().with("s2._domainkey.spam.example", Answer::Hangs);
    let stranger = DkimSigner::from_key(key()).domain("spam.example").selector("s2").headers(["From"]);
    let mail = signed("caf.example");
    let mail = format!("{}{mail}", stranger.sign(mail.as_bytes()).unwrap().to_header());
    assert_eq!(verdict(&dns, &mail).await.alignment, Alignment::Pass);
    let alone = format!("{}{MAIL}", stranger.sign(MAIL.as_bytes()).unwrap().to_header());
    assert_eq!(verdict(&dns, &alone).await.alignment, Alignment::None);
}

#[tokio::test]
async fn no_resolver_at_all_is_temporary() {
    let closed = std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let settings = Settings { dns: Dns::At(closed), authserv_id: None, ..settings() };
    let trust =
        judge(&Judge::new(settings).unwrap(), signed("caf.example").as_bytes(), &PeerFacts::default()).await;
    assert_eq!(trust.alignment, Alignment::Temporary, "{:?}", trust.facts);
}

fn client(mail_from: Option<&'static str>) -> PeerFacts<'static> {
    PeerFacts { client: Some([192, 0, 2, 7].into()), helo: "mx.caf.example", mail_from, trusted_peer: false }
}

#[tokio::test]
async fn spf_passes_on_the_envelope_senders_organisation() {
    let dns = FakeDns::start()
        .txt("caf.example", "v=spf1 ip4:192.0.2.7 -all")
        .txt("bounces.caf.example", "v=spf1 a:mx.caf.example -all")
        .with("mx.caf.example", Answer::A([192, 0, 2, 7].into()))
        .txt("spam.example", "v=spf1 +all")
        .txt("cpam.example", "v=spf1 ip4:198.51.100.1 -all")
        .txt("mou.example", "v=spf1 ~all")
        .with("panne.example", Answer::Fails)
        .with("lent.example", Answer::Hangs);
    for (from, sender, expected) in [
        ("caf.example", Some("alice@caf.example"), Alignment::Pass),
        ("caf.example", Some("x@bounces.caf.example"), Alignment::Pass),
        ("caf.example", Some("x@spam.example"), Alignment::None),
        ("caf.example", None, Alignment::None),
        ("cpam.example", Some("x@cpam.example"), Alignment::Fail),
        ("mou.example", Some("x@mou.example"), Alignment::None),
        ("rien.example", Some("x@rien.example"), Alignment::None),
        ("panne.example", Some("x@panne.example"), Alignment::Temporary),
        ("lent.example", Some("x@lent.example"), Alignment::Temporary),
        ("caf.example", Some("x@lent.example"), Alignment::None),
    ] {
        let mail = MAIL.replace("alice@caf.example", &format!("alice@{from}"));
        let trust = judge(&judge_at(&dns), mail.as_bytes(), &client(sender)).await;
        assert_eq!(trust.alignment, expected, "{from} {sender:?} {:?}", trust.facts);
    }
    let relayed =
        PeerFacts { mail_from: Some("alice@caf.example"), trusted_peer: true, ..PeerFacts::default() };
    let trust = judge(&judge_at(&dns), MAIL.as_bytes(), &relayed).await;
    assert_eq!(trust.alignment, Alignment::None, "SPF is not judged on a relay's address");
}

#[tokio::test]
async fn a_published_policy_makes_an_unproved_mail_fail() {
    let dns = FakeDns::start()
        .txt("_dmarc.caf.example", "v=DMARC1; p=quarantine")
        .txt("spam.example", "v=spf1 +all");
    let mail = MAIL.replace("alice@caf.example", "alice@compta.caf.example");
    let trust = judge(&judge_at(&dns), mail.as_bytes(), &client(Some("x@spam.example"))).await;
    assert_eq!((trust.alignment, trust.via), (Alignment::Fail, Via::Dmarc), "{:?}", trust.facts);
    let dmarc = trust.facts.iter().find(|fact| fact.method == Method::Dmarc).unwrap();
    assert_eq!(dmarc.note.as_deref(), Some("p=quarantine"));
    let trust = verdict(&dns, &mail).await;
    assert_eq!(trust.alignment, Alignment::None, "behind LMTP, nobody judged SPF: {:?}", trust.facts);
}

/// The mail as a forwarder would pass it on, sealed by `domain`, which says what it saw.
async fn sealed(dns: &FakeDns, domain: &str, mail: &str) -> String {
    let checker = checks::resolver(&Settings { dns: Dns::At(dns.address), ..settings() }).unwrap().unwrap();
    let message = AuthenticatedMessage::parse(mail.as_bytes()).unwrap();
    let (dkim, arc) = (checker.verify_dkim(&message).await, checker.verify_arc(&message).await);
    let results =
        AuthenticationResults::new("mx.sealer.example").with_dkim_results(&dkim, "alice@caf.example");
    let sealer = ArcSealer::from_key(key()).domain(domain).selector("s1").headers(["From", "Subject", "To"]);
    format!("{}{mail}", sealer.seal(&message, &results, &arc).unwrap().to_header())
}

/// What is left when a list took the author's signature away: the word of its own server.
async fn passed_on(dns: &FakeDns, domain: &str, mail: &str) -> String {
    let arc = sealed(dns, domain, mail).await;
    let (seal, original) =
        (arc.split("DKIM-Signature:").next().unwrap(), mail.split("From: Alice").nth(1).unwrap());
    format!("{seal}From: Alice{original}")
}

#[tokio::test]
async fn a_trusted_sealer_is_believed_and_no_stranger() {
    let dns = with_keys();
    let signed = signed("caf.example");
    let good = passed_on(&dns, "sealer.example", &signed).await;
    let trust = verdict(&dns, &good).await;
    assert_eq!((trust.alignment, trust.via), (Alignment::Pass, Via::Arc), "{:?}", trust.facts);
    let by_stranger = passed_on(&dns, "spam.example", &signed).await;
    assert_eq!(verdict(&dns, &by_stranger).await.alignment, Alignment::None);
    for changed in [
        good.replace("complet", "incomplet"),
        good.replace("bonjour", "urgent"),
        good.replace("d=caf.example", "d=spam.example"),
        good.replace("alice@caf.example", "alice@cpam.example"),
        format!("Subject: urgent\r\n{good}"),
    ] {
        let trust = verdict(&dns, &changed).await;
        assert_eq!(trust.alignment, Alignment::None, "{changed}\n{:?}", trust.facts);
    }
}

#[tokio::test]
async fn a_sealer_is_believed_only_about_what_it_saw_itself() {
    let dns = with_keys();
    let plain = sealed(&dns, "sealer.example", MAIL).await;
    assert_eq!(verdict(&dns, &plain).await.alignment, Alignment::None, "it saw no signature");
    // Trust in the first sealer is lost when a stranger could change the mail after it; and a trusted one that only
    // saw a stranger's seal vouches for nothing.
    let signed = signed("caf.example");
    for (first, then, expected) in [
        ("sealer.example", "sealer.example", Alignment::Pass),
        ("sealer.example", "spam.example", Alignment::None),
        ("spam.example", "sealer.example", Alignment::None),
    ] {
        let once = passed_on(&dns, first, &signed).await;
        let trust = verdict(&dns, &sealed(&dns, then, &once).await).await;
        assert_eq!(trust.alignment, expected, "{first} {then} {:?}", trust.facts);
    }
}

#[tokio::test]
async fn a_sealer_without_an_answer_is_waited_for() {
    let good = passed_on(&with_keys(), "sealer.example", &signed("caf.example")).await;
    let dns = FakeDns::start().with("s1._domainkey.sealer.example", Answer::Fails);
    assert_eq!(verdict(&dns, &good).await.alignment, Alignment::Temporary);
}

#[tokio::test]
async fn answers_are_kept() {
    let dns = with_keys();
    let kept = judge_at(&dns);
    let mail = signed("caf.example");
    judge(&kept, mail.as_bytes(), &PeerFacts::default()).await;
    let first = dns.questions();
    for _ in 0..5 {
        assert_eq!(judge(&kept, mail.as_bytes(), &PeerFacts::default()).await.alignment, Alignment::Pass);
    }
    let keys_asked_again = dns.questions() - first;
    // Names that do not exist came without an SOA: they may be asked again (RFC 2308 §5), the key may not.
    assert!(keys_asked_again <= 5 * 2, "{first} then {keys_asked_again}");
}

#[tokio::test]
async fn a_relay_without_an_answer_is_checked_by_us() {
    let dns = with_keys();
    let settings = Settings { dns: Dns::At(dns.address), ..settings() };
    let mail = format!(
        "Authentication-Results: mx.relais.example; dkim=temperror header.d=caf.example\r\n{}",
        signed("caf.example")
    );
    let trust = judge(&Judge::new(settings).unwrap(), mail.as_bytes(), &ours()).await;
    assert_eq!((trust.alignment, trust.via), (Alignment::Pass, Via::Dkim));
}

#[tokio::test]
async fn a_thousand_signatures_ask_few_questions() {
    let dns = with_keys();
    let one = signed("caf.example");
    let header = one.split("From: Alice").next().unwrap();
    let many = format!("{}{MAIL}", header.replace("s=s1", "s=s9").repeat(1000));
    assert_eq!(verdict(&dns, &many).await.alignment, Alignment::Fail);
    assert!(dns.questions() < 20, "{}", dns.questions());
    let too_many = format!("{}{MAIL}", "X-A: b\r\n".repeat(5000));
    assert_eq!(verdict(&dns, &too_many).await.alignment, Alignment::Fail);
}

//! Our relay's word.

use proptest::prelude::*;

use super::*;
use crate::mail::letter;

async fn by(mail: &str, facts: PeerFacts<'_>) -> Trust {
    let mail = mail.replace('\n', "\r\n");
    judge(&Judge::new(settings()).unwrap(), mail.as_bytes(), &facts).await
}

async fn word(results: &str) -> Trust {
    let mail = format!(
        "Authentication-Results: {results}\nFrom: Alice <alice@caf.example>\nSubject: bonjour\n\ntexte\n"
    );
    by(&mail, ours()).await
}

#[tokio::test]
async fn each_result_has_its_alignment() {
    use Alignment::{Fail, None, Pass, Temporary};
    for (results, expected) in [
        ("mx.relais.example; dkim=pass header.d=caf.example", Pass),
        ("MX.Relais.Example 1; DKIM=PASS header.d=CAF.Example", Pass),
        ("mx.relais.example; dkim=pass header.i=@mail.caf.example header.s=s1 header.b=\"a+/b=\"", Pass),
        ("mx.relais.example; dkim=pass header.i=alice@caf.example header.b=aZ/+9= header.a=rsa-sha256", Pass),
        ("mx.relais.example; spf=pass smtp.mailfrom=alice@caf.example", Pass),
        (
            "mx.relais.example; spf=pass (sender (ok)) smtp.mailfrom=\"a b\"@caf.example smtp.helo=x.example",
            Pass,
        ),
        ("mx.relais.example;\n\tdmarc=pass (p=NONE sp=NONE dis=NONE) header.from=caf.example", Pass),
        ("mx.relais.example; dmarc=pass action=none header.from=caf.example;compauth=pass reason=100", Pass),
        ("mx.relais.example; spf=fail smtp.mailfrom=caf.example; dkim=pass header.d=caf.example", Pass),
        ("mx.relais.example; dkim=fail header.d=liste.example; dkim=pass header.d=caf.example;", Pass),
        ("mx.relais.example; none", None),
        ("mx.relais.example", None),
        ("mx.relais.example; spf=none smtp.mailfrom=caf.example; dkim=none", None),
        ("mx.relais.example; dkim=pass header.d=liste.example; spf=pass smtp.mailfrom=b@liste.example", None),
        ("mx.relais.example; spf=softfail smtp.mailfrom=caf.example", None),
        ("mx.relais.example; spf=pass smtp.helo=caf.example", None),
        ("mx.relais.example; dkim=pass", None),
        ("mx.relais.example; dmarc=pass header.from=mail.caf.example", None),
        ("mx.relais.example; arc=pass header.d=caf.example", None),
        ("mx.relais.example; auth=pass smtp.auth=alice@caf.example", None),
        ("mx.relais.example; dkim=fail (bad) reason=\"verification; failed\" header.d=caf.example", Fail),
        ("mx.relais.example; dkim=neutral (body hash) header.d=caf.example", Fail),
        ("mx.relais.example; dkim=permerror (no key) header.d=caf.example", Fail),
        ("mx.relais.example; spf=fail smtp.mailfrom=alice@caf.example", Fail),
        ("mx.relais.example; dmarc=fail header.from=caf.example", Fail),
        ("mx.relais.example; dmarc=fail header.from=caf.example; spf=pass smtp.mailfrom=spam.example", Fail),
        ("mx.relais.example; dkim=temperror header.d=caf.example", Temporary),
        (
            "mx.relais.example; spf=temperror smtp.mailfrom=caf.example; dkim=fail header.d=caf.example",
            Temporary,
        ),
        ("mx.relais.example; dkim=temperror header.d=caf.example; spf=pass smtp.mailfrom=caf.example", Pass),
    ] {
        let trust = word(results).await;
        assert_eq!(trust.alignment, expected, "{results}\n{:?}", trust.facts);
        assert_eq!(trust.via, Via::AuthenticationResults, "{results}");
        assert_eq!(trust.from.as_deref(), Some("alice@caf.example"));
    }
}

#[tokio::test]
async fn what_real_servers_write_is_read() {
    for results in [
        // Rspamd
        "mx.relais.example;\n\tdkim=pass header.d=caf.example header.s=s1 header.b=AbCd/+0=;\n\tspf=pass \
         (mx.relais.example: domain of alice@caf.example designates 192.0.2.7 as permitted sender) \
         smtp.mailfrom=alice@caf.example;\n\tdmarc=pass (policy=reject) header.from=caf.example",
        // OpenDKIM
        "mx.relais.example;\n\tdkim=pass (2048-bit key; unprotected) header.d=caf.example header.i=@caf.example \
         header.a=rsa-sha256 header.s=s1 header.b=AbCdEfGh;\n\tdkim-atps=neutral",
        // OpenDMARC
        "mx.relais.example; dmarc=pass (p=none dis=none) header.from=caf.example",
        // policyd-spf
        "mx.relais.example; spf=pass (mailfrom) smtp.mailfrom=caf.example (client-ip=192.0.2.7; helo=mx.caf.example; \
         envelope-from=alice@caf.example; receiver=relais.example)",
        // mail-auth (Stalwart)
        "mx.relais.example;\n\tdkim=pass header.d=caf.example header.s=s1 header.b=AbCdEf;\n\tspf=pass \
         (mx.relais.example: domain of alice@caf.example designates 192.0.2.7 as permitted sender) \
         smtp.mailfrom=alice@caf.example;\n\tdmarc=pass header.from=caf.example policy.dmarc=none",
        // Gmail's form
        "mx.relais.example;\n       dkim=pass header.i=@caf.example header.s=s1 header.b=\"aB/c+d1=\";\n       \
         spf=pass (relais.example: domain of alice@caf.example designates 192.0.2.7 as permitted sender) \
         smtp.mailfrom=alice@caf.example;\n       dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=caf.example",
    ] {
        let trust = word(results).await;
        assert_eq!(trust.alignment, Alignment::Pass, "{results}\n{:?}", trust.facts);
    }
}

#[tokio::test]
async fn what_is_not_written_by_the_grammar_says_nothing() {
    for results in [
        "; dkim=pass header.d=caf.example",
        "dkim=pass header.d=caf.example",
        "mx.relais.example dkim=pass header.d=caf.example",
        "mx.relais.example 2; dkim=pass header.d=caf.example",
        "mx.relais.example; (dkim=pass header.d=caf.example)",
        "mx.relais.example; (dkim=pass header.d=caf.example",
        "mx.relais.example; dkim=pass header.d=\"caf.example",
        "mx.relais.example; dkim=pass header.d=\"\\\"; dkim=pass header.d=caf.example",
        "mx.relais.example; spf=fail smtp.mailfrom=\"x; dkim=pass header.d=caf.example\"@spam.example",
        "mx.relais.example; spf=fail (x; dkim=pass header.d=caf.example ) smtp.mailfrom=spam.example",
        "mx.relais.example; dkim=pass header.d=spam.example header.d=caf.example",
        "mx.relais.example.spam.example; dkim=pass header.d=caf.example",
        "spam.example; mx.relais.example; dkim=pass header.d=caf.example",
        "(mx.relais.example) spam.example; dkim=pass header.d=caf.example",
        "mx.relais.example; dkim=passed header.d=caf.example",
        "mx.relais.example; x-dkim=pass header.d=caf.example",
        "mx.relais.example; dkim=pass header.d=caf.example.spam.example",
        "mx.relais.example; dkim=pass header.d=spam.example/caf.example",
        "",
    ] {
        let trust = word(results).await;
        assert_eq!(trust.alignment, Alignment::None, "{results}\n{:?}", trust.facts);
    }
}

#[tokio::test]
async fn only_the_topmost_counts() {
    let good = "Authentication-Results: mx.relais.example; dkim=pass header.d=caf.example\n";
    let none = "Authentication-Results: mx.relais.example; dkim=none\n";
    let other = "Authentication-Results: mx.ailleurs.example; dkim=pass header.d=caf.example\n";
    let rest = "Received: from a by b; Tue, 24 Nov 2026 10:00:00 +0100\nFrom: alice@caf.example\n\ntexte\n";
    for (headers, expected) in [
        (format!("{good}{none}{other}"), Alignment::Pass),
        (format!("Received: by relay\n{good}"), Alignment::Pass),
        (format!("{none}{good}"), Alignment::None),
        (format!("{other}{good}"), Alignment::None),
        (other.to_owned(), Alignment::None),
        (String::new(), Alignment::None),
    ] {
        assert_eq!(by(&format!("{headers}{rest}"), ours()).await.alignment, expected, "{headers}");
    }
}

#[tokio::test]
async fn a_stranger_may_not_speak_for_our_relay() {
    let mail = "Authentication-Results: mx.relais.example; dkim=pass header.d=caf.example\nFrom: a@caf.example\n\nx\n";
    assert_eq!(by(mail, ours()).await.alignment, Alignment::Pass);
    let stranger = PeerFacts { client: Some([192, 0, 2, 1].into()), ..PeerFacts::default() };
    assert_eq!(by(mail, stranger).await.alignment, Alignment::None);
}

#[tokio::test]
async fn ministries_under_one_suffix_do_not_speak_for_each_other() {
    for (results, from, expected) in [
        ("dkim=pass header.d=b.gouv.example", "a.gouv.example", Alignment::None),
        ("dkim=pass header.d=gouv.example", "a.gouv.example", Alignment::None),
        ("dkim=pass header.d=a.gouv.example", "mail.a.gouv.example", Alignment::Pass),
        (
            "dkim=pass header.d=b.gouv.example; dmarc=pass header.from=a.gouv.example",
            "a.gouv.example",
            Alignment::None,
        ),
        ("dkim=pass header.d=b.gouv.fr; dmarc=pass header.from=a.gouv.fr", "a.gouv.fr", Alignment::None),
        ("dkim=pass header.d=a.gouv.fr; dmarc=pass header.from=a.gouv.fr", "a.gouv.fr", Alignment::Pass),
    ] {
        let mail = format!("Authentication-Results: mx.relais.example; {results}\nFrom: x@{from}\n\nx\n");
        assert_eq!(by(&mail, ours()).await.alignment, expected, "{results} {from}");
    }
}

#[tokio::test]
async fn anything_but_one_from_with_one_address_fails() {
    let signed = "Authentication-Results: mx.relais.example; dkim=pass header.d=caf.example\n";
    for from in [
        "",
        "From: alice@caf.example\nFrom: bob@caf.example\n",
        "From: alice@caf.example\nFROM : alice@caf.example\n",
        "From: alice@caf.example\nFr om: bob@spam.example\n",
        "From: alice@caf.example, bob@caf.example\n",
        "From: bob@spam.example <alice@caf.example>\n",
        "From: <bob@spam.example> <alice@caf.example>\n",
        "From: alice@caf.example <bob@spam.example>\n",
        "From: equipe: alice@caf.example;\n",
        "From: equipe: alice@caf.example, bob@caf.example;\n",
        "From: alice\n",
        "From: <>\n",
        "From: alice@\n",
        "From:\n",
        "From: @caf.example\n",
        "From: alice@spam.example@caf.example\n",
    ] {
        let trust = by(&format!("{signed}{from}Subject: x\n\ntexte\n"), ours()).await;
        assert_eq!((trust.alignment, trust.via), (Alignment::Fail, Via::From), "{from}");
        assert_eq!(trust.from, None, "{from}");
    }
}

#[tokio::test]
async fn a_head_that_two_readers_see_differently_fails() {
    let signed = "Authentication-Results: mx.relais.example; dkim=pass header.d=caf.example\n";
    for odd in [
        "Bonjour\n",
        "Bonjour tout le monde : ceci\n",
        " \n",
        "X-A: b\n \n",
        "X-A: b\n\t\t\n",
        "X-A: b\rFrom: bob@spam.example\n",
        "X-A: b\0c\n",
        "--limite: x\n",
        ": rien\n",
        "Réponse: x\n",
        "From bob@spam.example Tue Nov 24 10:00:00 2026\n",
    ] {
        let trust = by(&format!("{signed}{odd}From: alice@caf.example\n\ntexte\n"), ours()).await;
        assert_eq!((trust.alignment, trust.via), (Alignment::Fail, Via::From), "{odd:?}");
    }
    let no_end = by(&format!("{signed}From: alice@caf.example\n"), ours()).await;
    assert_eq!(no_end.alignment, Alignment::Fail, "no empty line ends the head");
    let delivered =
        format!("From alice@caf.example Tue Nov 24 10:00:00 2026\n{signed}From: alice@caf.example\n\nx\n");
    assert_eq!(by(&delivered, ours()).await.alignment, Alignment::Pass, "a delivery agent's first line");
}

#[tokio::test]
async fn one_address_may_be_written_in_many_ways() {
    let signed = "Authentication-Results: mx.relais.example; dkim=pass header.d=caf.example\n";
    for from in [
        "alice@caf.example",
        "<alice@caf.example>",
        "\"bob@spam.example\" <alice@caf.example>",
        "Alice (bob@spam.example) <Alice@CAF.example>",
        "alice@caf.example <alice@caf.example>",
        "=?utf-8?q?bob=40spam.example?= <alice@caf.example>",
        "\"Durand, Alice\"\n <alice@caf.example>",
    ] {
        let trust = by(&format!("{signed}From: {from}\n\ntexte\n"), ours()).await;
        assert_eq!(trust.from.as_deref(), Some("alice@caf.example"), "{from}");
        assert_eq!(trust.alignment, Alignment::Pass, "{from}");
    }
}

#[tokio::test]
async fn an_unsigned_domain_needs_a_trusted_peer_and_no_contradiction() {
    let mail = "From: x@interne.example\n\nx\n";
    let failed =
        format!("Authentication-Results: mx.relais.example; spf=fail smtp.mailfrom=interne.example\n{mail}");
    let trust = by(mail, ours()).await;
    assert_eq!((trust.alignment, trust.via), (Alignment::Pass, Via::UnsignedDomain));
    assert_eq!(by(mail, PeerFacts::default()).await.alignment, Alignment::None);
    assert_eq!(by(&failed, ours()).await.alignment, Alignment::Fail);
    assert_eq!(by("From: x@sous.interne.example\n\nx\n", ours()).await.alignment, Alignment::None);
}

#[tokio::test]
async fn a_relay_that_does_not_look_at_what_is_signed_is_not_followed() {
    let signature = |tags: &str| {
        format!(
            "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=caf.example; s=s; bh=YQ==; b=YQ==; {tags}\n"
        )
    };
    let word = "Authentication-Results: mx.relais.example; dkim=pass header.d=caf.example";
    for (tags, subject, expected) in [
        ("h=from:subject", "Subject: a\n", Alignment::Pass),
        ("h=From : Subject : Subject", "Subject: a\nSubject: b\n", Alignment::Pass),
        ("h=from", "", Alignment::Pass),
        ("h=from:subject; l=5", "Subject: a\n", Alignment::Fail),
        ("h=from:subject; a=rsa-sha1", "Subject: a\n", Alignment::Fail),
        ("h=from", "Subject: a\n", Alignment::Fail),
        ("h=subject", "Subject: a\n", Alignment::Fail),
        ("h=from:subject", "Subject: a\nSubject: b\n", Alignment::Fail),
        ("h=from:subject:subject", "Subject : b\nSubject: a\n", Alignment::Fail),
    ] {
        for dmarc in ["", "; dmarc=pass header.from=caf.example"] {
            let mail = format!("{word}{dmarc}\n{}{subject}From: a@caf.example\n\ntexte\n", signature(tags));
            let trust = by(&mail, ours()).await;
            assert_eq!(trust.alignment, expected, "{tags} {subject} {dmarc} {:?}", trust.facts);
        }
    }
}

#[tokio::test]
async fn hostile_octets_are_judged_too() {
    for raw in [
        &b""[..],
        b"\r\n",
        b":",
        b"\0\0\0",
        b"From",
        b"From:\xff@\xff\r\n\r\n",
        b"From: a\x99b@caf.example\r\n\r\n",
        b"\xff: \xff\r\n\r\n",
    ] {
        let trust = judge(&Judge::new(settings()).unwrap(), raw, &ours()).await;
        assert_eq!(trust.alignment, Alignment::Fail, "{raw:?}");
    }
}

proptest! {
    #[test]
    fn no_mail_makes_the_judge_fail(head in proptest::collection::vec(any::<u8>(), 0..400), from in ".{0,60}") {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let the_judge = Judge::new(settings()).unwrap();
        let written = format!("Authentication-Results: mx.relais.example; {from}\r\nFrom: {from}\r\n\r\n");
        for mail in [&head, written.as_bytes()] {
            let trust = runtime.block_on(judge(&the_judge, mail, &ours()));
            prop_assert_ne!(trust.alignment, Alignment::Pass);
        }
    }
}

fn pieces() -> impl Strategy<Value = String> {
    let pieces = [
        "From: alice@caf.example\r\n",
        "From: bob@spam.example\r\n",
        "From : bob@spam.example\n",
        "Fr om: bob@spam.example\r\n",
        "from:\r\n bob@spam.example\r\n",
        "From:",
        "From bob@spam.example\n",
        ">From bob@spam.example\n",
        "X-A: b",
        "X-A: b\r\n",
        "\r\n",
        "\n",
        "\r",
        " \r\n",
        "\t",
        "\0",
        "texte\n",
        "--x: y\n",
        ":",
        "é: a\n",
        "=?utf-8?q?=0AFrom:?=",
        "\"",
        "(",
        ",",
        "<bob@spam.example>",
    ];
    let piece = proptest::sample::select(pieces.to_vec());
    proptest::collection::vec(piece, 0..9).prop_map(|pieces| pieces.concat())
}

/// Whoever the verdict lets pass is whom the letter shows, and both see the same text begin.
fn read_as_one(mail: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let trust = runtime.block_on(judge(&Judge::new(settings()).unwrap(), mail.as_bytes(), &ours()));
    let Some(from) = trust.from else { return };
    let letter = letter::read(mail.as_bytes(), &letter::Limits::default()).unwrap();
    let read: Vec<String> = letter.from.iter().map(|from| from.address.to_lowercase()).collect();
    assert_eq!(read, [from], "{mail:?}");
    assert_eq!(letter.from_headers, 1, "{mail:?}");
    let (_, body) = letter::head::Head::read(mail.as_bytes(), 0, &mut 10_000);
    let ours = head::Head::read(mail.as_bytes()).message().root_part().offset_body;
    assert_eq!(body, ours as usize, "{mail:?}");
}

fn between(start: &str, tail: &str) -> String {
    format!("{start}From: alice@caf.example\r\n{tail}\r\n\r\ntexte\r\n")
}

#[test]
fn the_verdict_and_the_letter_read_what_once_parted_them() {
    for (start, tail) in [
        ("=?utf-8?q?=0AFrom:?=From: alice@caf.example\r\n", "\ttexte\nX-A: b"),
        ("=?utf-8?q?=0AFrom:?=", "\ttexte\nX-A: b"),
        ("From bob@spam.example\n\t", "X-A: b"),
        ("From bob@spam.example\n\tX-A: b\n", ""),
    ] {
        read_as_one(&between(start, tail));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn the_verdict_and_the_letter_read_one_mail(start in pieces(), tail in pieces()) {
        read_as_one(&between(&start, &tail));
    }
}

#[test]
fn a_judge_can_be_made_outside_the_runtime() {
    let dns = Dns::At(([127, 0, 0, 1], 53).into());
    assert!(Judge::new(Settings { dns, ..settings() }).is_ok());
}

#[tokio::test]
async fn the_whole_verdict_can_be_kept() {
    let trust =
        word("mx.relais.example; dkim=fail header.d=liste.example; spf=pass smtp.mailfrom=caf.example").await;
    let json = serde_json::to_string(&trust).unwrap();
    insta::assert_snapshot!(json);
    assert_eq!(serde_json::from_str::<Trust>(&json).unwrap(), trust);
}

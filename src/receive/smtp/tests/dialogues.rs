//! What is answered to what.

use proptest::prelude::*;

use super::*;
use crate::receive::Door;

#[test]
fn a_mail_by_smtp() {
    let played = say(
        Dialect::Smtp,
        STRANGER,
        "EHLO client.test\nMAIL FROM:<a@b.test> SIZE=20\nRCPT TO:<x@c.test>\nRCPT TO:<nobody@c.test>\nDATA\n\
         Subject: x\n\n..y\n.\nQUIT\n",
    );
    let wanted = "220 mx.test ESMTP relais\r\n\
        250-mx.test\r\n250-PIPELINING\r\n250-SIZE 200\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n\
        250-ENHANCEDSTATUSCODES\r\n250 CHUNKING\r\n\
        250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n550 5.1.1 Adresse inconnue\r\n\
        354 End with <CRLF>.<CRLF>\r\n250 2.0.0 Ok: kept as m1\r\n221 2.0.0 Bye\r\n";
    assert_eq!(played.answers, wanted);
    assert!(played.closed);
    let [(envelope, bytes)] = &played.mails[..] else { panic!("{:?}", played.mails) };
    assert_eq!(bytes, b"Subject: x\r\n\r\n.y\r\n");
    assert_eq!(envelope.sender.as_deref(), Some("a@b.test"));
    assert_eq!(envelope.recipients, ["x@c.test"]);
    assert_eq!((envelope.peer.door, envelope.peer.helo.as_str()), (Door::Smtp, "client.test"));
    assert_eq!(envelope.peer.ip, STRANGER.ip);
}

#[test]
fn lmtp_answers_once_for_each_accepted_recipient() {
    let hello = "LHLO r\nMAIL FROM:<>\nRCPT TO:<x@c.test>\nRCPT TO:<nobody@c.test>\nRCPT TO:<y@c.test>\n";
    let played = say(Dialect::Lmtp, RELAY, &format!("{hello}DATA\na\n.\n"));
    assert_eq!(played.codes(), ["220", "250", "250", "250", "550", "250", "354", "250", "250"]);
    assert_eq!(played.mails[0].0.sender, None);
    assert_eq!(played.mails[0].0.recipients, ["x@c.test", "y@c.test"]);

    let played = say(Dialect::Lmtp, RELAY, &format!("{hello}DATA\nBad\n.\nNOOP\n"));
    assert_eq!(played.codes()[6..], ["354", "554", "554", "250"]);
    let played = say(Dialect::Lmtp, RELAY, &format!("{hello}DATA\n{}.\n", "x\n".repeat(100)));
    assert_eq!(played.codes()[6..], ["354", "552", "552"]);
}

#[test]
fn what_comes_out_of_order_is_refused_and_harms_nothing() {
    let lines = [
        ("MAIL FROM:<a@b.test>", "503"),
        ("RCPT TO:<a@b.test>", "503"),
        ("DATA", "503"),
        ("EHLO x", "250"),
        ("RCPT TO:<a@b.test>", "503"),
        ("MAIL FROM:<a@b.test>", "250"),
        ("MAIL FROM:<a@b.test>", "503"),
        ("DATA", "554"),
        ("RSET", "250"),
        ("RCPT TO:<a@b.test>", "503"),
        ("LHLO x", "500"),
        ("STARTTLS", "502"),
    ];
    let mut settings = small(Dialect::Smtp);
    settings.limits.errors = 99;
    let text = lines.map(|(line, _)| format!("{line}\r\n")).concat();
    let played = play(settings, STRANGER, [text.as_bytes()]);
    assert_eq!(played.codes()[1..], lines.map(|(_, code)| code));
    let played = say(Dialect::Lmtp, RELAY, "EHLO x\nLHLO x\nMAIL FROM:<>\nRCPT TO:<nobody@c.test>\nDATA\n");
    assert_eq!(played.codes(), ["220", "500", "250", "250", "550", "503"]);
    let played =
        say(Dialect::Smtp, STRANGER, "NOOP\nNOOP x\nVRFY x\nHELP\nEXPN x\nAUTH PLAIN\nHELO x\nquit\n");
    assert_eq!(played.codes(), ["220", "250", "250", "252", "214", "502", "502", "250", "221"]);
}

#[test]
fn limits_hold() {
    let hello = "EHLO x\nMAIL FROM:<a@b.test>\n";
    let many = "RCPT TO:<x@c.test>\n".repeat(4);
    let played = say(Dialect::Smtp, STRANGER, &format!("{hello}{many}DATA\na\n.\n"));
    assert_eq!(played.codes()[3..], ["250", "250", "250", "452", "354", "250"]);
    assert!(played.answers.contains("452 4.5.3 "));

    let played =
        say(Dialect::Smtp, STRANGER, "EHLO x\nMAIL FROM:<a@b.test> SIZE=201\nMAIL FROM:<> SIZE=200\n");
    assert_eq!(played.codes()[2..], ["552", "250"]);

    let big = format!("{hello}RCPT TO:<x@c.test>\nDATA\n{}.\nNOOP\n", "x\n".repeat(100));
    let played = say(Dialect::Smtp, STRANGER, &big);
    assert_eq!((played.codes()[4..].to_vec(), played.mails.len()), (vec!["354", "552", "250"], 0));

    let endless = format!("{hello}RCPT TO:<x@c.test>\nDATA\n{}.\nNOOP\n", "x\n".repeat(1000));
    let played = say(Dialect::Smtp, STRANGER, &endless);
    assert_eq!((played.codes()[4..].to_vec(), played.closed), (vec!["354", "552"], true));

    let long = format!("NOOP {}\nNOOP\n", "x".repeat(5000));
    assert_eq!(say(Dialect::Smtp, STRANGER, &long).codes(), ["220", "500", "250"]);

    let played = say(Dialect::Smtp, STRANGER, &"WIBBLE\n".repeat(20));
    assert_eq!((played.codes().len(), played.codes()[9], played.closed), (11, "500", true));
    assert!(played.answers.ends_with("421 4.7.0 Too many errors, closing\r\n"));

    let played = say(Dialect::Smtp, STRANGER, &"NOOP\n".repeat(80));
    assert_eq!((played.codes().len(), played.closed), (62, true));
}

#[test]
fn a_busy_relay_may_stay_for_ever() {
    let one = "MAIL FROM:<a@b.test>\nRCPT TO:<nobody@c.test>\nRCPT TO:<x@c.test>\nDATA\na\n.\n";
    let played = say(Dialect::Smtp, STRANGER, &format!("EHLO x\n{}", one.repeat(50)));
    assert_eq!((played.mails.len(), played.closed), (50, false));
    let nobody = "LHLO x\nMAIL FROM:<>\n".to_owned() + &"RCPT TO:<nobody@c.test>\n".repeat(40);
    assert!(!say(Dialect::Lmtp, RELAY, &nobody).closed);
}

#[test]
fn chunks_make_a_mail() {
    let hello = "EHLO x\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<x@c.test>\r\n";
    let run = |rest: &str| play(small(Dialect::Smtp), STRANGER, [format!("{hello}{rest}").as_bytes()]);
    let played = run("BDAT 5\r\na\r\n.\rBDAT 4 LAST\r\n\nb\r\nNOOP\r\n");
    assert_eq!(
        played.codes()[4..],
        ["250", "250", "250"],
        "the chunk ends inside a line: {}",
        played.answers
    );
    let played = run("BDAT 6\r\na\r\n.\r\nBDAT 0\r\nBDAT 3 LAST\r\nb\r\nNOOP\r\n");
    assert_eq!(played.codes()[4..], ["250", "250", "250", "250"]);
    assert_eq!(played.mails[0].1, b"a\r\n.\r\nb\r\n");
    assert_eq!(run("BDAT 2\r\na\rBDAT 3 LAST\r\n\nb\n").codes()[4..], ["250", "550"]);
    assert_eq!(
        run("BDAT 3\r\na\r\nDATA\r\nRCPT TO:<y@c.test>\r\nBDAT 0 LAST\r\n").codes()[4..],
        ["250", "503", "503", "250"]
    );
    let big = run(&format!("BDAT 201\r\n{}BDAT 5 LAST\r\nQUITXNOOP\r\n", "x".repeat(201)));
    assert_eq!(big.codes()[4..], ["552", "503", "250"], "{}", big.answers);
    assert!(run("BDAT 99999999 LAST\r\n").closed);
    assert_eq!(run("BDAT x\r\nBDAT\r\n").codes()[4..], ["501", "501"]);
    let early = play(small(Dialect::Smtp), STRANGER, [&b"EHLO x\r\nBDAT 6 LAST\r\nQUIT\r\nNOOP\r\n"[..]]);
    assert_eq!(early.codes(), ["220", "250", "503", "250"], "the bytes of a refused chunk are no command");
}

#[test]
fn addresses_with_accents_are_taken_with_or_without_smtputf8() {
    for parameter in ["", " SMTPUTF8"] {
        let text = format!("EHLO x\nMAIL FROM:<é@b.test>{parameter}\nRCPT TO:<zoé@c.test>\nDATA\na\n.\n");
        let played = say(Dialect::Smtp, STRANGER, &text);
        assert_eq!(played.mails[0].0.recipients, ["zoé@c.test"]);
    }
}

#[test]
fn only_a_listed_relay_speaks_for_others() {
    let said = "XFORWARD ADDR=198.51.100.4 HELO=far.test\n";
    let mail = "MAIL FROM:<>\nRCPT TO:<x@c.test>\nDATA\na\n.\n";
    let played = say(Dialect::Lmtp, STRANGER, &format!("LHLO x\n{said}{mail}"));
    assert_eq!(played.codes()[2], "550");
    assert_eq!(played.mails[0].0.peer.ip, None, "behind LMTP the client is unknown");
    assert!(!played.answers.contains("XFORWARD"));

    let relay = Caller { ip: STRANGER.ip, trusted: true };
    let played = say(Dialect::Smtp, relay, &format!("EHLO x\n{said}{mail}{mail}"));
    let ips: Vec<_> = played.mails.iter().map(|(envelope, _)| envelope.peer.ip).collect();
    assert_eq!(ips, [Some([198, 51, 100, 4].into()), None], "it holds for one transaction");
    assert_eq!(played.mails[0].0.peer.helo, "far.test");
    assert!(played.mails[0].0.peer.trusted && played.answers.contains("250-XFORWARD NAME ADDR"));

    let played =
        say(Dialect::Smtp, relay, "EHLO x\nXCLIENT ADDR=198.51.100.4\nMAIL FROM:<>\nEHLO y\nMAIL FROM:<>\n");
    assert_eq!(played.codes(), ["220", "250", "220", "503", "250", "250"]);
}

#[test]
fn a_refused_data_does_not_turn_the_mail_into_commands() {
    let played = say(Dialect::Smtp, STRANGER, "EHLO x\nMAIL FROM:<>\nDATA\nSubject: x\n\nMAIL FROM:<>\n.\n");
    assert_eq!(played.codes()[2..], ["250", "554", "521"]);
    assert!(played.closed);
    assert!(say(Dialect::Smtp, STRANGER, "POST / HTTP/1.1\nEHLO x\n").closed);
}

#[test]
fn memory_gone_is_told_as_temporary() {
    let mut session = Session::new(Arc::new(small(Dialect::Smtp)), STRANGER);
    let mut out = Vec::new();
    for line in [&b"EHLO x\r\nMAIL FROM:<>\r\n"[..], b"RCPT TO:<x@c.test>\r\n"] {
        session.feed(line, &mut out);
    }
    session.recipient(&Verdict::Accept, &mut out);
    session.feed(b"DATA\r\nabc\r\n", &mut out);
    assert_eq!((session.in_hand(), session.is_idle()), (5, false));
    session.starve();
    assert_eq!(session.in_hand(), 0);
    out.clear();
    assert_eq!(session.feed(b"def\r\n.\r\n", &mut out).1, Step::Read);
    assert!(out.starts_with(b"452 4.3.1 "));
    assert!(session.is_idle() && session.note().is_some());
}

/// Lines and scraps that make a dialogue.
fn scrap() -> impl Strategy<Value = Vec<u8>> {
    let lines: Vec<&'static [u8]> = vec![
        b"EHLO x\r\n",
        b"LHLO x\r\n",
        b"MAIL FROM:<a@b.test>\r\n",
        b"RCPT TO:<x@c.test>\r\n",
        b"RCPT TO:<nobody@c.test>\r\n",
        b"DATA\r\n",
        b"DATA\r\nBad\r\n.\r\n",
        b"EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<x@c.test>\r\nDATA\r\na\r\n.\r\n",
        b"BDAT 3\r\na\r\n",
        b"BDAT 7 LAST\r\nab\r\nc\r\n",
        b".\r\n",
        b"..\r\n",
        b"\r\n.\r\n",
        b"\n",
        b"\r",
        b"text\0\xff\r\n",
        b"RSET\r\n",
        b"NOOP\r\n",
        b"QUIT\r\n",
        b"XFORWARD ADDR=192.0.2.1\r\n",
    ];
    prop_oneof![
        8 => prop::sample::select(lines).prop_map(<[u8]>::to_vec),
        1 => prop::collection::vec(any::<u8>(), 0..6),
        1 => (1..4000_usize).prop_map(|n| vec![b'x'; n]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]
    #[test]
    fn any_cut_gives_the_same_answers(
        scraps in prop::collection::vec(scrap(), 0..25),
        cuts in prop::collection::vec(1..40_usize, 1..20),
        lmtp in any::<bool>(),
    ) {
        let input = scraps.concat();
        let dialect = if lmtp { Dialect::Lmtp } else { Dialect::Smtp };
        let whole = play(small(dialect), RELAY, [&input[..]]);
        let bytes = play(small(dialect), RELAY, input.chunks(1));
        prop_assert_eq!(&whole, &bytes);
        let (mut pieces, mut rest) = (Vec::new(), &input[..]);
        for cut in cuts.iter().cycle() {
            let (piece, tail) = rest.split_at(rest.len().min(*cut));
            pieces.push(piece);
            rest = tail;
            if rest.is_empty() { break; }
        }
        prop_assert_eq!(&whole, &play(small(dialect), RELAY, pieces));
        prop_assert!(whole.mails.iter().all(|(e, b)| !e.recipients.is_empty() && b.len() <= 200));
    }
}

//! Every known way to end a mail for us that is none for the server before us, and the other way round.

use super::*;

/// What may stand where CRLF `.` CRLF should: SEC Consult's list (December 2023, CVE-2023-51764 to 51766),
/// its variants since, and forms with NUL or doubled CR.
const FALSE_ENDS: [&[u8]; 24] = [
    b"\n.\n",
    b"\n.\r\n",
    b"\r.\r",
    b"\r.\r\n",
    b"\r\n.\n",
    b"\r\n.\r",
    b"\r\n.\r\r\n",
    b"\r\r\n.\r\r\n",
    b"\r\r\n.\r\n",
    b"\n\n.\n\n",
    b"\n\n.\r\n",
    b"\r\n\n.\r\n",
    b"\n\r.\r\n",
    b"\r\n.\n\r\n",
    b"\r\n\x00.\r\n",
    b"\r\n.\x00\r\n",
    b"\x00\r\n.\n",
    b"\r.\n",
    b"\n.\r",
    b"\r\n.\r\x00\n",
    b"\r\n .\r\n",
    b"\r\n. \r\n",
    b"\r\n\t.\r\n",
    b"\x0b.\x0b\r\n",
];

const HELLO: &[u8] = b" x\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<x@c.test>\r\nDATA\r\nSubject: x\r\n\r\nline";
const SMUGGLED: &[u8] =
    b"MAIL FROM:<admin@b.test>\r\nRCPT TO:<y@c.test>\r\nDATA\r\nSubject: smuggled\r\n\r\nboo\r\n.\r\n";

#[test]
fn no_false_end_lets_a_second_mail_in() {
    for dialect in [Dialect::Smtp, Dialect::Lmtp] {
        let verb: &[u8] = if dialect == Dialect::Smtp { b"EHLO" } else { b"LHLO" };
        for end in FALSE_ENDS {
            let input = [verb, HELLO, end, SMUGGLED, b"NOOP\r\n"].concat();
            let played = play(small(dialect), STRANGER, [&input[..]]);
            assert!(played.mails.len() <= 1, "{}: two mails", end.escape_ascii());
            let senders: Vec<_> = played.mails.iter().map(|(e, _)| e.sender.as_deref()).collect();
            assert!(!senders.contains(&Some("admin@b.test")), "{}", end.escape_ascii());
            let codes = played.codes();
            let stray =
                end.windows(2).any(|w| w[0] == b'\r' && w[1] != b'\n' || w[0] != b'\r' && w[1] == b'\n')
                    || end.starts_with(b"\n")
                    || end.ends_with(b"\r");
            let wanted: &[&str] = if stray { &["550"] } else { &["250", "250"] };
            assert_eq!(&codes[5..], wanted, "{}: {}", end.escape_ascii(), played.answers);
            assert_eq!(played.closed, stray);
        }
    }
}

#[test]
fn the_smuggled_commands_of_a_clean_mail_are_its_text() {
    let input = [b"EHLO", HELLO, b"\r\n. \r\n", SMUGGLED].concat();
    let played = play(small(Dialect::Smtp), STRANGER, [&input[..]]);
    assert!(played.mails[0].1.ends_with(b"Subject: smuggled\r\n\r\nboo\r\n"));
}

#[test]
fn a_bare_lf_in_a_command_closes_before_what_follows_is_obeyed() {
    for line in
        [&b"NOOP\nMAIL FROM:<a@b.test>\r\n"[..], b"MAIL FROM:<a@b.test>\nRCPT TO:<x@c.test>\r\n", b"\n"]
    {
        let played = play(small(Dialect::Smtp), STRANGER, [b"EHLO x\r\n", line]);
        assert_eq!((played.codes()[2..].to_vec(), played.closed), (vec!["521"], true));
    }
    let played = play(
        small(Dialect::Smtp),
        STRANGER,
        [&b"EHLO x\r\nMAIL FROM:<a@b.test>\rRCPT TO:<x@c.test>\r\n"[..]],
    );
    assert_eq!(played.codes()[2..], ["500"]);
    let long = ["NOOP ".to_owned(), "x".repeat(5000), "\nQUIT\r\n".to_owned()].concat();
    assert!(play(small(Dialect::Smtp), STRANGER, [long.as_bytes()]).answers.contains("521"));
}

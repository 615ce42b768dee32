//! What a machine says: a delivery status, and a free text from a mail server.
#![no_main]

use relais_fuzz::mail::letter::{Letter, Machine};

const DAEMON: &str = "From: MAILER-DAEMON@mx.example\nSubject: Undelivered Mail Returned to Sender\n";

libfuzzer_sys::fuzz_target!(|text: &[u8]| {
    let free = [DAEMON.as_bytes(), b"Auto-Submitted: auto-replied\n\n", text].concat();
    check(relais_fuzz::read(&free));
    let structured = [
        DAEMON.as_bytes(),
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=:::\n\n",
        b"--:::\n\nYour mail was not delivered.\n--:::\nContent-Type: message/delivery-status\n\n",
        text,
        b"\n--:::--\n",
    ]
    .concat();
    check(relais_fuzz::read(&structured));
});

fn check(letter: Option<Letter>) {
    let Some(Machine { until, until_date, bounce, .. }) = letter.and_then(|letter| letter.machine) else { return };
    if let Some(date) = until_date {
        assert_eq!(date.len(), 10, "no date: {date:?}");
    }
    assert!(!until.is_some_and(|until| until.contains('\n')), "a return of several lines");
    let Some(bounce) = bounce else { return };
    assert!(!bounce.recipient.contains(char::is_whitespace), "a recipient with spaces: {:?}", bounce.recipient);
    if let Some(status) = bounce.status {
        assert!(status.bytes().all(|b| b.is_ascii_digit() || b == b'.'), "no status: {status:?}");
        assert_eq!(status.split('.').count(), 3, "no status: {status:?}");
    }
}

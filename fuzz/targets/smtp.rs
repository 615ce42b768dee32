//! An SMTP or LMTP session: the same bytes get the same answers however they are cut, and only whole, clean mails
//! come out. The first byte chooses who calls, the second how the rest is cut.
#![no_main]

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use relais_fuzz::receive::smtp::session::{Caller, Outcome, Session, Step};
use relais_fuzz::receive::smtp::{Dialect, Settings};
use relais_fuzz::receive::{Envelope, Kept, Verdict};

const MESSAGE: usize = 400;
const RECIPIENTS: usize = 3;

#[derive(Default, PartialEq, Debug)]
struct Played {
    answers: Vec<u8>,
    mails: Vec<(Envelope, Vec<u8>)>,
    closed: bool,
}

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Some(([who, cut], bytes)) = input.split_first_chunk() else { return };
    let whole = play(*who, [bytes]);
    assert_eq!(whole, play(*who, bytes.chunks(usize::from(*cut) % 61 + 1)), "cut otherwise, answered otherwise");
    for (envelope, mail) in &whole.mails {
        assert!(mail.len() <= MESSAGE + 2, "{} bytes were let in", mail.len());
        assert!((1..=RECIPIENTS).contains(&envelope.recipients.len()));
        let bare = mail.split(|b| *b == b'\n').rev().skip(1).any(|line| !line.ends_with(b"\r"));
        assert!(!bare, "a bare LF came through");
    }
});

fn play<'a>(who: u8, pieces: impl IntoIterator<Item = &'a [u8]>) -> Played {
    let mut settings = Settings::new(if who & 1 == 0 { Dialect::Smtp } else { Dialect::Lmtp }, "mx.test");
    (settings.limits.message, settings.limits.recipients) = (MESSAGE, RECIPIENTS);
    (settings.limits.errors, settings.limits.commands) = (8, 60);
    let ip = Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 9))).filter(|_| who & 2 == 0);
    let mut session = Session::new(Arc::new(settings), Caller { ip, trusted: who & 4 != 0 });
    let mut played = Played::default();
    session.greet(&mut played.answers);
    for piece in pieces {
        if !hear(&mut session, piece, &mut played) {
            played.closed = true;
            break;
        }
    }
    played
}

/// False when the session is over.
fn hear(session: &mut Session, piece: &[u8], played: &mut Played) -> bool {
    let mut at = 0;
    while at < piece.len() {
        let (taken, step) = session.feed(&piece[at..], &mut played.answers);
        assert!(taken > 0 || step != Step::Read, "nothing was read, nothing is asked");
        at += taken;
        let step = match step {
            Step::Recipient => {
                let (_, recipient) = session.asked().expect("asked about nobody");
                let verdict = verdict(recipient);
                session.recipient(&verdict, &mut played.answers)
            }
            Step::Message(envelope, mail) => {
                played.mails.push((envelope, mail));
                let kept = Kept::New(format!("m{}", played.mails.len()));
                session.settle(&Outcome::Kept(kept), &mut played.answers)
            }
            step => step,
        };
        if step == Step::Close {
            return false;
        }
    }
    true
}

fn verdict(recipient: &str) -> Verdict {
    match recipient.as_bytes().first() {
        Some(b'n') => Verdict::Refuse { code: 550, enhanced: "5.1.1", text: "inconnu".to_owned() },
        Some(b'l') => Verdict::Later { enhanced: "4.2.1", text: "plus tard".to_owned() },
        _ => Verdict::Accept,
    }
}

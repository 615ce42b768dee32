//! What the reader makes of a mail, in the terms of an expectation. The road is the daemon's own, `mail::reading`.

use relais::demande::PersonId;
use relais::demande::admission::Holder;
use relais::demande::command::{Door, Speech};
use relais::mail::letter::{self, Letter, Limits, Protection};
use relais::mail::reading::{self, Known};
use relais::mail::reply::Reply;
use relais::mail::token::{Addressing, Carriers, Found, Keyring, Purpose, Reading, Token};
use relais::render::MARKER;

const DOMAIN: &str = "demandes.example";
const NOW: i64 = 1_778_587_200_000;

/// What was read; `None` where no letter could be made.
pub(super) type Outcome = Option<Understood>;

pub(super) struct Understood {
    pub(super) letter: Letter,
    pub(super) machine: Option<letter::Machine>,
    pub(super) reply: Reply,
    pub(super) speech: Speech,
    pub(super) files: Vec<String>,
    pub(super) encrypted: bool,
}

pub(super) fn mail(raw: &[u8]) -> Outcome {
    let ring = Keyring::from_secrets([7; 64], &[]);
    let raw = with_token(raw, &token(&ring));
    let letter = letter::read(&raw, &Limits::default()).ok()?;
    let machine = letter.machine_given(has_null_sender(&raw));
    let known = Known { marker: MARKER, domain: DOMAIN, sent: None };
    let reply = reading::reply_in(&letter, known);
    let action = action(&letter, &ring);
    let speech = match machine {
        Some(_) => Speech::default(),
        None => reading::speech_in(&letter, &reply, Door::Mail, action.as_deref()),
    };
    let files = letter.attachments.iter().filter(|file| !file.logo).map(|file| file.name.clone()).collect();
    let encrypted = letter.protection == Protection::Encrypted;
    Some(Understood { letter, machine, reply, speech, files, encrypted })
}

fn token(ring: &Keyring) -> String {
    let holder = Holder::Person(PersonId(1));
    ring.mint(&Token { demande: 1234, holder, purpose: Purpose::Repondre, generation: 0, expires: None })
}

/// The placeholder of the headers, replaced; the body is left alone.
fn with_token(raw: &[u8], token: &str) -> Vec<u8> {
    let blank = |window: &[u8]| window == b"\n\r\n" || window.starts_with(b"\n\n");
    let end = raw.windows(3).position(blank).unwrap_or(raw.len());
    let (head, body) = raw.split_at(end);
    let head = head.iter().map(|&byte| char::from(byte)).collect::<String>();
    let head = head.replace("jeton@", &format!("{token}@"));
    let head = head.replace("JETON@", &format!("{}@", token.to_uppercase()));
    let head = head.chars().map(|c| u8::try_from(u32::from(c)).unwrap());
    head.chain(body.iter().copied()).collect()
}

fn has_null_sender(raw: &[u8]) -> bool {
    raw.split(|&byte| byte == b'\n').any(|line| line.trim_ascii_end() == b"Return-Path: <>")
}

/// The word before the token in the address, `traitee+…`.
fn action(letter: &Letter, ring: &Keyring) -> Option<String> {
    let to: Vec<&str> = letter.to.iter().map(|mailbox| mailbox.address.as_str()).collect();
    let carriers = Carriers { to: &to, ..Carriers::default() };
    match Reading::of(&carriers, &Addressing::new(DOMAIN), ring, NOW).choose(|_| true) {
        Found::Valid(carried) => carried.action.clone(),
        _ => None,
    }
}

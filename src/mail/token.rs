//! Tokens: what ties a mail to a demande, a recipient and a purpose, minted and read without the database (mail.md §1).
//!
//! Knows the layout; the keys are in [`keyring`], the two places that carry a token in [`addresses`] and [`reading`].
//! Does not know whether its holder still may write, nor revocation: it carries the generation that the caller compares.

pub mod addresses;
pub mod keyring;
pub mod reading;

use data_encoding::BASE32_NOPAD;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::demande::admission::Holder;
use crate::demande::{GroupId, Millis, PersonId};

pub use addresses::Addressing;
pub use keyring::{Keyring, KeyringError};
pub use reading::{Carried, Carrier, Carriers, Found, Reading};

/// Characters of a token: 26 octets (a MAC of 128 bits, then 80 encrypted bits) in base32 without padding.
pub const TOKEN_CHARS: usize = 42;
/// Octets of the message a token encrypts.
const PLAIN: usize = 10;
/// Octets of the MAC, which is also the initialisation vector (RFC 5297 §2.6).
const TAG: usize = 16;
/// The highest bit of the recipient: a group's.
const GROUP: u32 = 1 << 31;

/// What a mail that carries the token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// An answer for everybody.
    Repondre,
    /// An answer to a note: a note too, whatever its author forgets (mail.md §5).
    Note,
    /// OUI to what waits for a confirmation.
    Confirmer,
    /// OUI or NON to what a stranger wrote with somebody's token.
    Liberer,
    /// The opening of a demande.
    Creer,
    /// An answer to the survey that follows the closing.
    Sondage,
    /// No more of these notices.
    Desabonner,
    /// The envelope sender of our mails: what comes there is a delivery report.
    Retour,
    /// The proof of a new address.
    Adresse,
}

/// Their codes on the wire, four bits; 0 is nobody's, so that a message of zeros says nothing. Never renumber.
const PURPOSES: [(Purpose, u8); 9] = [
    (Purpose::Repondre, 1),
    (Purpose::Note, 2),
    (Purpose::Confirmer, 3),
    (Purpose::Liberer, 4),
    (Purpose::Creer, 5),
    (Purpose::Sondage, 6),
    (Purpose::Desabonner, 7),
    (Purpose::Retour, 8),
    (Purpose::Adresse, 9),
];

impl Purpose {
    fn code(self) -> u8 {
        PURPOSES.iter().find(|(purpose, _)| *purpose == self).map_or(0, |(_, code)| *code)
    }

    fn from_code(code: u8) -> Option<Self> {
        PURPOSES.iter().find(|(_, known)| *known == code).map(|(purpose, _)| *purpose)
    }
}

/// A month, UTC, from January 2026 to March 2047: how precisely a token says when it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Month(u8);

impl Month {
    /// The month that holds this time. A time before 2026 gives its first month, one after March 2047 that last one.
    pub fn of(at: Millis) -> Self {
        let Ok(date) = OffsetDateTime::from_unix_timestamp(at.div_euclid(1000)) else {
            return Month(if at < 0 { 1 } else { u8::MAX });
        };
        let months = (date.year() - 2026) * 12 + i32::from(u8::from(date.month()));
        Month(u8::try_from(months.clamp(1, 255)).unwrap_or(u8::MAX))
    }

    /// That many months later, March 2047 at the latest.
    #[must_use]
    pub fn plus(self, months: u8) -> Self {
        Month(self.0.saturating_add(months))
    }

    /// True once the month is over.
    pub fn is_past(self, now: Millis) -> bool {
        Month::of(now) > self
    }
}

/// What a token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// The demande's number; 0 where the purpose has none ([`Purpose::Creer`], [`Purpose::Adresse`]).
    pub demande: u32,
    /// Whom it was made for; ids fit in 31 bits (see [`Keyring::mint`]).
    pub holder: Holder,
    /// What it is for.
    pub purpose: Purpose,
    /// 0 to 15: `(person.token_generation + demande.token_generation) & 15` at minting. Another value in the database
    /// now means that it was revoked.
    pub generation: u8,
    /// The last month it works in, None for ever.
    pub expires: Option<Month>,
}

impl Token {
    fn to_plain(self) -> [u8; PLAIN] {
        let recipient = match self.holder {
            Holder::Person(PersonId(id)) => id.min(GROUP - 1),
            Holder::Group(GroupId(id)) => id.min(GROUP - 1) | GROUP,
        };
        let mut plain = [0; PLAIN];
        plain[0] = self.purpose.code() << 4 | (self.generation & 15);
        plain[1] = self.expires.map_or(0, |month| month.0);
        plain[2..6].copy_from_slice(&self.demande.to_be_bytes());
        plain[6..10].copy_from_slice(&recipient.to_be_bytes());
        plain
    }

    fn from_plain(plain: [u8; PLAIN]) -> Option<Self> {
        let [head, month, d0, d1, d2, d3, r0, r1, r2, r3] = plain;
        let recipient = u32::from_be_bytes([r0, r1, r2, r3]);
        let holder = if recipient & GROUP == 0 {
            Holder::Person(PersonId(recipient))
        } else {
            Holder::Group(GroupId(recipient & !GROUP))
        };
        Some(Token {
            demande: u32::from_be_bytes([d0, d1, d2, d3]),
            holder,
            purpose: Purpose::from_code(head >> 4)?,
            generation: head & 15,
            expires: (month != 0).then_some(Month(month)),
        })
    }
}

/// What a text turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opened {
    /// Ours, and in time. Revocation is the caller's to check.
    Valid(Token),
    /// Ours, but its month is over.
    Expired(Token),
    /// It has the form of a token and no key of ours made it.
    Forged,
    /// It has not the form of a token.
    NotAToken,
}

/// The 42 characters of these octets, lower case: servers and clients change the case of local parts.
fn to_text(sealed: &[u8]) -> String {
    BASE32_NOPAD.encode(sealed).to_ascii_lowercase()
}

/// The octets of a text of that form, in either case. None for another form, and for the two unused bits of the last
/// character set: one token has one spelling.
fn from_text(text: &str) -> Option<[u8; TAG + PLAIN]> {
    if text.len() != TOKEN_CHARS {
        return None;
    }
    BASE32_NOPAD.decode(text.to_ascii_uppercase().as_bytes()).ok()?.try_into().ok()
}

/// True when the text has the form of a token: 42 characters of `a-z2-7`, in either case.
pub fn has_form(text: &str) -> bool {
    text.len() == TOKEN_CHARS && text.bytes().all(|b| b.is_ascii_alphabetic() || (b'2'..=b'7').contains(&b))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Millis = 1_795_543_200_000; // 2026-11-24T18:00Z
    const YEAR: Millis = 366 * 86_400_000;

    fn tokens() -> impl Strategy<Value = Token> {
        let purposes = proptest::sample::select(PURPOSES.map(|(purpose, _)| purpose).to_vec());
        let holder = (any::<bool>(), 0..GROUP).prop_map(|(group, id)| {
            if group { Holder::Group(GroupId(id)) } else { Holder::Person(PersonId(id)) }
        });
        let expires = proptest::option::of((12u8..=255).prop_map(Month));
        (any::<u32>(), holder, purposes, 0u8..16, expires).prop_map(
            |(demande, holder, purpose, generation, expires)| Token {
                demande,
                holder,
                purpose,
                generation,
                expires,
            },
        )
    }

    fn keys() -> Keyring {
        Keyring::from_secrets([7; 64], &[])
    }

    proptest! {
        #[test]
        fn a_token_says_what_was_put_in_it(token in tokens()) {
            let text = keys().mint(&token);
            prop_assert_eq!(text.len(), TOKEN_CHARS);
            prop_assert!(text.bytes().all(|b| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b)));
            prop_assert_eq!(keys().open(&text, NOW), Opened::Valid(token));
            prop_assert_eq!(keys().open(&text.to_ascii_uppercase(), NOW), Opened::Valid(token));
        }

        #[test]
        fn any_other_character_makes_it_forged(token in tokens(), at in 0..TOKEN_CHARS, by in 1u8..32) {
            let alphabet = b"abcdefghijklmnopqrstuvwxyz234567";
            let mut text = keys().mint(&token).into_bytes();
            let old = alphabet.iter().position(|c| *c == text[at]).unwrap();
            text[at] = alphabet[(old + usize::from(by)) % 32];
            prop_assert_eq!(keys().open(&String::from_utf8(text).unwrap(), NOW), Opened::Forged);
        }

        #[test]
        fn no_text_makes_the_reader_fail(text in ".{0,60}") {
            prop_assert!(matches!(keys().open(&text, NOW), Opened::Forged | Opened::NotAToken));
        }
    }

    fn sample() -> Token {
        Token {
            demande: 1234,
            holder: Holder::Person(PersonId(7)),
            purpose: Purpose::Repondre,
            generation: 3,
            expires: Some(Month::of(NOW)),
        }
    }

    #[test]
    fn the_layout_never_changes() {
        // A change here ends every address ever sent: add a CONTEXT instead.
        assert_eq!(keys().mint(&sample()), "yjny2ydncuktnkck7h3sav7qy5745dd4uufzqx2fwy");
    }

    #[test]
    fn a_person_and_a_group_of_one_number_differ() {
        let group = Token { holder: Holder::Group(GroupId(7)), ..sample() };
        assert_ne!(keys().mint(&sample()), keys().mint(&group));
    }

    #[test]
    fn an_id_too_large_is_nobodys() {
        let token = Token { holder: Holder::Person(PersonId(GROUP + 7)), ..sample() };
        let Opened::Valid(opened) = keys().open(&keys().mint(&token), NOW) else { panic!("not valid") };
        assert_eq!(opened.holder, Holder::Person(PersonId(GROUP - 1)));
    }

    #[test]
    fn it_works_until_its_month_is_over() {
        let text = keys().mint(&sample());
        let last = 1_796_083_199_999; // 2026-11-30T23:59:59.999Z
        assert_eq!(keys().open(&text, last), Opened::Valid(sample()));
        assert_eq!(keys().open(&text, last + 1), Opened::Expired(sample()));
        let for_ever = Token { expires: None, ..sample() };
        assert_eq!(keys().open(&keys().mint(&for_ever), NOW + 50 * YEAR), Opened::Valid(for_ever));
    }

    #[test]
    fn months_stay_in_their_range() {
        assert_eq!(Month::of(i64::MIN), Month(1));
        assert_eq!(Month::of(i64::MAX), Month(255));
        assert_eq!(Month::of(NOW), Month(11));
        assert!(Month::of(NOW) < Month::of(NOW + 31 * 86_400_000));
    }

    #[test]
    fn other_forms_are_no_tokens() {
        for text in ["", "reponse", &"a".repeat(41), &"a".repeat(43), &"1".repeat(42), &"é".repeat(21)] {
            assert_eq!(keys().open(text, NOW), Opened::NotAToken, "{text}");
        }
    }
}

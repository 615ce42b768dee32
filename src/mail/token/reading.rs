//! The tokens that a mail carries, and the one it is for (mail.md §1).
//!
//! Knows the order in which the envelope and the headers are looked at, and what makes a choice impossible. Does not
//! know whether a token was revoked: [`Reading::choose`] asks.

use super::addresses::{Addressing, REPLY, RETURN};
use super::{Keyring, Opened, Token};
use crate::demande::Millis;

/// Most texts of a mail tried against the keys, the envelope's first: ten tokens are a trick, a thousand an attack.
const MAX_TRIED: usize = 32;

/// Where a token stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Carrier {
    /// A recipient of the transaction.
    Envelope,
    /// To or Cc.
    To,
    /// Delivered-To, X-Original-To, X-Forwarded-To, Envelope-To.
    Delivered,
    /// In-Reply-To.
    InReplyTo,
    /// References.
    References,
}

impl Carrier {
    pub(super) fn is_address(self) -> bool {
        matches!(self, Carrier::Envelope | Carrier::To | Carrier::Delivered)
    }
}

/// What a mail says about where it goes; empty slices for what it does not say.
#[derive(Debug, Clone, Copy, Default)]
pub struct Carriers<'a> {
    /// Recipients of the transaction, if there was one.
    pub envelope: &'a [&'a str],
    /// Addresses of To, then of Cc.
    pub to: &'a [&'a str],
    /// Addresses of Delivered-To, X-Original-To, X-Forwarded-To, Envelope-To.
    pub delivered: &'a [&'a str],
    /// In-Reply-To, as it stands or cut into entries.
    pub in_reply_to: &'a [&'a str],
    /// References, oldest first, as they stand or cut into entries.
    pub references: &'a [&'a str],
}

/// An address or a Message-ID whose local part ends in the form of a token.
pub(super) struct Candidate<'t> {
    pub(super) token: &'t str,
    pub(super) carrier: Carrier,
    /// What stands in front of the token, or in front of our domain.
    pub(super) word: Option<&'t str>,
    /// At our domain: only then is a forged one counted.
    pub(super) ours: bool,
}

/// A token of ours that a mail carries, in time or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// What it says.
    pub token: Token,
    /// Its month is over.
    pub expired: bool,
    /// Where it stood first.
    pub carrier: Carrier,
    /// The word in front of it, in lower case: `traitee` of `traitee+TOKEN@`. None for a plain reply.
    pub action: Option<String>,
    /// It stands in more than the envelope: a signed mail sent again to another token says otherwise (mail.md §1).
    pub corroborated: bool,
}

/// All the tokens of a mail.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// Each once, in the order of mail.md §1.
    pub carried: Vec<Carried>,
    /// Texts at our domain in the form of a token that no key made: a security event.
    pub forged: usize,
}

/// The token that a mail is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found<'r> {
    /// None of ours.
    Nothing,
    /// The first that works.
    Valid(&'r Carried),
    /// None works; the first that once did.
    Dead(&'r Carried),
    /// One transaction for several demandes, named in order: nothing is chosen, the sender is asked.
    Several(Vec<u32>),
}

impl Reading {
    /// Reads the envelope and the headers: the envelope, To and Cc, Delivered-To, In-Reply-To, References newest first.
    pub fn of(carriers: &Carriers<'_>, addressing: &Addressing, keys: &Keyring, now: Millis) -> Self {
        let mut reading = Reading::default();
        for candidate in candidates(carriers, addressing).take(MAX_TRIED) {
            reading.add(&candidate, keys.open(candidate.token, now));
        }
        reading
    }

    fn add(&mut self, candidate: &Candidate<'_>, opened: Opened) {
        let (token, expired) = match opened {
            Opened::Valid(token) => (token, false),
            Opened::Expired(token) => (token, true),
            Opened::Forged => return self.forged += usize::from(candidate.ours),
            Opened::NotAToken => return,
        };
        if let Some(known) = self.carried.iter_mut().find(|known| known.token == token) {
            known.corroborated |= candidate.carrier.is_written_by_its_author();
            return;
        }
        let action =
            candidate.word.map(str::to_ascii_lowercase).filter(|word| word != REPLY && word != RETURN);
        let corroborated = candidate.carrier.is_written_by_its_author();
        let carrier = candidate.carrier;
        self.carried.push(Carried { token, expired, carrier, action, corroborated });
    }

    /// The first token that works: in time, and `alive` says that it was not revoked. When the transaction itself is
    /// addressed to several demandes, none.
    pub fn choose(&self, alive: impl Fn(&Token) -> bool) -> Found<'_> {
        let works = |carried: &&Carried| !carried.expired && alive(&carried.token);
        let Some(first) = self.carried.iter().find(works) else {
            return self.carried.first().map_or(Found::Nothing, Found::Dead);
        };
        let mut demandes = vec![first.token.demande];
        if first.carrier.is_address() {
            let same = self.carried.iter().filter(|carried| carried.carrier == first.carrier).filter(works);
            for carried in same {
                if !demandes.contains(&carried.token.demande) {
                    demandes.push(carried.token.demande);
                }
            }
        }
        if demandes.len() > 1 { Found::Several(demandes) } else { Found::Valid(first) }
    }
}

impl Carrier {
    /// To, Cc, In-Reply-To and References are what a signature can cover; servers write the rest.
    fn is_written_by_its_author(self) -> bool {
        matches!(self, Carrier::To | Carrier::InReplyTo | Carrier::References)
    }
}

fn candidates<'a>(
    carriers: &Carriers<'a>,
    addressing: &'a Addressing,
) -> impl Iterator<Item = Candidate<'a>> {
    let in_order = |texts: &'a [&'a str], carrier| {
        texts.iter().flat_map(|text| entries(text)).map(move |entry| (entry, carrier))
    };
    in_order(carriers.envelope, Carrier::Envelope)
        .chain(in_order(carriers.to, Carrier::To))
        .chain(in_order(carriers.delivered, Carrier::Delivered))
        .chain(in_order(carriers.in_reply_to, Carrier::InReplyTo))
        .chain(
            carriers
                .references
                .iter()
                .rev()
                .flat_map(|text| entries(text).rev())
                .map(|entry| (entry, Carrier::References)),
        )
        .filter_map(|(entry, carrier)| addressing.read(entry, carrier))
}

/// The addresses or Message-IDs of a text: some clients part References by commas, or wrap them in comments.
fn entries(text: &str) -> impl DoubleEndedIterator<Item = &str> {
    let parts =
        |c: char| c.is_whitespace() || matches!(c, '<' | '>' | ',' | ';' | '(' | ')' | '"' | '[' | ']');
    text.split(parts).filter(|entry| entry.contains('@'))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::demande::admission::Holder;
    use crate::demande::{GroupId, PersonId};
    use crate::mail::token::{Month, Purpose};

    const NOW: Millis = 1_795_543_200_000;

    fn keys() -> Keyring {
        Keyring::from_secrets([7; 64], &[])
    }

    fn token(demande: u32) -> Token {
        let holder = Holder::Person(PersonId(9));
        Token { demande, holder, purpose: Purpose::Repondre, generation: 0, expires: None }
    }

    fn ours() -> Addressing {
        Addressing::new("relais.example")
    }

    fn reading(carriers: &Carriers<'_>) -> Reading {
        Reading::of(carriers, &ours(), &keys(), NOW)
    }

    fn demande(reading: &Reading) -> Option<u32> {
        match reading.choose(|_| true) {
            Found::Valid(carried) => Some(carried.token.demande),
            _ => None,
        }
    }

    #[test]
    fn the_longest_word_keeps_within_64_octets() {
        let address = ours().action("mauvais-interlocuteur", &keys().mint(&token(1)));
        assert_eq!(address.split_once('@').unwrap().0.len(), 64);
    }

    #[test]
    fn each_way_of_writing_is_read_back() {
        let text = keys().mint(&token(5));
        let minus = Addressing { separator: '-', ..ours() };
        let catch_all = Addressing { catch_all: true, ..ours() };
        for (addressing, address, action) in [
            (ours(), ours().reply(&text), None),
            (ours(), ours().bounce(&text), None),
            (ours(), ours().action("traitee", &text), Some("traitee")),
            (ours(), ours().action("traitee", &text).to_uppercase(), Some("traitee")),
            (ours(), ours().action("traitee", &text).replace('+', "%2B"), Some("traitee")),
            (ours(), format!("reponse+{text}@mailstore.internal.example"), None),
            (minus.clone(), minus.action("mauvais-interlocuteur", &text), Some("mauvais-interlocuteur")),
            (catch_all.clone(), catch_all.reply(&text), None),
            (catch_all.clone(), catch_all.action("traitee", &text), Some("traitee")),
        ] {
            let carriers = Carriers { envelope: &[&address], ..Carriers::default() };
            let reading = Reading::of(&carriers, &addressing, &keys(), NOW);
            let Found::Valid(carried) = reading.choose(|_| true) else { panic!("{address}") };
            assert_eq!(carried.token, token(5), "{address}");
            assert_eq!(carried.action.as_deref(), action, "{address}");
        }
    }

    #[test]
    fn message_ids_carry_it_too() {
        let text = keys().mint(&token(5));
        let id = ours().message_id(Uuid::nil(), &text);
        let root = ours().thread_root(&text);
        for carriers in [
            Carriers { in_reply_to: &[&id], ..Carriers::default() },
            Carriers { references: &[&format!("<a@b.example>,{root} (comment)")], ..Carriers::default() },
            Carriers { references: &["<a@b.example>", &id, "<c@d.example>"], ..Carriers::default() },
        ] {
            let reading = reading(&carriers);
            assert_eq!(demande(&reading), Some(5));
            assert_eq!(reading.carried[0].action, None);
        }
    }

    #[test]
    fn the_order_is_that_of_mail_md() {
        let address = |n| ours().reply(&keys().mint(&token(n)));
        let root = |n| ours().thread_root(&keys().mint(&token(n)));
        let (envelope, to, delivered, reply, old, new) =
            (address(1), address(2), address(3), root(4), root(5), root(6));
        let mut carriers = Carriers {
            envelope: &[&envelope],
            to: &["ami@ailleurs.example", &to],
            delivered: &[&delivered],
            in_reply_to: &[&reply],
            references: &[&old, &new],
        };
        assert_eq!(
            reading(&carriers).carried.iter().map(|c| c.token.demande).collect::<Vec<_>>(),
            [1, 2, 3, 4, 6, 5]
        );
        assert_eq!(demande(&reading(&carriers)), Some(1), "the envelope's wins over To");
        carriers.envelope = &["reponse@relais.example"];
        assert_eq!(demande(&reading(&carriers)), Some(2));
        carriers.to = &[];
        assert_eq!(demande(&reading(&carriers)), Some(3));
        carriers.delivered = &[];
        assert_eq!(demande(&reading(&carriers)), Some(4));
        carriers.in_reply_to = &[];
        assert_eq!(demande(&reading(&carriers)), Some(6), "References are read newest first");
    }

    #[test]
    fn two_demandes_in_one_envelope_choose_nothing() {
        let (a, b) = (ours().reply(&keys().mint(&token(1))), ours().reply(&keys().mint(&token(2))));
        let both = Carriers { envelope: &[&a, &b], to: &[&a], ..Carriers::default() };
        assert_eq!(reading(&both).choose(|_| true), Found::Several(vec![1, 2]));
        let to = Carriers { to: &[&a, &b], ..Carriers::default() };
        assert_eq!(
            reading(&to).choose(|_| true),
            Found::Several(vec![1, 2]),
            "no envelope: To is all there is"
        );
        assert_eq!(
            demande(&reading(&Carriers { envelope: &[&a], to: &[&a, &b], ..Carriers::default() })),
            Some(1)
        );
        let twice = Carriers { envelope: &[&a, &a], ..Carriers::default() };
        assert_eq!(demande(&reading(&twice)), Some(1));
        assert!(
            matches!(reading(&both).choose(|token| token.demande == 2), Found::Valid(c) if c.token.demande == 2)
        );
    }

    #[test]
    fn the_first_that_works_wins_and_forged_ones_are_counted() {
        let expired = Token { expires: Some(Month::of(0)), ..token(1) };
        let (forged, expired) = (format!("reponse+{}@relais.example", "a".repeat(42)), keys().mint(&expired));
        let (expired, good) = (ours().reply(&expired), ours().thread_root(&keys().mint(&token(2))));
        let elsewhere = format!("bounce+{}@newsletter.example", "a".repeat(42));
        let read = reading(&Carriers {
            envelope: &[&forged, &expired],
            to: &[&elsewhere],
            references: &[&good],
            ..Carriers::default()
        });
        assert_eq!((demande(&read), read.forged), (Some(2), 1));
        assert!(matches!(read.choose(|_| false), Found::Dead(carried) if carried.expired));
        assert_eq!(
            reading(&Carriers { envelope: &[&forged], ..Carriers::default() }).choose(|_| true),
            Found::Nothing
        );
    }

    #[test]
    fn a_token_in_the_envelope_alone_is_not_corroborated() {
        let address = ours().reply(&keys().mint(&token(1)));
        let alone =
            reading(&Carriers { envelope: &[&address], delivered: &[&address], ..Carriers::default() });
        assert!(!alone.carried[0].corroborated);
        let both = reading(&Carriers { envelope: &[&address], to: &[&address], ..Carriers::default() });
        assert!(both.carried[0].corroborated && both.carried[0].carrier == Carrier::Envelope);
    }

    #[test]
    fn a_thousand_tokens_cost_no_more_than_a_few() {
        let forged: Vec<String> = (0..1000).map(|_| format!("x+{}@relais.example", "b".repeat(42))).collect();
        let forged: Vec<&str> = forged.iter().map(String::as_str).collect();
        assert_eq!(reading(&Carriers { to: &forged, ..Carriers::default() }).forged, MAX_TRIED);
    }

    #[test]
    fn a_group_has_its_own() {
        let group = Token { holder: Holder::Group(GroupId(3)), ..token(8) };
        let address = ours().reply(&keys().mint(&group));
        let reading = reading(&Carriers { to: &[&address], ..Carriers::default() });
        assert_eq!(reading.carried[0].token.holder, Holder::Group(GroupId(3)));
    }

    #[test]
    fn hostile_texts_are_nothing() {
        for text in
            ["@", "@@@@", "é@relais.example", &"é".repeat(60), &format!("é{}@x", "a".repeat(41)), "+@"]
        {
            assert_eq!(
                reading(&Carriers { to: &[text], references: &[text], ..Carriers::default() }),
                Reading::default()
            );
        }
    }
}

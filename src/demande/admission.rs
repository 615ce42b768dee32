//! Who is writing, and may he: the decision table of mail.md §2, one row per rule, first match wins.
//!
//! Knows the claims a mail makes (its token, its From, how far that From is proved). Does not know how they were
//! verified, nor what the mail asks for.

use serde::{Deserialize, Serialize};

use super::{GroupId, PersonId};

/// How far the From of a mail is proved (mail.md §2: aligned on the organisational domain).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Alignment {
    /// DKIM or SPF passes on From's organisational domain, and there is exactly one From with one address.
    Pass,
    /// Nothing proves it, nothing contradicts it.
    None,
    /// A check failed, or there is more than one From.
    Fail,
    /// A DNS answer is missing: to be tried again, never a pass.
    Temporary,
}

/// Whom a token was made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holder {
    /// A person.
    Person(PersonId),
    /// A group, by its shared mailbox.
    Group(GroupId),
}

/// The token a mail carries, once checked against the keys and the revocations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenClaim {
    /// None at all; a forged one is as if absent.
    None,
    /// Expired or revoked, but once ours.
    Dead(Holder),
    /// Good.
    Valid(Holder),
}

/// What the From address is to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sender {
    /// Nobody we know.
    Unknown,
    /// A disabled account.
    Disabled(PersonId),
    /// An account; `participates` in the token's (or named) demande; `in_group` when the token is a group's and
    /// he is an active instructeur of that group.
    Person {
        /// Who.
        id: PersonId,
        /// Takes part in the demande at hand.
        participates: bool,
        /// Active instructeur of the group whose token it is.
        in_group: bool,
    },
    /// The shared mailbox of a group; `asked` when the demande at hand was asked of it.
    Bal {
        /// Which.
        id: GroupId,
        /// A target group of the demande.
        asked: bool,
        /// The account its Sender header names, if it is a known instructeur of it.
        sender: Option<PersonId>,
    },
}

/// What happens to a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// Done at once, in that person's name; `joins` when he becomes a participant by it.
    Person {
        /// In whose name.
        id: PersonId,
        /// He joins the demande as an instructeur of the group whose mailbox he used.
        joins: bool,
    },
    /// Posted as the group.
    Group(GroupId),
    /// Held until the token's owner confirms: it says to be his but nothing proves it.
    Confirm(PersonId),
    /// Held, and the token's owner is asked, once; nothing is disclosed to who wrote.
    Ask(Holder),
    /// What a stranger wrote, posted by the token's owner as passed on: he said OUI.
    Transmit(Holder),
    /// Held for the operator: no row matches.
    Held,
    /// A known account, proved, without a token and naming no demande: helped with his open demandes.
    Help(PersonId),
    /// A token that no longer works, told kindly to its proved owner.
    DeadToken(PersonId),
    /// A disabled account, proved.
    Disabled(PersonId),
    /// One and the same 550, or silence where the dialogue is not ours.
    Refuse,
    /// Try again later: a DNS answer is missing.
    Later,
}

/// What lets a held mail through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Release {
    /// Who it says to be from said that he wrote it.
    Confirmed(PersonId),
    /// The token's owner said that he publishes it.
    Transmitted(Holder),
}

/// The same admission once somebody answered for the mail: only who was asked may, and only for what he was asked.
/// A confirmation stands in for the missing proof, whatever a check says since.
pub fn released(admission: Admission, release: Release) -> Admission {
    match (admission, release) {
        (Admission::Confirm(asked), Release::Confirmed(id)) if asked == id => {
            Admission::Person { id, joins: false }
        }
        (Admission::Ask(asked), Release::Transmitted(holder)) if asked == holder => {
            Admission::Transmit(holder)
        }
        (admission, _) => admission,
    }
}

/// The table. `named` is true when a mail without token names a demande its sender takes part in.
pub fn admit(token: TokenClaim, sender: Sender, alignment: Alignment, named: bool) -> Admission {
    use Alignment::{Fail, None as Unproved, Pass, Temporary};
    match (token, sender, alignment) {
        (TokenClaim::None, Sender::Unknown, _) => Admission::Refuse,
        (_, _, Temporary) => Admission::Later,
        (TokenClaim::Dead(Holder::Person(owner)), Sender::Person { id, .. }, Pass) if id == owner => {
            Admission::DeadToken(owner)
        }
        (TokenClaim::Dead(_), ..) => Admission::Refuse,
        (TokenClaim::None, Sender::Person { id, participates: true, .. }, Pass) if named => {
            Admission::Person { id, joins: false }
        }
        (TokenClaim::None, Sender::Person { id, .. }, Pass) => Admission::Help(id),
        (TokenClaim::None, Sender::Disabled(id), Pass) => Admission::Disabled(id),
        (TokenClaim::None, ..) => Admission::Refuse,
        (TokenClaim::Valid(Holder::Person(owner)), Sender::Disabled(id), Pass) if id == owner => {
            Admission::Disabled(id)
        }
        (TokenClaim::Valid(_), Sender::Disabled(_), _) => Admission::Held,
        (TokenClaim::Valid(Holder::Person(owner)), Sender::Person { id, .. }, Pass) if id == owner => {
            Admission::Person { id, joins: false }
        }
        (TokenClaim::Valid(Holder::Person(owner)), Sender::Person { id, .. }, Unproved | Fail)
            if id == owner =>
        {
            Admission::Confirm(id)
        }
        (TokenClaim::Valid(_), Sender::Person { id, participates: true, .. }, Pass) => {
            Admission::Person { id, joins: false }
        }
        (TokenClaim::Valid(_), Sender::Person { id, participates: true, .. }, Unproved | Fail) => {
            Admission::Confirm(id)
        }
        (TokenClaim::Valid(Holder::Group(_)), Sender::Person { id, in_group: true, .. }, Pass) => {
            Admission::Person { id, joins: true }
        }
        (TokenClaim::Valid(_), Sender::Bal { sender: Some(id), asked: true, .. }, Pass) => {
            Admission::Person { id, joins: true }
        }
        (TokenClaim::Valid(_), Sender::Bal { id, asked: true, .. }, Pass) => Admission::Group(id),
        (TokenClaim::Valid(holder), ..) => Admission::Ask(holder),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWNER: PersonId = PersonId(1);
    const OTHER: PersonId = PersonId(2);
    const CAF: GroupId = GroupId(7);

    fn person(id: PersonId, participates: bool) -> Sender {
        Sender::Person { id, participates, in_group: false }
    }

    fn bal(sender: Option<PersonId>) -> Sender {
        Sender::Bal { id: CAF, asked: true, sender }
    }

    /// One line per row of mail.md §2, in its order.
    #[test]
    fn the_table() {
        use Alignment::{Fail, None as Unproved, Pass, Temporary};
        let owners = TokenClaim::Valid(Holder::Person(OWNER));
        let groups = TokenClaim::Valid(Holder::Group(CAF));
        let dead = TokenClaim::Dead(Holder::Person(OWNER));
        let instructeur = Sender::Person { id: OTHER, participates: false, in_group: true };
        let acts = |id, joins| Admission::Person { id, joins };
        let rows = [
            (owners, person(OWNER, true), Pass, acts(OWNER, false)),
            (owners, person(OWNER, true), Unproved, Admission::Confirm(OWNER)),
            (owners, person(OWNER, true), Fail, Admission::Confirm(OWNER)),
            (owners, person(OWNER, true), Temporary, Admission::Later),
            (owners, person(OTHER, true), Pass, acts(OTHER, false)),
            (owners, person(OTHER, true), Fail, Admission::Confirm(OTHER)),
            (groups, instructeur, Pass, acts(OTHER, true)),
            (groups, instructeur, Unproved, Admission::Ask(Holder::Group(CAF))),
            (groups, bal(None), Pass, Admission::Group(CAF)),
            (groups, bal(Some(OTHER)), Pass, acts(OTHER, true)),
            (groups, bal(None), Fail, Admission::Ask(Holder::Group(CAF))),
            (owners, person(OTHER, false), Pass, Admission::Ask(Holder::Person(OWNER))),
            (owners, Sender::Unknown, Pass, Admission::Ask(Holder::Person(OWNER))),
            (owners, Sender::Unknown, Fail, Admission::Ask(Holder::Person(OWNER))),
            (owners, Sender::Disabled(OWNER), Pass, Admission::Disabled(OWNER)),
            (owners, Sender::Disabled(OTHER), Pass, Admission::Held),
            (TokenClaim::None, person(OTHER, false), Pass, Admission::Help(OTHER)),
            (TokenClaim::None, person(OTHER, false), Unproved, Admission::Refuse),
            (TokenClaim::None, Sender::Unknown, Pass, Admission::Refuse),
            (TokenClaim::None, Sender::Unknown, Temporary, Admission::Refuse),
            (TokenClaim::None, Sender::Disabled(OTHER), Pass, Admission::Disabled(OTHER)),
            (dead, person(OWNER, true), Pass, Admission::DeadToken(OWNER)),
            (dead, person(OWNER, true), Unproved, Admission::Refuse),
            (dead, person(OTHER, true), Pass, Admission::Refuse),
        ];
        for (row, (token, sender, alignment, wanted)) in rows.into_iter().enumerate() {
            assert_eq!(
                admit(token, sender, alignment, false),
                wanted,
                "row {row}: {token:?} {sender:?} {alignment:?}"
            );
        }
        let named = admit(TokenClaim::None, person(OTHER, true), Pass, true);
        assert_eq!(named, acts(OTHER, false), "without a token, the demande that In-Reply-To names");
    }
}

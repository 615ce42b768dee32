//! What the person wrote, ready to be kept: told from what was quoted, and without what others must not read.

use super::{About, Case};
use crate::demande::decide::Scene;
use crate::demande::notes;
use crate::mail::reading::{self, Known};
use crate::mail::reply::Reply;
use crate::mail::scrub;
use crate::mail::token::Purpose;
use crate::render::MARKER;

impl Case<'_> {
    /// What was said, quoted and signed, without what others must not read: from here on, no token is left in it.
    pub(super) fn reply(&self, about: &About<'_>, scene: &Scene) -> Reply {
        let known = Known { marker: MARKER, domain: &self.office.addressing.domain, sent: None };
        let reply = reading::reply_in(&self.mail.letter, known);
        let mut reply = scrub::reply(reply, MARKER, &addresses(scene));
        if !self.answers_note(about) {
            (reply.said, reply.context) = notes::without_ranges(&scene.demande, &reply.said, &reply.context);
        }
        reply
    }

    /// True when it answers a note, by any of its carriers: what an address of old would make public is then a note,
    /// and the receipt says so.
    pub(super) fn answers_note(&self, about: &About<'_>) -> bool {
        let number = about.carried.map(|carried| carried.token.demande);
        let mut tokens = self.mail.tokens.carried.iter().map(|carried| &carried.token);
        let note = tokens.any(|token| token.purpose == Purpose::Note && Some(token.demande) == number);
        about.of_a_note || note
    }
}

/// Every address of the people and mailboxes of a demande: those of one side are not shown to the other.
fn addresses(scene: &Scene) -> Vec<&str> {
    let people = scene.people.values().map(|person| person.address.as_str());
    people.chain(scene.groups.values().filter_map(|group| group.bal.as_deref())).collect()
}

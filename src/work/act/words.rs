//! What the person wrote, ready to be kept: told from what was quoted, and without what others must not read.

use super::{About, Case};
use crate::demande::decide::Scene;
use crate::demande::notes;
use crate::mail::reply::Reply;
use crate::mail::scrub;
use crate::mail::token::Purpose;
use crate::render::MARKER;

impl Case<'_> {
    /// What was said, quoted and signed, without what others must not read: from here on, no token is left in it.
    pub(super) fn words(&self, about: &About<'_>, scene: &Scene) -> Reply {
        cleaned(self.reply().clone(), scene, self.answers_note(about))
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

/// The same of a mail that is only shown: without tokens, addresses of others, and, unless it is a note itself, what
/// notes said.
pub(in crate::work) fn cleaned(reply: Reply, scene: &Scene, note: bool) -> Reply {
    let mut reply = scrub::reply(reply, MARKER, &addresses(scene));
    if !note {
        (reply.said, reply.context) = notes::without_ranges(&scene.demande, &reply.said, &reply.context);
    }
    reply
}

/// Every address of the people and mailboxes of a demande: those of one side are not shown to the other.
fn addresses(scene: &Scene) -> Vec<&str> {
    let people = scene.people.values().map(|person| person.address.as_str());
    people.chain(scene.groups.values().filter_map(|group| group.bal.as_deref())).collect()
}

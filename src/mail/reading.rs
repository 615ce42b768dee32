//! A letter and what its writer said in it: the one road from bytes to words that the daemon and `relais extract`
//! share. Does not know whether the writer is believed.

use super::letter::{Letter, Limits, Unreadable};
use super::reply::{self, Evidence, Reply};
use crate::demande::command::{Door, Speech, read_all};

/// What we know of ourselves, and of the mail that is answered.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'a> {
    /// The text of our marker line.
    pub marker: &'a str,
    /// Our mail domain.
    pub domain: &'a str,
    /// The text of the mail that is answered, when we have it.
    pub sent: Option<&'a str>,
}

/// A mail, read to the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The mail.
    pub letter: Letter,
    /// What its writer said.
    pub reply: Reply,
}

/// Reads a mail from its bytes.
///
/// # Errors
/// [`Unreadable`] when there is no mail in them.
pub fn read(raw: &[u8], limits: &Limits, known: Known<'_>) -> Result<Reading, Unreadable> {
    let letter = super::letter::read(raw, limits)?;
    let reply = reply_in(&letter, known);
    Ok(Reading { letter, reply })
}

/// What the writer of a letter said: in its body, or all of it in the subject.
pub fn reply_in(letter: &Letter, known: Known<'_>) -> Reply {
    let from = letter.from.first();
    let evidence = Evidence {
        marker: known.marker,
        domain: known.domain,
        sent: known.sent,
        sender_name: from.and_then(|from| from.name.as_deref()),
        sender_address: from.map(|from| from.address.as_str()),
        subject: Some(&letter.subject),
    };
    let mut reply = reply::extract(&letter.body, &evidence);
    let files = letter.attachments.iter().any(|file| !file.logo);
    if reply.said.is_empty() && !files && letter.machine.is_none() {
        reply.said = said_in_subject(&letter.subject, &reply.quoted).unwrap_or_default();
    }
    reply
}

/// The orders and the words in it. `action` is what the address says (`traitee+TOKEN@…`).
pub fn speech_in(letter: &Letter, reply: &Reply, door: Door, action: Option<&str>) -> Speech {
    read_all(reply, door, Some(&letter.subject), action)
}

/// People who write everything in the subject and leave the body empty, or write it behind the subject that they
/// answer. Not the subject of an answer as it was, nor of a button's mail (a command and nothing else).
fn said_in_subject(subject: &str, quoted: &str) -> Option<String> {
    let subject = subject.trim();
    let folded = reply::folded(subject);
    let answers = ["re:", "re :", "tr:", "tr :", "fwd:", "fw:", "aw:", "sv:", "ref:"];
    if answers.iter().any(|a| folded.starts_with(a)) || folded.starts_with("[a+") || folded.starts_with("[#")
    {
        return added_to_subject(subject, quoted);
    }
    let order = !read_all("", Door::Question, Some(subject), None).commands.is_empty();
    let empty = folded.is_empty() || folded == "(sans objet)" || folded == "(no subject)";
    let answered = !quoted.is_empty() && reply::folded(quoted).contains(&folded);
    (!empty && !order && !answered).then(|| subject.to_owned())
}

/// What stands behind the subject that the quoted header names.
fn added_to_subject(subject: &str, quoted: &str) -> Option<String> {
    let old = quoted.lines().take(40).find_map(|line| {
        let (label, value) = line.split_once(':')?;
        let label = reply::folded(label);
        let label = label.trim_matches(|c: char| !c.is_alphabetic());
        matches!(label, "objet" | "sujet" | "subject").then(|| value.trim_matches(['*', ' ', '\u{a0}']))
    })?;
    let at = subject.find(old).filter(|_| old.len() >= 3)?;
    let added = subject[at + old.len()..].trim_start_matches(|c: char| !c.is_alphanumeric()).trim();
    (!added.is_empty()).then(|| added.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_may_stand_in_the_subject() {
        assert_eq!(
            said_in_subject("Le dossier 12 est complet", "").as_deref(),
            Some("Le dossier 12 est complet")
        );
        let quoted = "De : X\nObjet : [A+ #12] RSA\n\nTexte";
        assert_eq!(said_in_subject("Re: [A+ #12] RSA - OK, versé", quoted).as_deref(), Some("OK, versé"));
        assert_eq!(said_in_subject("Re: [A+ #12] RSA", quoted), None);
        for none in ["", "Re: [A+ #12] RSA", "[A+ #12] RSA", "traitée", "[A+ #12] traitée", "(sans objet)"]
        {
            assert_eq!(said_in_subject(none, ""), None, "{none}");
        }
    }
}

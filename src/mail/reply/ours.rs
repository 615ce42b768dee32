//! Evidence from our own mails: the marker line, our domain, the name of the service. It beats every guess.

use super::Evidence;
use super::fold::fold;
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

/// What our marker says when no other text is configured.
const MARKER: &str = "repondez au-dessus de cette ligne";
/// The name in the From of every notice (domain.md §6).
const SERVICE: &str = "administration+";

/// Ready-made tests for folded lines.
pub(super) struct Ours {
    marker: String,
    domain: Option<String>,
    sent: HashSet<u64>,
}

impl Ours {
    pub(super) fn of(evidence: &Evidence<'_>) -> Self {
        let marker = fold(evidence.marker);
        let marker = trim(&marker);
        let domain = evidence.domain.trim().trim_start_matches('@');
        Self {
            marker: if marker.is_empty() { MARKER.to_owned() } else { marker.to_owned() },
            domain: (!domain.is_empty()).then(|| format!("@{}", domain.to_lowercase())),
            sent: evidence
                .sent
                .into_iter()
                .flat_map(str::lines)
                .map(fold)
                .filter_map(|l| telling(&l))
                .collect(),
        }
    }

    /// An attribution or a header that names us.
    pub(super) fn named(&self, folded: &str) -> bool {
        folded.contains(SERVICE)
            || folded.contains("reponse+") && folded.contains('@')
            || self.domain.as_ref().is_some_and(|d| {
                folded.match_indices(d.as_str()).any(|(i, m)| {
                    folded
                        .as_bytes()
                        .get(i + m.len())
                        .is_none_or(|b| !(b.is_ascii_alphanumeric() || *b == b'-' || *b == b'.'))
                })
            })
    }

    /// A line of the very text that we sent; short ones, which anybody may write, do not count.
    pub(super) fn sent(&self, folded: &str) -> bool {
        !self.sent.is_empty() && telling(folded).is_some_and(|hash| self.sent.contains(&hash))
    }

    /// Whether the text that we sent is known.
    pub(super) fn knows_sent(&self) -> bool {
        !self.sent.is_empty()
    }

    /// The marker line itself, whatever dresses it; a sentence about it is none.
    pub(super) fn is_marker(&self, folded: &str) -> bool {
        if folded.len() < self.marker.len() || folded.len() > 4 * self.marker.len() + 80 {
            return false;
        }
        let line = trim(folded);
        line.len() <= self.marker.len() + 4 && line.contains(&self.marker)
    }
}

/// The hash of a line that is long enough to be recognised.
fn telling(folded: &str) -> Option<u64> {
    let text = folded.trim_start_matches(['>', ' ']);
    (text.len() >= 24).then(|| {
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        hasher.finish()
    })
}

fn trim(folded: &str) -> &str {
    folded.trim_matches(|c: char| !c.is_alphanumeric())
}

//! Organisational domains: which domain may speak for which.
//!
//! Knows the Public Suffix List, private section too, and the operator's own suffixes. Does not ask the DNS: a record
//! at `_dmarc.gouv.fr` must not make all ministries one (mail.md §2).

/// In ASCII (RFC 5890's A-labels) and lower case, without a final dot. What cannot be is left as it stands.
pub(super) fn ascii(domain: &str) -> String {
    let domain = domain.trim().trim_end_matches('.');
    mail_auth::common::to_a_label(domain).to_ascii_lowercase()
}

/// True when this can be the name of a mail domain in the DNS (RFC 1035 §2.3.4 for its length).
pub(super) fn is_plain(domain: &str) -> bool {
    (1..=253).contains(&domain.len())
        && domain.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'))
}

/// True when this domain, as [`ascii`] gives it, is one of those that the operator listed.
pub(super) fn lists(list: &[String], domain: &str) -> bool {
    list.iter().any(|listed| ascii(listed) == domain)
}

/// The suffixes under which organisations do not speak for each other.
#[derive(Debug)]
pub(super) struct Suffixes {
    extra: Vec<String>,
}

impl Suffixes {
    pub(super) fn new(extra: &[String]) -> Self {
        Suffixes { extra: extra.iter().map(|suffix| ascii(suffix.trim_start_matches('.'))).collect() }
    }

    /// The domain one label below the longest suffix; None for a suffix itself. `domain` as [`ascii`] gives it.
    fn organisation<'d>(&self, domain: &'d str) -> Option<&'d str> {
        let listed = psl::suffix_str(domain);
        let extra = self.extra.iter().filter_map(|suffix| ends_with(domain, suffix));
        let suffix = extra.chain(listed).max_by_key(|suffix| suffix.len())?;
        let below = domain.strip_suffix(suffix)?.strip_suffix('.')?;
        let label = below.rfind('.').map_or(0, |dot| dot + 1);
        domain.get(label..).filter(|_| !below.is_empty())
    }

    /// True when they are the same domain, or belong to the same organisation (relaxed alignment, RFC 9989).
    pub(super) fn aligned(&self, one: &str, other: &str) -> bool {
        let (one, other) = (ascii(one), ascii(other));
        let organisation = self.organisation(&one);
        !one.is_empty()
            && (one == other || (organisation.is_some() && organisation == self.organisation(&other)))
    }
}

/// The part of `domain` that is `suffix`, at a dot.
fn ends_with<'d>(domain: &'d str, suffix: &str) -> Option<&'d str> {
    let start = domain.len().checked_sub(suffix.len())?;
    let end = domain.get(start..).filter(|end| *end == suffix && !suffix.is_empty())?;
    (start == 0 || domain.as_bytes().get(start - 1) == Some(&b'.')).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn organisations_are_those_below_the_suffix() {
        let suffixes = Suffixes::new(&["gouv.example".into(), "etat.gouv.example".into()]);
        for (one, other, expected) in [
            ("caf.example", "caf.example", true),
            ("mail.caf.example", "CAF.example.", true),
            ("a.mail.caf.example", "b.mail.caf.example", true),
            ("caf.example", "cpam.example", false),
            ("caf.example", "xcaf.example", false),
            ("caf.example", "caf.example.evil.example", false),
            ("interieur.gouv.fr", "justice.gouv.fr", false),
            ("dgfip.finances.gouv.fr", "finances.gouv.fr", true),
            ("finances.gouv.fr", "gouv.fr", false),
            ("gouv.fr", "gouv.fr", true),
            ("a.gouv.example", "b.gouv.example", false),
            ("x.a.gouv.example", "a.gouv.example", true),
            ("a.gouv.example", "gouv.example", false),
            ("a.etat.gouv.example", "b.etat.gouv.example", false),
            ("alice.github.io", "bob.github.io", false),
            ("exämple.fr", "xn--exmple-cua.fr", true),
            ("", "", false),
            ("fr", "example.fr", false),
        ] {
            assert_eq!(suffixes.aligned(one, other), expected, "{one} {other}");
            assert_eq!(suffixes.aligned(other, one), expected, "{other} {one}");
        }
    }

    #[test]
    fn without_the_setting_a_shared_parent_is_one_organisation() {
        assert!(Suffixes::new(&[]).aligned("a.gouv.example", "b.gouv.example"));
    }
}

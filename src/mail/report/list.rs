//! Mailing lists and newsletters (RFC 2369, RFC 2919), told from an answer that its own domain stamped as a list.

use super::{Evidence, Machine, MachineKind};

/// A list, by its headers.
///
/// `List-Unsubscribe` alone is also written by senders' gateways (Brevo, Mailjet) on a person's own answer: in a thread
/// it does not count. `List-Id` in a thread does not count either when the list is of the writer's own domain and was
/// not written to: then it is the stamp of a gateway.
pub(super) fn judge(evidence: &Evidence<'_>) -> Option<Machine> {
    let head = evidence.head;
    let identified = head.has("list-id") || head.has("list-post") || head.has("x-mailing-list");
    let listed = identified || head.has("list-unsubscribe") || head.has("list-help");
    if !listed || (evidence.threaded && !identified) {
        return None;
    }
    if evidence.threaded && is_own_stamp(evidence) {
        return None;
    }
    Some(Machine::new(MachineKind::List, "list header"))
}

fn is_own_stamp(evidence: &Evidence<'_>) -> bool {
    let head = evidence.head;
    if head.has("precedence") || head.has("list-post") || evidence.from.len() != 1 {
        return false;
    }
    let Some(list) = list_id(&head.text("list-id").unwrap_or_default()) else { return false };
    let domain = evidence.from[0].address.rsplit('@').next().unwrap_or_default().to_lowercase();
    let own = !domain.is_empty() && (list == domain || list.ends_with(&format!(".{domain}")));
    let address = list.replacen('.', "@", 1);
    let mut written_to = head.mailboxes("to").into_iter().chain(head.mailboxes("cc"));
    own && !written_to.any(|to| to.address.eq_ignore_ascii_case(&address))
}

/// `Nom <liste.domaine.example>` → `liste.domaine.example`.
fn list_id(value: &str) -> Option<String> {
    let inner = value.rsplit('<').next()?.split('>').next()?.trim();
    (!inner.is_empty()).then(|| inner.to_lowercase())
}

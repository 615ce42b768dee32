//! The organismes and territoires of France (domain.md §9), as data: ids, names, sides.

use std::sync::LazyLock;

/// An administration or a kind of helper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Organisme {
    /// Its id, "CAF".
    pub id: &'static str,
    /// Its name, "Caisse d’allocations familiales".
    pub name: &'static str,
    /// It helps citizens instead of instructing their files.
    pub aidant_side: bool,
}

/// A département, a collectivity, or the demonstration's `Demo`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Territoire {
    /// Its code, "54", "2A", "974".
    pub code: &'static str,
    /// Its name, "Meurthe-et-Moselle".
    pub name: &'static str,
}

static ORGANISMES: LazyLock<Vec<Organisme>> = LazyLock::new(|| {
    lines(include_str!("../../data/organismes.csv"))
        .filter_map(|line| {
            let mut cells = line.split(';');
            let (id, name) = (cells.next()?, cells.next()?);
            Some(Organisme { id, name, aidant_side: cells.next() == Some("aidant") })
        })
        .collect()
});

static TERRITOIRES: LazyLock<Vec<Territoire>> = LazyLock::new(|| {
    lines(include_str!("../../data/territoires.csv"))
        .filter_map(|line| line.split_once(';').map(|(code, name)| Territoire { code, name }))
        .collect()
});

/// The lines below the header.
fn lines(file: &'static str) -> impl Iterator<Item = &'static str> {
    file.lines().skip(1).filter(|line| !line.is_empty())
}

/// Every organisme, in the order of the list.
pub fn organismes() -> &'static [Organisme] {
    &ORGANISMES
}

/// Every territoire, in the order of the list.
pub fn territoires() -> &'static [Territoire] {
    &TERRITOIRES
}

/// The organisme of that id or name, whatever its case.
pub fn organisme(id: &str) -> Option<&'static Organisme> {
    let wanted = id.trim().to_lowercase();
    let is = |name: &str| name.to_lowercase() == wanted;
    ORGANISMES.iter().find(|organisme| is(organisme.id)).or_else(|| ORGANISMES.iter().find(|o| is(o.name)))
}

/// The territoire of that code, whatever its case; "1" is "01".
pub fn territoire(code: &str) -> Option<&'static Territoire> {
    let wanted = code.trim();
    let padded = if wanted.len() == 1 { format!("0{wanted}") } else { wanted.to_owned() };
    TERRITOIRES.iter().find(|territoire| territoire.code.eq_ignore_ascii_case(&padded))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_lists_are_complete() {
        assert_eq!(organismes().len(), 31);
        let codes: BTreeSet<_> = territoires().iter().map(|territoire| territoire.code).collect();
        assert_eq!(codes.len(), 102, "101 and Demo");
        assert!(codes.contains("2A") && codes.contains("974") && !codes.contains("20"));
        let aidants: Vec<_> = organismes().iter().filter(|o| o.aidant_side).map(|o| o.id).collect();
        assert_eq!(aidants, ["Association", "DILA", "Hôpital", "MFS", "MSAP"]);
    }

    #[test]
    fn found_whatever_the_case() {
        assert_eq!(organisme("caf").map(|o| o.id), Some("CAF"));
        assert_eq!(organisme("france services").map(|o| o.id), Some("MFS"));
        assert_eq!(territoire("2a").map(|t| t.name), Some("Corse-du-Sud"));
        assert_eq!(territoire("1").map(|t| t.code), Some("01"));
        assert_eq!(territoire("20"), None);
    }
}

//! The walls of the house: imports point down, `demande` is pure, every room has its row.
//!
//! Knows the table of what may import what, and why. Reading the source is `imports`' business; cargo has no such
//! rule inside a crate.

mod imports;

use imports::{Found, House};

pub(crate) use imports::modules_of;

/// A top-level module, what it may import, and the reason for the wall.
struct Room {
    name: &'static str,
    may: &'static [&'static str],
    why: &'static str,
}

/// From the ground up: a row may name only rows above it. A new room needs a row, and a line in ARCHITECTURE.md.
const ROOMS: &[Room] = &[
    Room { name: "demande", may: &[], why: "the rules of the domain are read and tested without a machine" },
    Room {
        name: "mail",
        may: &["demande"],
        why: "from bytes to meaning: no database, no clock, no settings",
    },
    Room { name: "clock", may: &["demande"], why: "it tells a Millis, and no more" },
    Room { name: "config", may: &["clock"], why: "settings are plain data; one of them says which clock" },
    Room {
        name: "store",
        may: &["demande", "config", "clock"],
        why: "the only SQL keeps what others decided; it reads no mail and sends none",
    },
    Room {
        name: "render",
        may: &["demande", "mail", "config", "clock"],
        why: "a notice becomes words without asking a database what the reader may see",
    },
    Room {
        name: "receive",
        may: &["store", "config", "clock"],
        why: "a way in only keeps; it does not understand",
    },
    Room {
        name: "send",
        may: &["render", "config", "clock"],
        why: "a way out only carries what is rendered",
    },
    Room {
        name: "work",
        may: &["demande", "mail", "render", "store", "receive", "send", "config", "clock"],
        why: "the loops join the rooms; whoever starts them stands above",
    },
    Room {
        name: "cli",
        may: &["demande", "mail", "render", "store", "receive", "send", "work", "config", "clock"],
        why: "the top of the house: nobody imports it",
    },
];

/// What `demande` must not name, by the start of the path.
const IMPURE: &[&str] = &[
    "sqlx",
    "tokio",
    "futures",
    "askama",
    "tracing",
    "getrandom",
    "std::env",
    "std::fs",
    "std::io",
    "std::net",
    "std::process",
    "std::thread",
    "std::time",
];

#[test]
fn every_room_has_a_row() {
    for room in House::read().rooms() {
        assert!(row(&room).is_some(), "src/lib.rs: `{room}` is new: give it a row in ROOMS, with its reason");
    }
}

#[test]
fn the_table_itself_points_down() {
    for (place, room) in ROOMS.iter().enumerate() {
        for target in room.may {
            let above = ROOMS[..place].iter().any(|other| other.name == *target);
            assert!(above, "{} may import {target}, which stands below it or nowhere", room.name);
        }
    }
}

#[test]
fn imports_point_down() {
    let house = House::read();
    let faults: Vec<String> = house.imports.iter().filter_map(fault).collect();
    assert!(faults.is_empty(), "{} imports go through a wall:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn demande_is_pure() {
    let house = House::read();
    let here = |found: &&Found| found.room == "demande";
    let asyncs = house.asyncs.iter().filter(here).map(|found| format!("{found}: async"));
    let paths = house.outside.iter().filter(here).filter(|found| is_impure(&found.path));
    let faults: Vec<String> = asyncs.chain(paths.map(|found| format!("{found}: {}", found.path))).collect();
    assert!(
        faults.is_empty(),
        "demande decides from what it is given, it reaches for nothing:\n{}",
        faults.join("\n")
    );
}

#[test]
fn the_table_of_contents_reexports_nothing() {
    let house = House::read();
    let shortcuts: Vec<_> = house.shortcuts.iter().map(ToString::to_string).collect();
    assert!(
        shortcuts.is_empty(),
        "a name at the crate's root has no room, so no wall:\n{}",
        shortcuts.join("\n")
    );
}

fn row(name: &str) -> Option<&'static Room> {
    ROOMS.iter().find(|room| room.name == name)
}

fn fault(import: &Found) -> Option<String> {
    let room = row(&import.room)?;
    let target = import.path.split("::").next().unwrap_or_default();
    let allowed =
        target == room.name || room.may.contains(&target) || (target != "*" && row(target).is_none());
    let may = if room.may.is_empty() { "nothing".to_owned() } else { room.may.join(", ") };
    (!allowed).then(|| {
        format!("{import}: {} imports crate::{} (it may import {may}: {})", room.name, import.path, room.why)
    })
}

fn is_impure(path: &str) -> bool {
    IMPURE
        .iter()
        .any(|start| path.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with("::")))
}

#[test]
fn a_wall_can_be_broken() {
    let source = "
        use crate::{demande::Etat, store::{inbox, outbox as away}};
        fn inline() { let _ = crate::work::gate::open(super::super::cli::NAME); }
        macro_rules! quiet { () => { $crate::send::folder() } }
        #[cfg(test)] mod tests { use crate::cli; }
        use crate::*;
    ";
    let mut house = House::default();
    house.read_source("src/mail/letter.rs", source);
    let faults: Vec<String> = house.imports.iter().filter_map(fault).collect();
    let places: Vec<&str> = faults.iter().filter_map(|fault| fault.split(" (").next()).collect();
    assert_eq!(
        places,
        [
            "src/mail/letter.rs:2: mail imports crate::store::inbox",
            "src/mail/letter.rs:2: mail imports crate::store::outbox",
            "src/mail/letter.rs:3: mail imports crate::work::gate::open",
            "src/mail/letter.rs:3: mail imports crate::cli::NAME",
            "src/mail/letter.rs:4: mail imports crate::send::folder",
            "src/mail/letter.rs:6: mail imports crate::*",
        ]
    );
}

#[test]
fn impurity_is_seen() {
    let source = "
        use std::{collections::BTreeMap, fs::File};
        async fn later() {}
        fn now() -> std::time::SystemTime { std::time::SystemTime::now() }
        fn block() { let _ = async {}; tokio::spawn(async || 1); }
    ";
    let mut house = House::default();
    house.read_source("src/demande/decide.rs", source);
    let asyncs: Vec<String> = house.asyncs.iter().map(ToString::to_string).collect();
    assert_eq!(asyncs, ["src/demande/decide.rs:3", "src/demande/decide.rs:5", "src/demande/decide.rs:5"]);
    let impure: Vec<&str> =
        house.outside.iter().map(|found| found.path.as_str()).filter(|path| is_impure(path)).collect();
    assert_eq!(
        impure,
        ["std::fs::File", "std::time::SystemTime", "std::time::SystemTime::now", "tokio::spawn"]
    );
}

//! `relais demande show`: one demande, for a person or as JSON.

use serde_json::{Value, json};

use super::super::people::Format;
use super::super::{Exit, Outcome};
use crate::demande::decide::Scene;
use crate::demande::notice::Reader;
use crate::demande::{Entry, Etat, Millis, Participant, Person};
use crate::store::{demandes, outbox};
use crate::work::Office;

/// Most notices shown, the latest.
const NOTICES: u32 = 1000;

pub(super) async fn run(office: &Office, number: u32, format: Format) -> Outcome {
    let mut tx = office.db.read().await?;
    let Some(scene) = demandes::scene(&mut tx, number).await? else {
        eprintln!("there is no demande {number}; `relais demande list` lists them");
        return Ok(Exit::No);
    };
    let filter = outbox::Filter { demande: Some(number), limit: NOTICES, ..outbox::Filter::default() };
    let mut notices = outbox::list(&mut tx, filter).await?;
    notices.reverse();
    let now = office.clock.now();
    if format.json {
        println!("{}", as_json(&scene, &notices, now));
    } else {
        print!("{}", as_text(&scene, &notices, now));
    }
    Ok(Exit::Ok)
}

/// Number, sujet and state: a row of the list.
pub(super) fn summary(scene: &Scene, now: Millis) -> Value {
    let demande = &scene.demande;
    let etat = demande.etat_complet();
    json!({
        "number": demande.number,
        "sujet": demande.sujet,
        "etat": etat.code(),
        "libelles": labels(etat),
        "en_souffrance": demande.en_souffrance(now),
        "territoire": demande.territoire,
        "groupes": groups(scene),
        "created_at": rfc3339(demande.created_at),
        "closed_at": demande.closed_at().map(rfc3339),
    })
}

fn as_json(scene: &Scene, notices: &[outbox::Row], now: Millis) -> Value {
    let mut shown = summary(scene, now);
    let demande = &scene.demande;
    shown["description"] = json!(demande.description);
    shown["infos"] = json!(demande.infos);
    shown["participants"] = demande.participants.iter().filter_map(|p| participant(scene, p)).collect();
    shown["messages"] = kept(scene).map(|entry| message(entry, now)).collect();
    shown["notices"] = notices.iter().map(|row| notice(scene, row)).collect();
    shown
}

fn labels(etat: Etat) -> Value {
    json!({ "auteur": etat.label(true), "autres": etat.label(false) })
}

fn groups(scene: &Scene) -> Vec<&str> {
    scene
        .demande
        .groups
        .iter()
        .filter_map(|id| scene.groups.get(id))
        .map(|group| group.name.as_str())
        .collect()
}

/// What was not withdrawn; acts inside their undo window are shown, with its end.
fn kept(scene: &Scene) -> impl Iterator<Item = &Entry> {
    scene.demande.entries.iter().filter(|entry| entry.withdrawn_at.is_none())
}

fn participant(scene: &Scene, participant: &Participant) -> Option<Value> {
    let person = scene.people.get(&participant.person).filter(|_| participant.left_at.is_none())?;
    Some(json!({
        "name": person.name(), "address": person.address,
        "side": participant.side.code(), "role": participant.role.code(),
    }))
}

fn message(entry: &Entry, now: Millis) -> Value {
    let files: Vec<Value> = entry
        .files
        .iter()
        .map(|file| json!({ "name": file.name, "type": file.kind, "size": file.size }))
        .collect();
    json!({
        "n": entry.n,
        "kind": entry.kind.code(),
        "author": entry.author.name,
        "channel": entry.channel.code(),
        "visibility": entry.visibility.code(),
        "text": entry.text,
        "quoted": entry.quoted,
        "signature": entry.signature,
        "files": files,
        "at": rfc3339(entry.at),
        "pending_until": entry.pending_until.filter(|_| entry.is_pending(now)).map(rfc3339),
    })
}

fn notice(scene: &Scene, row: &outbox::Row) -> Value {
    json!({
        "to": reader(scene, &row.order.to), "what": row.order.what.code(), "state": row.state.code(),
        "path": row.path, "brief": row.order.brief, "not_before": rfc3339(row.not_before),
    })
}

/// The address a notice goes to.
fn reader(scene: &Scene, to: &Reader) -> Option<String> {
    match to {
        Reader::Person(id) => scene.people.get(id).map(|person| person.address.clone()),
        Reader::Group(id) => scene.groups.get(id).and_then(|group| group.bal.clone()),
        Reader::Address(address) => Some(address.clone()),
    }
}

fn as_text(scene: &Scene, notices: &[outbox::Row], now: Millis) -> String {
    use std::fmt::Write;
    let demande = &scene.demande;
    let etat = demande.etat_complet();
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "#{} {}\n{} (author reads: {})",
        demande.number,
        demande.sujet,
        etat.label(false),
        etat.label(true)
    );
    let author = scene.people.get(&demande.author).map(Person::name).unwrap_or_default();
    let _ = writeln!(text, "{author} asks {}, territoire {}\n", groups(scene).join(", "), demande.territoire);
    for entry in kept(scene) {
        let pending = if entry.is_pending(now) { ", can still be undone" } else { "" };
        let _ = writeln!(
            text,
            "{} {} — {} [{}{pending}]",
            entry.n,
            rfc3339(entry.at),
            entry.author.name,
            entry.kind.code()
        );
        for line in entry.text.lines() {
            let _ = writeln!(text, "    {line}");
        }
    }
    let _ = writeln!(text);
    for row in notices {
        let to = reader(scene, &row.order.to).unwrap_or_default();
        let _ = writeln!(
            text,
            "{:<10} {:<22} {to} {}",
            row.state.code(),
            row.order.what.code(),
            row.path.as_deref().unwrap_or_default()
        );
    }
    text
}

/// "2026-05-12T12:00:00Z".
pub(in crate::cli) fn rfc3339(at: Millis) -> String {
    let format = &time::format_description::well_known::Rfc3339;
    let moment = time::OffsetDateTime::from_unix_timestamp(at.div_euclid(1000));
    moment.ok().and_then(|moment| moment.format(format).ok()).unwrap_or_default()
}

//! What the steps between a letter and a notice cost: tokens, the decision, rendering.
//!
//! `cargo bench --bench road --no-default-features`

use std::collections::BTreeMap;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use relais::demande::admission::Holder;
use relais::demande::command::{Door, read_all};
use relais::demande::decide::{Actor, Incoming, Rules, Scene, decide};
use relais::demande::people::Level;
use relais::demande::rights::Standing;
use relais::demande::{
    Author, Channel, Demande, Group, GroupId, Part, Participant, Person, PersonId, Roles, Side,
};
use relais::mail::token::{Addressing, Carriers, Keyring, Month, Purpose, Reading, Token};
use relais::render;

/// 12 May 2026, noon.
const NOW: i64 = 1_778_587_200_000;

fn token() -> Token {
    Token {
        demande: 1234,
        holder: Holder::Person(PersonId(42)),
        purpose: Purpose::Repondre,
        generation: 0,
        expires: Some(Month::of(NOW)),
    }
}

fn tokens(c: &mut Criterion) {
    let Ok(keys) = Keyring::generate(NOW) else { return };
    let (token, addressing) = (token(), Addressing::new("demandes.example"));
    let text = keys.mint(&token);
    let address = addressing.reply(&text);
    let mut group = c.benchmark_group("token");
    group.throughput(Throughput::Elements(1));
    group.bench_function("mint", |b| b.iter(|| keys.mint(black_box(&token))));
    group.bench_function("open", |b| b.iter(|| keys.open(black_box(&text), NOW)));
    group.bench_function("open a forged one", |b| {
        let forged = text.replace('a', "b");
        b.iter(|| keys.open(black_box(&forged), NOW));
    });
    group.bench_function("find in a mail", |b| {
        let carriers = Carriers { envelope: &[&address], to: &[&address], ..Carriers::default() };
        b.iter(|| Reading::of(black_box(&carriers), &addressing, &keys, NOW));
    });
    group.finish();
}

fn person(id: u32) -> Person {
    Person {
        id: PersonId(id),
        first_name: "Prénom".to_owned(),
        last_name: format!("Nom {id}"),
        qualite: None,
        address: format!("p{id}@agents.example"),
        phone: None,
        roles: Roles::default(),
        groups: vec![GroupId(id % 3)],
        shared: false,
        disabled: false,
    }
}

fn group(id: u32) -> Group {
    Group {
        id: GroupId(id),
        name: format!("Groupe {id}"),
        organisme: "CAF".to_owned(),
        aidant_side: false,
        territoires: vec!["54".to_owned()],
        bal: Some(format!("bal{id}@agents.example")),
        level: Level::Masque,
    }
}

/// A demande of ten participants and three groups.
fn scene() -> Scene {
    let participant = |id| Participant {
        person: PersonId(id),
        side: if id < 3 { Side::Auteur } else { Side::Instructeurs },
        role: if id == 1 { Part::Auteur } else { Part::Instructeur },
        joined_at: 0,
        left_at: None,
        follows: true,
    };
    let demande = Demande {
        number: 1234,
        sujet: "Dossier bloqué".to_owned(),
        description: "Bonjour, rien ne bouge depuis deux mois.".to_owned(),
        infos: BTreeMap::new(),
        territoire: "54".to_owned(),
        structure: None,
        author: PersonId(1),
        mandat: None,
        created_at: 0,
        wiped_at: None,
        entries: Vec::new(),
        participants: (1..=10).map(participant).collect(),
        groups: (0..3).map(GroupId).collect(),
    };
    let people = (1..=10).map(|id| (PersonId(id), person(id))).collect();
    Scene { demande, people, groups: (0..3).map(|id| (GroupId(id), group(id))).collect() }
}

fn incoming() -> Incoming {
    let author = Author {
        person: Some(PersonId(5)),
        group: None,
        name: "Prénom Nom 5 (Groupe 2)".to_owned(),
        side: Some(Side::Instructeurs),
    };
    Incoming {
        actor: Actor { author, standing: Standing::Instructeur, shared: false, joins: false },
        speech: read_all("!traitée\n\nLe droit est ouvert.", Door::Mail, None, None),
        quoted: String::new(),
        signature: String::new(),
        files: Vec::new(),
        channel: Channel::Mail,
        source: None,
        answers_note: false,
        answers_survey: false,
    }
}

fn decision(c: &mut Criterion) {
    let (scene, said) = (scene(), incoming());
    let mut group = c.benchmark_group("decide");
    group.throughput(Throughput::Elements(1));
    group.bench_function("handled, ten participants", |b| {
        b.iter(|| decide(black_box(&scene), &said, Rules { undo_window: 600_000 }, NOW));
    });
    group.finish();
}

fn rendering(c: &mut Criterion) {
    let carriage = render::sample_carriage();
    let mut group = c.benchmark_group("render");
    group.throughput(Throughput::Elements(1));
    for (name, notice) in render::samples() {
        if !["nouvelle_demande", "nouveau_message", "traitee", "recu_traitee"].contains(&name.as_str()) {
            continue;
        }
        group.bench_function(name, |b| {
            b.iter(|| {
                render::mail(black_box(&notice), &carriage).and_then(|mail| render::mime(&mail, &carriage))
            });
        });
    }
    group.finish();
}

criterion_group!(benches, tokens, decision, rendering);
criterion_main!(benches);

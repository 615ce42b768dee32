//! What reading costs: the cut, the orders, and the whole road from bytes; everyday mails and adversarial megabytes.
//!
//! `cargo bench --bench reading --no-default-features`. Flat cost per byte shows as the same throughput at each size.

mod letter;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use relais::demande::command::{Door, read_all};
use relais::mail::body::Body;
use relais::mail::letter::Limits;
use relais::mail::reading::{self, Known};
use relais::mail::reply::{Evidence, extract};
use std::hint::black_box;

const SHORT: &str = "Bonjour,\n\nLe dossier de l'usager est complet depuis hier, un courrier lui a été envoyé.\n\nCordialement,\n\nJean DUPONT\nConseiller\nCAF de Melun\nTél. 01 23 45 67 89\n\nDe : Administration+ <reponse+abc@aplus.example>\nEnvoyé : mardi 12 mai 2026 14:03\nÀ : Jean DUPONT <jean.dupont@caf.example>\nObjet : Nouvelle demande #1234\n\nVous avez une nouvelle demande.\nUn usager attend depuis trois mois une réponse à sa demande.\nMerci beaucoup et bonne journée\n";

/// A unit repeated to a megabyte, and how it ends.
const ADVERSARIAL: &[(&str, &str, &str)] = &[
    ("chevrons", ">", ""),
    ("quoted blank lines", ">\n", ""),
    ("blank lines", "\n", ""),
    ("spaces", " ", ""),
    ("Le Le Le", "Le ", "a écrit :"),
    ("Le lines", "Le \n", "a écrit :"),
    ("attributions", "Le 12/05/2026 a écrit :\n", ""),
    ("De lines", "De :\n", ""),
    ("headers", "De : a@b.fr\nObjet : x\n", ""),
    ("nested quotes", ">>>>>>>>>>>>> x\n", ""),
    ("alternating", "> x\ny\n\n", ""),
    ("closings", "Cordialement,\n", ""),
    ("dashes", "-- \n", ""),
    ("footers", "Envoyé de mon iPhone\n", ""),
];

fn plain(text: String) -> Body {
    Body { text, spans: Vec::new() }
}

fn cut(c: &mut Criterion) {
    let evidence =
        Evidence { domain: "aplus.example", sender_name: Some("Jean Dupont"), ..Evidence::default() };
    let mut group = c.benchmark_group("cut");
    let body = plain(SHORT.to_owned());
    group.throughput(Throughput::Elements(1));
    group.bench_function("short reply", |b| b.iter(|| extract(black_box(&body), &evidence)));
    for size in [10_000, 1_000_000, 25_000_000] {
        let body = plain("Une ligne tout à fait ordinaire, sans rien.\n".repeat(size / 45));
        group.throughput(Throughput::Bytes(body.text.len() as u64)).sample_size(10);
        group.bench_function(format!("{size} bytes of text"), |b| {
            b.iter(|| extract(black_box(&body), &evidence));
        });
    }
    group.finish();
}

fn adversarial(c: &mut Criterion) {
    let mut group = c.benchmark_group("adversarial megabyte");
    group.sample_size(10);
    for (name, unit, end) in ADVERSARIAL {
        let body = plain(unit.repeat(1_000_000 / unit.len()) + end);
        group.bench_function(*name, |b| {
            b.iter(|| read_all(&extract(black_box(&body), &Evidence::default()), Door::Mail, None, None));
        });
    }
    group.finish();
}

fn road(c: &mut Criterion) {
    let mut group = c.benchmark_group("from bytes to commands");
    group.throughput(Throughput::Elements(1));
    for folder in ["replies", "commands"] {
        let mails = fixtures(folder);
        let limits = Limits { display: false, ..Limits::default() };
        let mut mails = mails.iter().cycle();
        group.bench_function(folder, |b| {
            b.iter(|| {
                let raw = mails.next().map_or(&[][..], Vec::as_slice);
                reading::read(raw, &limits, Known::default())
                    .map(|r| reading::speech_in(&r.letter, &r.reply, Door::Mail, None))
            });
        });
    }
    group.finish();
}

fn fixtures(folder: &str) -> Vec<Vec<u8>> {
    let folder = format!("{}/mailbox-fixtures/{folder}", env!("CARGO_MANIFEST_DIR"));
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mails = files.filter(|path| path.extension().is_some_and(|e| e == "eml"));
    mails.filter_map(|path| std::fs::read(path).ok()).filter(|raw| raw.len() < 60_000).collect()
}

criterion_group!(benches, cut, adversarial, road);
criterion_main!(benches, letter::letter);

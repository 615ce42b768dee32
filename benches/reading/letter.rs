//! How fast a letter is read: whole mails, and what a hostile megabyte costs.
//!
use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group};
use relais::mail::letter::{Limits, read};

/// Whole mails of the fixtures: the text decides, or HTML is all there is.
const WHOLE: [&str; 5] = [
    "outlook-bureau-fr",
    "gmail-web-fr-signature",
    "outlook-bureau-html-seul",
    "gmail-html-seul",
    "yahoo-android-html-seul",
];

/// Repeated to a megabyte of text.
const TEXTS: [&str; 6] = [">", "\n", " ", "Le Le Le a écrit ", "De :\n", "=C3"];

/// Repeated to a megabyte of HTML.
const HTMLS: [&str; 8] =
    ["<div>", "<blockquote type=cite>", "<p>", "<li>", "<b><p>", "<table><tr><td>", "&nbsp;", "<i></b>"];

fn limits(display: bool) -> Limits {
    Limits { display, ..Limits::default() }
}

fn megabyte(kind: &str, unit: &str) -> Vec<u8> {
    let head = format!("From: a@b.test\nContent-Type: text/{kind}\n\n");
    (head + &unit.repeat(1_000_000 / unit.len())).into_bytes()
}

fn whole_mails(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("letter");
    for name in WHOLE {
        let path = format!("{}/mailbox-fixtures/replies/{name}.eml", env!("CARGO_MANIFEST_DIR"));
        let Ok(raw) = std::fs::read(&path) else {
            eprintln!("{path} is missing: not measured");
            continue;
        };
        group.throughput(Throughput::Elements(1));
        for (display, what) in [(false, "read"), (true, "read and shown")] {
            let limits = limits(display);
            group.bench_with_input(BenchmarkId::new(what, name), &raw, |b, raw| {
                b.iter(|| read(black_box(raw), &limits));
            });
        }
    }
    group.finish();
}

fn hostile_megabytes(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("hostile megabyte");
    group.sample_size(10);
    let texts = TEXTS.iter().map(|unit| ("plain", *unit));
    for (kind, unit) in texts.chain(HTMLS.iter().map(|unit| ("html", *unit))) {
        let raw = megabyte(kind, unit);
        let limits = limits(true);
        group.throughput(Throughput::Bytes(raw.len() as u64));
        group.bench_with_input(BenchmarkId::new(kind, format!("{unit:?}")), &raw, |b, raw| {
            b.iter(|| read(black_box(raw), &limits));
        });
    }
    group.finish();
}

fn sizes(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("cost per byte");
    group.sample_size(10);
    for size in [10_000, 1_000_000, 25_000_000] {
        let line = "<div>une ligne de longueur <b>moyenne</b></div>\n";
        let head = "From: a@b.test\nContent-Type: text/html\n\n".to_owned();
        let raw = (head + &line.repeat(size / line.len())).into_bytes();
        let limits = limits(false);
        group.throughput(Throughput::Bytes(raw.len() as u64));
        group.bench_with_input(BenchmarkId::new("html", size), &raw, |b, raw| {
            b.iter(|| read(black_box(raw), &limits));
        });
    }
    group.finish();
}

criterion_group!(letter, whole_mails, hostile_megabytes, sizes);

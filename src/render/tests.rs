use super::*;

#[test]
fn every_notice_renders() {
    for (name, notice) in samples() {
        let mail = mail(&notice, &sample_carriage()).unwrap_or_else(|error| panic!("{name}: {error}"));
        println!("=== {name}\n{}\n{}", mail.subject, mail.text);
    }
}

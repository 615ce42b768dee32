use super::*;

/// With `RELAIS_LOOK=DIR`, every sample's HTML and text are written there, to be looked at in a browser.
#[test]
fn every_notice_renders() {
    let look = std::env::var_os("RELAIS_LOOK").map(std::path::PathBuf::from);
    for (name, notice) in samples() {
        let mail = mail(&notice, &sample_carriage()).unwrap_or_else(|error| panic!("{name}: {error}"));
        if let Some(folder) = &look {
            std::fs::create_dir_all(folder).unwrap();
            std::fs::write(folder.join(format!("{name}.html")), &mail.html).unwrap();
            std::fs::write(folder.join(format!("{name}.txt")), &mail.text).unwrap();
        }
        assert!(!mail.subject.is_empty() && mail.text.len() > 100 && mail.html.contains("</html>"), "{name}");
    }
}

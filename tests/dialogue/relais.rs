//! The binary as an operator runs it, in a folder of its own, and the people of one town.

use std::path::Path;
use std::process::{Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::servers::{self, RelaisPort};
use crate::village::Letter;

/// A running daemon; one at a time, because Postfix knows one address.
pub(super) struct Relais {
    pub(super) number: u32,
    town: String,
    folder: TempDir,
    settings: Vec<String>,
    daemon: Child,
    _port: RelaisPort,
}

impl Relais {
    /// Imports the cast and opens the demande with nobody running, then starts the daemon. `town` goes into every
    /// address, so that two stories share no mailbox.
    pub(super) async fn start(town: &str, database: Option<&str>) -> Self {
        let port = RelaisPort::take();
        let folder = tempfile::tempdir().unwrap();
        let settings = settings(folder.path(), &port, database);
        let files = [
            ("people.csv", include_str!("../../docs/people.csv")),
            ("demande.toml", include_str!("../../docs/demande.toml")),
        ];
        for (name, text) in files {
            std::fs::write(folder.path().join(name), of_town(text, town)).unwrap();
        }
        let file = |name: &str| folder.path().join(name).display().to_string();
        ok(&run(&settings, &["people", "import", &file("people.csv")]).await);
        let created =
            ok(&run(&settings, &["demande", "create", "--json", "--file", &file("demande.toml")]).await);
        let created: Value = serde_json::from_str(&created).unwrap();
        let number = u32::try_from(created["number"].as_u64().unwrap()).unwrap();
        let daemon = command(&settings, &["serve"]).kill_on_drop(true).spawn().unwrap();
        Relais { number, town: town.to_owned(), folder, settings, daemon, _port: port }
    }

    /// `lea.martin@caf54`, in this town.
    pub(super) fn person(&self, name: &str) -> String {
        of_town(&format!("{name}.example"), &self.town)
    }

    /// Gives a letter to Postfix, by swaks, as the sender's mail server would.
    pub(super) async fn sends(&self, letter: &Letter) {
        let bytes = of_town(&String::from_utf8(letter.bytes()).unwrap(), &self.town);
        let path = self.folder.path().join("lettre.eml");
        std::fs::write(&path, format!("{bytes}\r\n.\r\n")).unwrap();
        let from = of_town(letter.envelope_from.as_deref().unwrap_or_default(), &self.town);
        let server = servers::address("RELAIS_TEST_POSTFIX");
        let data = format!("@{}", path.display());
        let swaks = Command::new("swaks")
            .args(["--server", &server, "--from", &from, "--to", &letter.envelope_to])
            .args(["--no-data-fixup", "--data", &data])
            .output();
        ok(&swaks.await.unwrap());
    }

    /// `relais demande show --json`, beside the daemon.
    pub(super) async fn shown(&self) -> Value {
        let shown = run(&self.settings, &["demande", "show", "--json", &self.number.to_string()]).await;
        serde_json::from_str(&ok(&shown)).unwrap()
    }

    /// A soft stop, as systemd asks for it.
    pub(super) async fn stop(mut self) {
        let id = self.daemon.id().unwrap().to_string();
        ok(&Command::new("kill").args(["-TERM", &id]).output().await.unwrap());
        let ended = tokio::time::timeout(std::time::Duration::from_secs(20), self.daemon.wait()).await;
        assert!(ended.expect("the daemon stops").unwrap().success());
    }
}

fn settings(folder: &Path, port: &RelaisPort, database: Option<&str>) -> Vec<String> {
    let mut settings = vec![
        format!("data.dir={}", folder.join("data").display()),
        format!("tokens.key_file={}", folder.join("jetons.cle").display()),
        format!("lmtp.listen={}", port.address),
        format!("outbound.url=smtp://{}", servers::address("RELAIS_TEST_POSTFIX")),
        "outbound.starttls=none".to_owned(),
        "dns.resolver=off".to_owned(),
        "work.poll=100ms".to_owned(),
        "log.level=warn".to_owned(),
    ];
    settings.extend(database.map(|url| format!("database.url={url}")));
    settings
}

fn of_town(text: &str, town: &str) -> String {
    ["caf54", "cpam54", "valbrume"].iter().fold(text.to_owned(), |text, domain| {
        text.replace(&format!("{domain}.example"), &format!("{domain}-{town}.example"))
    })
}

/// From the root of the repository's parent, where no deploy.toml lies: the shipped settings hold.
fn command(settings: &[String], arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_relais"));
    for setting in settings {
        command.args(["--set", setting]);
    }
    command.args(arguments).current_dir("/").stdin(Stdio::null());
    command
}

async fn run(settings: &[String], arguments: &[&str]) -> Output {
    command(settings, arguments).output().await.unwrap()
}

#[track_caller]
fn ok(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}\n{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

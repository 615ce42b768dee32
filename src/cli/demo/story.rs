//! The life of one demande, step by step, each with what must come out of it.

use super::cast::{self, Fixture, KARIM, LEA, NADIA, PAUL};
use super::stage::Stage;
use crate::cli::{Exit, Failure};

/// What one step must come to.
struct Expected {
    /// SMTP code.
    code: u16,
    /// State of the arrival in the inbox ("done", "held", "ignored", "refused"); empty when it never came in.
    arrival: &'static str,
    /// The words for the state: the author's, her colleagues', the instructeurs'.
    labels: [&'static str; 3],
    /// Names of the readers that a mail left for.
    told: &'static [&'static str],
}

const LEA_MARTIN: &str = "Léa Martin";
const KARIM_HADDAD: &str = "Karim Haddad";
const SOPHIE: &str = "Sophie Laurent";
const PAUL_GIRARD: &str = "Paul Girard";
const NADIA_BENALI: &str = "Nadia Benali";
const OMAR: &str = "Omar Petit";
const BAL: &str = "boîte de CAF 54";
const SENT: [&str; 3] = ["Envoyée", "Nouvelle", "Nouvelle"];
const RUNNING: [&str; 3] = ["En cours", "En cours", "En cours"];
const HANDLED: [&str; 3] = ["À archiver", "Traitée", "Traitée"];
const ARCHIVED: [&str; 3] = ["Archivée", "Archivée", "Archivée"];

/// Plays it all.
pub(super) async fn play(stage: &mut Stage) -> Result<(), Failure> {
    opening(stage).await?;
    work(stage).await?;
    strangers(stage).await?;
    closing(stage).await
}

async fn opening(stage: &mut Stage) -> Result<(), Failure> {
    stage
        .telling
        .step(&stage.time(), "Nadia Benali (MFS Valbrume) ouvre une demande à la CAF 54 et à la CPAM 54");
    stage.settle().await?;
    let told = [BAL, KARIM_HADDAD, LEA_MARTIN, PAUL_GIRARD, SOPHIE];
    outcome(stage, SENT, &told).await
}

async fn work(stage: &mut Stage) -> Result<(), Failure> {
    let step = Expected {
        code: 250,
        arrival: "done",
        labels: ["Envoyée", "Nouvelle", "En cours"],
        told: &[LEA_MARTIN],
    };
    play_one(stage, "Léa Martin la prend en charge", cast::TAKES_CHARGE, LEA, step).await?;
    stage.advance(11)?;
    stage.settle().await?;
    stage.telling.step(&stage.time(), "Le délai d’annulation est passé : chacun est prévenu");
    outcome(stage, RUNNING, &[KARIM_HADDAD, NADIA_BENALI, OMAR, PAUL_GIRARD, SOPHIE]).await?;

    let step =
        Expected { code: 250, arrival: "done", labels: RUNNING, told: &[NADIA_BENALI, OMAR, PAUL_GIRARD] };
    play_one(stage, "Léa Martin répond", cast::ANSWERS, LEA, step).await?;

    let step = Expected {
        code: 250,
        arrival: "done",
        labels: RUNNING,
        told: &[KARIM_HADDAD, LEA_MARTIN, PAUL_GIRARD, SOPHIE],
    };
    play_one(stage, "Karim Haddad écrit une note que l’aidante ne doit pas voir", cast::NOTES, KARIM, step)
        .await
}

async fn strangers(stage: &mut Stage) -> Result<(), Failure> {
    let step = Expected { code: 250, arrival: "held", labels: RUNNING, told: &[PAUL_GIRARD] };
    let what = "Un inconnu répond à un mail transféré : le jeton est celui de Paul Girard, qui décidera seul";
    play_one(stage, what, cast::STRANGER_WITH_TOKEN, PAUL, step).await?;

    stage.advance(1)?;
    stage.telling.step(&stage.time(), "Une inconnue écrit sans jeton (d’un webmail)");
    let answer = stage.plays_without_token(cast::STRANGER).await?;
    stage.telling.understood(&format!("{} {}", answer.code, answer.text));
    must(answer.code == 550, "a stranger without token is refused with 550")?;
    outcome(stage, RUNNING, &[]).await?;

    let step = Expected { code: 250, arrival: "ignored", labels: RUNNING, told: &[] };
    play_one(stage, "La messagerie de Léa Martin répond qu’elle est absente", cast::ABSENT, LEA, step).await
}

async fn closing(stage: &mut Stage) -> Result<(), Failure> {
    let pending = ["En cours", "En cours", "Traitée"];
    let step = Expected { code: 250, arrival: "done", labels: pending, told: &[LEA_MARTIN] };
    play_one(stage, "Léa Martin écrit « Traité » depuis son téléphone", cast::HANDLES, LEA, step).await?;

    stage.advance(3)?;
    let step = Expected { code: 250, arrival: "done", labels: RUNNING, told: &[LEA_MARTIN] };
    play_one(stage, "Elle se ravise : ANNULER, et personne n’en a rien su", cast::UNDOES, LEA, step).await?;

    let step = Expected { code: 250, arrival: "done", labels: pending, told: &[LEA_MARTIN] };
    play_one(stage, "Tout est prêt : « Traité », de nouveau", cast::HANDLES_AGAIN, LEA, step).await?;
    stage.advance(11)?;
    stage.settle().await?;
    stage.telling.step(&stage.time(), "Le délai d’annulation est passé : l’aidante apprend que c’est traité");
    outcome(stage, HANDLED, &[KARIM_HADDAD, NADIA_BENALI, OMAR, PAUL_GIRARD, SOPHIE]).await?;

    let step = Expected {
        code: 250,
        arrival: "done",
        labels: ["Archivée", "Archivée", "Traitée"],
        told: &[NADIA_BENALI],
    };
    play_one(stage, "Nadia Benali archive : la réponse était utile, oui", cast::ARCHIVES, NADIA, step)
        .await?;
    stage.advance(11)?;
    stage.settle().await?;
    stage.telling.step(&stage.time(), "La demande est archivée pour tous");
    outcome(stage, ARCHIVED, &[KARIM_HADDAD, LEA_MARTIN, PAUL_GIRARD, SOPHIE]).await
}

async fn play_one(
    stage: &mut Stage,
    what: &str,
    fixture: Fixture,
    from: &str,
    step: Expected,
) -> Result<(), Failure> {
    stage.advance(1)?;
    stage.telling.step(&stage.time(), &format!("{what} (de {}, {})", fixture.client, fixture.name));
    let answer = stage.plays(fixture, from).await?;
    must(answer.code == step.code, &format!("the mail is answered {} (it was {})", step.code, answer.code))?;
    let arrival = stage.last_arrival().await?;
    stage.telling.understood(&understood(&arrival));
    if let Some(entry) = arrival.entry {
        stage.telling.read(&stage.text_of(entry).await?);
    }
    let state = arrival.state.code();
    must(
        state == step.arrival,
        &format!("the arrival is {} (it is {state}: {:?})", step.arrival, arrival.reason),
    )?;
    outcome(stage, step.labels, step.told).await
}

/// One line: what became of it, and the commands that were read.
fn understood(arrival: &crate::store::inbox::Row) -> String {
    let commands = arrival.trace.pointer("/understood/commands").and_then(|value| value.as_array());
    let names: Vec<_> = commands.into_iter().flatten().filter_map(|name| name.as_str()).collect();
    let commands = if names.is_empty() { String::new() } else { format!(" · {}", names.join(", ")) };
    let reason = arrival.reason.as_deref().map(|reason| format!(" · {reason}")).unwrap_or_default();
    format!("250 · {}{commands}{reason}", arrival.state.code())
}

/// Tells and checks the state and the mails that left.
async fn outcome(stage: &mut Stage, labels: [&str; 3], told: &[&str]) -> Result<(), Failure> {
    let [author, colleagues, others] = stage.labels().await?;
    stage.telling.state(&format!(
        "l’aidante lit « {author} », ses collègues lisent « {colleagues} », les instructeurs « {others} »"
    ));
    let sent = stage.new_mails().await?;
    for mail in &sent {
        stage.telling.sent(&format!("à {} : {}", mail.to, mail.what), &mail.path);
    }
    let mut readers: Vec<&str> = sent.iter().map(|mail| mail.to.as_str()).collect();
    readers.sort_unstable();
    readers.dedup();
    let mut wanted = told.to_vec();
    wanted.sort_unstable();
    must(
        [author, colleagues, others] == labels,
        &format!("the state reads {labels:?} (it reads {:?})", [author, colleagues, others]),
    )?;
    must(readers == wanted, &format!("mails leave for {wanted:?} (they left for {readers:?})"))
}

fn must(held: bool, what: &str) -> Result<(), Failure> {
    if held {
        Ok(())
    } else {
        Err(Failure::new(Exit::No, format!("demo: this did not come out as told: {what}")))
    }
}

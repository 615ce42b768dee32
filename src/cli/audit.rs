//! `relais audit`: who did what, when, by which door; for whoever must answer for it.

use std::io::{ErrorKind, Write};

use clap::{Args, Subcommand};
use serde_json::json;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

use super::{Exit, Failure, Outcome, office};
use crate::config::Config;
use crate::demande::Millis;
use crate::render::csv_cell;
use crate::store::Role;
use crate::store::audit::{self, Line};

/// The audit.
#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    /// Writes every line, oldest first, to standard output
    #[command(after_help = "\
Lines hold ids and names of acts, never the text of a message.

Examples:
  relais audit export --since 2026-11-01 > audit.csv
  relais audit export --json | jq 'select(.what == \"refus\")'")]
    Export(Export),
}

/// Which lines, and how.
#[derive(Debug, Args)]
pub(super) struct Export {
    /// Only lines from then on: a date (midnight UTC) or an RFC 3339 time
    #[arg(long, value_name = "DATE", value_parser = moment)]
    since: Option<Millis>,
    /// One JSON object a line
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Columns parted by semicolons, for a spreadsheet (the default)
    #[arg(long)]
    csv: bool,
}

/// Runs it.
pub(super) async fn run(config: &Config, audit: &Audit) -> Outcome {
    let Audit::Export(export) = audit;
    let office = office::open(config, Role::Command).await?;
    let mut sheet = Sheet { out: std::io::BufWriter::new(std::io::stdout().lock()), json: export.json };
    let mut written = sheet.head();
    let since = export.since.unwrap_or(Millis::MIN);
    audit::export(&office.db, |line| {
        if line.at >= since && written.is_ok() {
            written = sheet.line(&line);
        }
    })
    .await?;
    match written.and_then(|()| sheet.out.flush()) {
        // Whoever reads only the first lines is content.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::new(Exit::Unavailable, format!("standard output: {error}")))
        }
        _ => Ok(Exit::Ok),
    }
}

/// Where lines are written.
struct Sheet<W: Write> {
    out: W,
    json: bool,
}

impl<W: Write> Sheet<W> {
    fn head(&mut self) -> std::io::Result<()> {
        if self.json { Ok(()) } else { self.row(["id", "at", "who", "door", "what", "demande", "detail"]) }
    }

    fn line(&mut self, line: &Line) -> std::io::Result<()> {
        let at = rfc3339(line.at);
        if self.json {
            let Line { id, who, door, what, demande, detail, .. } = line;
            let value = json!({ "id": id, "at": at, "who": who, "door": door, "what": what, "demande": demande, "detail": detail });
            return writeln!(self.out, "{value}");
        }
        let demande = line.demande.map(|number| number.to_string()).unwrap_or_default();
        let (id, detail) = (line.id.to_string(), line.detail.to_string());
        self.row([&id, &at, &line.who, &line.door, &line.what, &demande, &detail])
    }

    fn row(&mut self, cells: [&str; 7]) -> std::io::Result<()> {
        let mut writer = csv::WriterBuilder::new().delimiter(b';').from_writer(&mut self.out);
        writer.write_record(cells.map(|cell| csv_cell(cell).into_owned()))?;
        writer.flush()
    }
}

fn rfc3339(at: Millis) -> String {
    let moment = OffsetDateTime::from_unix_timestamp_nanos(i128::from(at) * 1_000_000);
    moment.ok().and_then(|moment| moment.format(&Rfc3339).ok()).unwrap_or_default()
}

/// "2026-11-24", or "2026-11-24T10:00:00+01:00".
fn moment(text: &str) -> Result<Millis, String> {
    let day = format_description!("[year]-[month]-[day]");
    let moment = time::Date::parse(text, &day)
        .map(|day| day.midnight().assume_utc())
        .or_else(|_| OffsetDateTime::parse(text, &Rfc3339))
        .map_err(|_| {
            "give a date such as 2026-11-24, or a time such as 2026-11-24T10:00:00+01:00".to_owned()
        })?;
    Ok(moment.unix_timestamp() * 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(json: bool) -> String {
        let mut sheet = Sheet { out: Vec::new(), json };
        sheet.head().unwrap();
        let line = Line {
            id: 7,
            at: 1_795_510_800_000,
            who: "=person:1".to_owned(),
            door: "mail".to_owned(),
            what: "refus".to_owned(),
            demande: Some(12),
            detail: json!({ "reason": "vide;\n" }),
        };
        sheet.line(&line).unwrap();
        String::from_utf8(sheet.out).unwrap()
    }

    #[test]
    fn a_line_is_a_line() {
        assert_eq!(
            written(false),
            "id;at;who;door;what;demande;detail\n\
             7;2026-11-24T09:00:00Z;'=person:1;mail;refus;12;\"{\"\"reason\"\":\"\"vide;\\n\"\"}\"\n"
        );
        let json: serde_json::Value = serde_json::from_str(&written(true)).unwrap();
        assert_eq!((&json["who"], &json["demande"]), (&json!("=person:1"), &json!(12)));
    }

    #[test]
    fn a_moment_has_two_forms() {
        assert_eq!(moment("2026-11-24"), Ok(1_795_478_400_000));
        assert_eq!(moment("2026-11-24T10:00:00+01:00"), Ok(1_795_510_800_000));
        assert!(moment("hier").is_err());
    }
}

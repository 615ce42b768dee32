//! Mails out of files: one .eml, a folder of them, a Maildir, or an mbox; one at a time, in a fixed order.
//!
//! Knows where one mail ends and what its transport headers say of its envelope. mail-parser's iterators are
//! not used: they read mails of any size, split an mbox at every "From " of a text, and give a Maildir in no
//! order. Blocking.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};

use mail_parser::{Address, HeaderName, HeaderValue, Message, MessageParser};

use super::{Door, Envelope, Peer, with_crlf};

/// One mail read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its file, and `#3` after it for the third of an mbox.
    pub place: String,
    /// Its bytes, every line ended by CRLF.
    pub bytes: Vec<u8>,
}

/// Why a mail, or the whole source, could not be read. The others still are.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Over the limit.
    #[error("{place}: larger than {limit} bytes")]
    TooBig {
        /// Its place, as in [`Found`].
        place: String,
        /// The limit, in bytes.
        limit: usize,
    },
    /// Nothing in it.
    #[error("{place}: empty")]
    Empty {
        /// Its place.
        place: String,
    },
    /// The system says no.
    #[error("{place}: {cause}")]
    Io {
        /// Its place.
        place: String,
        /// What the system says.
        cause: io::Error,
    },
}

/// The mails of a file or folder, each at most `limit` bytes: an iterator that holds one mail at a time.
pub struct Mails {
    source: Source,
    limit: usize,
}

enum Source {
    Files(std::vec::IntoIter<PathBuf>),
    Mbox(Box<Mbox<BufReader<File>>>),
}

/// Opens what is at `path`: a Maildir if it holds `cur` or `new`, else a folder of .eml files, else a file:
/// an mbox if it begins with "From ", else one mail.
pub fn open(path: &Path, limit: usize) -> Result<Mails, ImportError> {
    let failed = |cause| ImportError::Io { place: path.display().to_string(), cause };
    let source = source(path).map_err(failed)?;
    Ok(Mails { source, limit })
}

fn source(path: &Path) -> io::Result<Source> {
    if path.is_dir() {
        return Ok(Source::Files(files(path)?.into_iter()));
    }
    let mut reader = BufReader::new(File::open(path)?);
    if reader.fill_buf()?.starts_with(b"From ") {
        return Ok(Source::Mbox(Box::new(Mbox::new(reader, path.display().to_string()))));
    }
    Ok(Source::Files(vec![path.to_owned()].into_iter()))
}

/// The mails of a folder, by name: a Maildir's names begin with the time of delivery.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let boxes = [folder.join("cur"), folder.join("new")];
    let is_maildir = boxes.iter().any(|part| part.is_dir());
    let folders = if is_maildir { boxes.to_vec() } else { vec![folder.to_owned()] };
    let mut paths = Vec::new();
    for folder in folders.iter().filter(|folder| folder.is_dir()) {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            let hidden = path.file_name().is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
            let is_mail = is_maildir || path.extension().is_some_and(|end| end.eq_ignore_ascii_case("eml"));
            if !hidden && is_mail && path.is_file() {
                paths.push(path);
            }
        }
    }
    paths.sort_by(|a, b| a.file_name().cmp(&b.file_name()));
    Ok(paths)
}

impl Iterator for Mails {
    type Item = Result<Found, ImportError>;

    fn next(&mut self) -> Option<Self::Item> {
        let (place, read) = match &mut self.source {
            Source::Files(paths) => {
                let path = paths.next()?;
                (path.display().to_string(), read_file(&path, self.limit))
            }
            Source::Mbox(mbox) => {
                let read = mbox.next(self.limit).transpose()?;
                (mbox.place(), read)
            }
        };
        Some(match read {
            Err(cause) => Err(ImportError::Io { place, cause }),
            Ok(bytes) if bytes.len() > self.limit => Err(ImportError::TooBig { place, limit: self.limit }),
            Ok(bytes) if bytes.trim_ascii().is_empty() => Err(ImportError::Empty { place }),
            Ok(bytes) => Ok(Found { place, bytes: with_crlf(bytes) }),
        })
    }
}

/// At most `limit` + 1 bytes of a file.
fn read_file(path: &Path, limit: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(one_more(limit)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn one_more(limit: usize) -> u64 {
    u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1)
}

/// An mbox (`mboxrd`, which `mboxo` is read as): mails begin at a "From " line that follows an empty line.
struct Mbox<R> {
    reader: R,
    path: String,
    number: usize,
    /// The reader stands after a From_ line.
    begun: bool,
}

/// A line longer than this is read in pieces.
const PIECE: u64 = 64 * 1024;

impl<R: BufRead> Mbox<R> {
    fn new(reader: R, path: String) -> Self {
        Self { reader, path, number: 0, begun: false }
    }

    fn place(&self) -> String {
        format!("{}#{}", self.path, self.number)
    }

    /// The next mail, cut after `limit` + 1 bytes.
    fn next(&mut self, limit: usize) -> io::Result<Option<Vec<u8>>> {
        let (mut mail, mut line) = (Vec::new(), Vec::new());
        let (mut at_start, mut after_blank) = (true, !self.begun);
        loop {
            line.clear();
            if (&mut self.reader).take(PIECE).read_until(b'\n', &mut line)? == 0 {
                break;
            }
            let is_separator = at_start && after_blank && line.starts_with(b"From ");
            if is_separator && std::mem::replace(&mut self.begun, true) {
                self.number += 1;
                return Ok(Some(whole(mail, limit)));
            }
            if self.begun && !is_separator && mail.len() <= limit {
                mail.extend_from_slice(if at_start { unquoted(&line) } else { &line });
                mail.truncate(limit + 1);
            }
            after_blank = at_start && matches!(&line[..], b"\n" | b"\r\n");
            at_start = line.ends_with(b"\n");
        }
        if !std::mem::take(&mut self.begun) {
            return Ok(None);
        }
        self.number += 1;
        Ok(Some(whole(mail, limit)))
    }
}

/// `>From ` was `From `, `>>From ` was `>From `.
fn unquoted(line: &[u8]) -> &[u8] {
    let text = line.iter().position(|&byte| byte != b'>').unwrap_or(line.len());
    let is_quoted = text > 0 && line.get(text..).is_some_and(|rest| rest.starts_with(b"From "));
    if is_quoted { line.get(1..).unwrap_or_default() } else { line }
}

/// The empty line before the next From_ line belongs to the mbox and not to the mail (one that was cut is
/// left as it is, lest it look whole).
fn whole(mut mail: Vec<u8>, limit: usize) -> Vec<u8> {
    if mail.len() > limit {
        return mail;
    }
    for end in [&b"\r\n\r\n"[..], b"\n\n"] {
        if mail.ends_with(end) {
            mail.truncate(mail.len() - end.len() / 2);
            break;
        }
    }
    mail
}

/// The envelope that a stored mail still shows: `Return-Path`, then the first of `X-Original-To`,
/// `Delivered-To` and `To` with `Cc` that is there. What it claims is not trusted.
pub fn envelope(bytes: &[u8]) -> Envelope {
    let peer = Peer { ip: None, helo: String::new(), door: Door::Import, tls: false, trusted: false };
    // An empty `Message::default()` would panic when asked for a header (mail-parser 0.11.9).
    let Some(message) = MessageParser::default().parse_headers(bytes) else {
        return Envelope { sender: None, recipients: Vec::new(), peer };
    };
    let sender = message.header(HeaderName::ReturnPath).and_then(HeaderValue::as_text);
    let mut recipients = ["X-Original-To", "Delivered-To"]
        .iter()
        .map(|&name| stamped(&message, name))
        .find(|found| !found.is_empty())
        .unwrap_or_default();
    if recipients.is_empty() {
        recipients = [message.to(), message.cc()].into_iter().flatten().flat_map(addresses).collect();
    }
    Envelope { sender: sender.map(str::to_owned).filter(|sender| !sender.is_empty()), recipients, peer }
}

/// The address in the topmost header of this name, which the last server wrote.
fn stamped(message: &Message<'_>, name: &str) -> Vec<String> {
    let first = message.headers().iter().find(|header| header.name.as_str().eq_ignore_ascii_case(name));
    let text = first.and_then(|header| header.value.as_text()).unwrap_or_default();
    let address = text.trim().trim_start_matches('<').trim_end_matches('>');
    Some(address.to_owned()).filter(|address| address.contains('@')).into_iter().collect()
}

fn addresses(list: &Address<'_>) -> Vec<String> {
    list.iter().filter_map(|one| one.address.as_deref()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(path: &Path, limit: usize) -> Vec<String> {
        let show = |found: Result<Found, ImportError>| match found {
            Ok(found) => String::from_utf8(found.bytes).unwrap(),
            Err(error) => error.to_string().replace(&path.display().to_string(), "P"),
        };
        open(path, limit).unwrap().map(show).collect()
    }

    #[test]
    fn an_mbox_is_unquoted_and_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("box");
        let long = "y".repeat(200_000);
        let text = format!(
            "From a@b.test Tue Nov 24 10:00:00 2026\nSubject: 1\n\nFrom here on\n>From me\n>>From you\n>F\n\n\
             From - Tue\nSubject: 2\n\nx\nFrom the middle\n\n\
             From c@d.test Tue\n{long}\n\nFrom e\n\nFrom f\nSubject: 5\n\nend"
        );
        // "From here on" follows an empty line without being quoted: no reader can tell it from a separator.
        let text = text.replace("\n\nFrom here", "\n\n>From here");
        std::fs::write(&path, text).unwrap();
        let found = texts(&path, 1000);
        assert_eq!(found[0], "Subject: 1\r\n\r\nFrom here on\r\nFrom me\r\n>From you\r\n>F\r\n");
        assert_eq!(found[1], "Subject: 2\r\n\r\nx\r\nFrom the middle\r\n");
        assert_eq!(found[2..4], ["P#3: larger than 1000 bytes", "P#4: empty"]);
        assert_eq!(found[4..], ["Subject: 5\r\n\r\nend"]);
    }

    #[test]
    fn a_maildir_comes_in_order_of_delivery() {
        let folder = tempfile::tempdir().unwrap();
        for (part, name, text) in
            [("cur", "2.x:2,S", "b\n"), ("new", "1.x", "a\n"), ("new", ".hidden", "h"), ("tmp", "0.x", "t")]
        {
            std::fs::create_dir_all(folder.path().join(part)).unwrap();
            std::fs::write(folder.path().join(part).join(name), text).unwrap();
        }
        assert_eq!(texts(folder.path(), 10), ["a\r\n", "b\r\n"]);
    }

    #[test]
    fn one_file_or_a_folder_of_them() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in
            [("b.eml", "b"), ("a.EML", "a"), ("a.toml", "no"), ("c.eml", "ccc"), ("d.eml", "")]
        {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        assert_eq!(texts(folder.path(), 2), ["a", "b", "P/c.eml: larger than 2 bytes", "P/d.eml: empty"]);
        assert_eq!(texts(&folder.path().join("b.eml"), 2), ["b"]);
        assert!(open(&folder.path().join("none"), 2).is_err());
    }

    #[test]
    fn the_envelope_comes_from_the_stamps_of_delivery() {
        let mail = "Return-Path: <a@b.test>\r\nX-Original-To: r+tok@in.test\r\nDelivered-To: box@in.test\r\n\
                    To: Somebody <x@c.test>\r\n\r\n";
        let read = envelope(mail.as_bytes());
        assert_eq!(
            (read.sender.as_deref(), &read.recipients[..]),
            (Some("a@b.test"), &["r+tok@in.test".to_owned()][..])
        );
        let read = envelope(b"Return-Path: <>\r\nTo: g: x@c.test, Y <y@c.test>;\r\nCc: z@c.test\r\n\r\n");
        assert_eq!(
            (read.sender, read.recipients),
            (None, vec!["x@c.test".to_owned(), "y@c.test".to_owned(), "z@c.test".to_owned()])
        );
        assert!(envelope(b"\xff\n").recipients.is_empty());
    }
}

//! The bytes of one mail as they arrive by DATA or BDAT: dots unstuffed, line ends checked, size bounded.
//!
//! Only CRLF `.` CRLF ends DATA (RFC 5321 §4.1.1.4). A CR or LF alone never ends a line: it marks the mail as
//! faulty, which closes every known form of SMTP smuggling (CVE-2023-51764 and its kin). smtp-proto's
//! `DataReceiver` is not used for this: it ends a mail at CRLF `.` CR CR LF, waits for ever on an empty one,
//! and has no limit.

use memchr::memchr2;

/// What is wrong with a mail whose bytes we no longer keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// Larger than the limit.
    TooBig,
    /// A CR or an LF that is not part of a CRLF.
    StrayLineEnd,
    /// The server has no memory left for it.
    NoRoom,
}

/// A mail being received. After the first fault its bytes are thrown away, only counted.
#[derive(Debug, Default)]
pub(super) struct Body {
    bytes: Vec<u8>,
    /// Bytes read in all, kept or not.
    read: usize,
    limit: usize,
    fault: Option<Fault>,
}

/// How many times the size limit is read and thrown away before we stop reading.
const PATIENCE: usize = 4;

/// The most bytes of a mail that are read, even to be thrown away.
pub(super) fn patience(limit: usize) -> usize {
    limit.saturating_mul(PATIENCE)
}

impl Body {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, ..Self::default() }
    }

    /// Bytes read in all, kept or thrown away.
    pub(super) fn read(&self) -> usize {
        self.read
    }

    pub(super) fn fault(&self) -> Option<Fault> {
        self.fault
    }

    /// Whether it is so much too big that reading its rest is no use.
    pub(super) fn is_hopeless(&self) -> bool {
        self.read > patience(self.limit)
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Marks the mail as faulty (the first fault stands) and frees what was kept.
    pub(super) fn spoil(&mut self, fault: Fault) {
        self.fault.get_or_insert(fault);
        self.bytes = Vec::new();
    }

    fn push(&mut self, bytes: &[u8]) {
        self.read += bytes.len();
        if self.read > self.limit {
            self.spoil(Fault::TooBig);
        }
        if self.fault.is_none() {
            self.bytes.extend_from_slice(bytes);
        }
    }
}

/// Where in a line the reader stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// At its first byte.
    Start,
    /// After its first byte.
    Middle,
    /// After a CR (already kept).
    Cr,
    /// After a dot that began it (not kept: either the end or stuffing).
    Dot,
    /// After that dot and a CR (neither kept).
    DotCr,
}

/// Reads the text after DATA.
#[derive(Debug)]
pub(super) struct Dots(At);

impl Dots {
    pub(super) fn new() -> Self {
        Self(At::Start)
    }

    /// Takes from `input` into `body`, until the end of either or until the mail is hopeless. Gives the
    /// number of bytes taken and whether the mail is ended.
    pub(super) fn take(&mut self, input: &[u8], body: &mut Body) -> (usize, bool) {
        let mut at = 0;
        while let Some(&byte) = input.get(at).filter(|_| !body.is_hopeless()) {
            match (self.0, byte) {
                (At::DotCr, b'\n') => return (at + 1, true),
                (At::DotCr, _) => {
                    body.push(b"\r");
                    self.0 = At::Cr;
                }
                (At::Dot, b'\r') => (self.0, at) = (At::DotCr, at + 1),
                (At::Dot, _) => self.0 = At::Middle,
                (At::Start, b'.') => (self.0, at) = (At::Dot, at + 1),
                _ => (self.0, at) = text(self.0, input, at, body),
            }
        }
        (at, false)
    }
}

/// Reads the bytes of BDAT chunks, where only line ends are checked (RFC 3030; BINARYMIME is not offered).
#[derive(Debug)]
pub(super) struct Chunks(At);

impl Chunks {
    pub(super) fn new() -> Self {
        Self(At::Middle)
    }

    pub(super) fn take(&mut self, input: &[u8], body: &mut Body) {
        let mut at = 0;
        while at < input.len() {
            (self.0, at) = text(self.0, input, at, body);
        }
    }

    /// To call after the last chunk.
    pub(super) fn finish(&self, body: &mut Body) {
        if self.0 == At::Cr {
            body.spoil(Fault::StrayLineEnd);
        }
    }
}

/// Takes the text at `from` up to the next line end or the end of `input`; gives the new state and place.
/// `from` is inside `input`.
fn text(state: At, input: &[u8], from: usize, body: &mut Body) -> (At, usize) {
    let rest = input.get(from..).unwrap_or_default();
    if state == At::Cr {
        if rest.first() == Some(&b'\n') {
            body.push(b"\n");
            return (At::Start, from + 1);
        }
        body.spoil(Fault::StrayLineEnd);
    }
    let Some(end) = memchr2(b'\r', b'\n', rest) else {
        body.push(rest);
        return (At::Middle, input.len());
    };
    let (line, _) = rest.split_at(end + 1);
    body.push(line);
    if line.ends_with(b"\n") {
        body.spoil(Fault::StrayLineEnd);
        return (At::Middle, from + end + 1);
    }
    (At::Cr, from + end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read from `input` given in pieces of `step` bytes: kept bytes, fault, place of the end.
    fn read(input: &[u8], step: usize) -> (Vec<u8>, Option<Fault>, Option<usize>) {
        let (mut dots, mut body, mut place) = (Dots::new(), Body::new(1000), 0);
        for piece in input.chunks(step) {
            let (taken, ended) = dots.take(piece, &mut body);
            place += taken;
            if ended {
                let fault = body.fault();
                return (body.into_bytes(), fault, Some(place));
            }
        }
        let fault = body.fault();
        (body.into_bytes(), fault, None)
    }

    #[test]
    fn only_crlf_dot_crlf_ends() {
        for step in 1..12 {
            assert_eq!(read(b".\r\nX", step), (vec![], None, Some(3)), "empty mail, step {step}");
            assert_eq!(read(b"a\r\n.\r\nX", step), (b"a\r\n".to_vec(), None, Some(6)));
            assert_eq!(read(b"..a\r\n.b\r\n..\r\n.\r\n", step).0, b".a\r\nb\r\n.\r\n");
            for never in [
                &b"a\n.\n"[..],
                b"a\n.\r\n",
                b"a\r\n.\n",
                b"a\r.\r\n",
                b"a\r.\r",
                b"a\r\n.\r",
                b"a\r\n.\r\r\n",
                b"a\r\n\0.\r\n",
                b"a\r\n.\0\r\n",
                b"a\n\r.\r\n",
                b"a\r\n. \r\n",
                b"a\r\r\n.\r",
            ] {
                assert_eq!(read(never, step).2, None, "{}", never.escape_ascii());
            }
        }
    }

    #[test]
    fn stray_line_ends_are_faults_wherever_they_are() {
        for stray in [
            &b"\na\r\n.\r\n"[..],
            b"\ra\r\n.\r\n",
            b"a\nb\r\n.\r\n",
            b"a\rb\r\n.\r\n",
            b"a\r\r\n.\r\n",
            b"a\r\n.\r\r\n.\r\n",
            b"a\r\n.\rb\r\n.\r\n",
            b"a\r\n.\nb\r\n.\r\n",
            b"a\r\n\n.\r\n\r\n.\r\n",
        ] {
            for step in 1..12 {
                let (bytes, fault, end) = read(stray, step);
                assert_eq!(fault, Some(Fault::StrayLineEnd), "{}", stray.escape_ascii());
                assert_eq!((bytes, end), (vec![], Some(stray.len())), "{}", stray.escape_ascii());
            }
        }
        assert_eq!(read(b"a\0b\x01\xff\r\n.\r\n", 3).1, None, "NUL and 8-bit are only bytes");
    }

    #[test]
    fn the_limit_counts_unstuffed_bytes_and_frees_them() {
        let mut body = Body::new(4);
        assert_eq!(Dots::new().take(b"..ab\r", &mut body), (5, false));
        assert_eq!(body.fault(), None);
        Chunks::new().take(b"x", &mut body);
        assert_eq!((body.fault(), body.read()), (Some(Fault::TooBig), 5));
        assert!(body.into_bytes().is_empty());
    }

    #[test]
    fn a_chunked_mail_may_not_end_on_a_bare_cr() {
        let (mut chunks, mut body) = (Chunks::new(), Body::new(100));
        chunks.take(b"a\r", &mut body);
        chunks.take(b"\nb\r", &mut body);
        assert_eq!(body.fault(), None);
        chunks.finish(&mut body);
        assert_eq!(body.fault(), Some(Fault::StrayLineEnd));
    }
}

//! The virus scanner: clamd, spoken to by INSTREAM. What it cannot be asked about is not served (fail-closed).
//!
//! Knows the protocol of clamd(8). Does not know what becomes of an infected file, nor when an arrival is tried again.

use std::path::PathBuf;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};

use super::mail::Mail;

/// Octets of one chunk of the stream.
const CHUNK: usize = 64 * 1024;
/// Longest answer read, in octets.
const ANSWER: u64 = 4096;
/// Longest name of a virus kept, in characters.
const NAME: usize = 100;

/// Where clamd listens.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Unix(PathBuf),
    Tcp(String),
}

/// A clamd.
#[derive(Debug, Clone)]
pub struct Scanner {
    place: Place,
    timeout: Duration,
}

/// What it found in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scan {
    /// Nothing.
    Clean,
    /// That virus.
    Infected(String),
    /// The file is larger than its `StreamMaxLength`: it will never tell.
    TooLarge,
}

/// Why it did not tell. Always temporary; holds no personal data.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// Not reached, or the connection broke.
    #[error("the virus scanner does not answer ({0})")]
    Unreachable(std::io::ErrorKind),
    /// Longer than `scan.timeout`.
    #[error("the virus scanner takes too long")]
    Slow,
    /// It answered something else than OK or FOUND.
    #[error("the virus scanner failed")]
    Failed,
}

impl From<std::io::Error> for ScanError {
    fn from(error: std::io::Error) -> Self {
        ScanError::Unreachable(error.kind())
    }
}

impl Scanner {
    /// The clamd of `scan.clamd`: `unix:/run/clamav/clamd.ctl` or `host:port`; `None` when empty. `timeout` is for
    /// one file.
    ///
    /// # Errors
    /// What is wrong with the setting.
    pub fn parse(setting: &str, timeout: Duration) -> Result<Option<Self>, &'static str> {
        const FORM: &str = "must be \"unix:PATH\", \"host:port\", or empty for none";
        let place = match setting.strip_prefix("unix:") {
            _ if setting.is_empty() => return Ok(None),
            Some(path) if path.starts_with('/') => Place::Unix(path.into()),
            Some(_) => return Err(FORM),
            None => match setting.rsplit_once(':') {
                Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok() => {
                    Place::Tcp(setting.into())
                }
                _ => return Err(FORM),
            },
        };
        Ok(Some(Scanner { place, timeout }))
    }

    /// Asks about one file.
    ///
    /// # Errors
    /// [`ScanError`], always temporary.
    pub async fn scan(&self, bytes: &[u8]) -> Result<Scan, ScanError> {
        tokio::time::timeout(self.timeout, self.ask(bytes)).await.map_err(|_| ScanError::Slow)?
    }

    async fn ask(&self, bytes: &[u8]) -> Result<Scan, ScanError> {
        let answer = match &self.place {
            Place::Unix(path) => instream(UnixStream::connect(path).await?, bytes).await?,
            Place::Tcp(address) => instream(TcpStream::connect(address).await?, bytes).await?,
        };
        understood(&answer)
    }
}

/// Sends a file, each chunk after its length, an empty one last; returns the answer.
async fn instream(stream: impl AsyncRead + AsyncWrite + Unpin, bytes: &[u8]) -> std::io::Result<String> {
    let (read, mut write) = tokio::io::split(stream);
    let sending = async {
        write.write_all(b"zINSTREAM\0").await?;
        for chunk in bytes.chunks(CHUNK) {
            write.write_all(&u32::try_from(chunk.len()).unwrap_or(0).to_be_bytes()).await?;
            write.write_all(chunk).await?;
        }
        write.write_all(&[0; 4]).await?;
        write.flush().await
    };
    let receiving = async {
        let mut answer = Vec::new();
        read.take(ANSWER).read_to_end(&mut answer).await.map(|_| answer)
    };
    // clamd closes in the middle of a file that passes its limit: what it said counts, not how the sending ended.
    let (sent, received) = tokio::join!(sending, receiving);
    match received {
        Ok(answer) if !answer.is_empty() => Ok(String::from_utf8_lossy(&answer).into_owned()),
        Ok(_) => sent.and(Err(std::io::ErrorKind::UnexpectedEof.into())),
        Err(error) => Err(error),
    }
}

/// "stream: OK", "stream: NAME FOUND", "INSTREAM size limit exceeded. ERROR".
fn understood(answer: &str) -> Result<Scan, ScanError> {
    let answer = answer.trim_matches(['\0', '\n', '\r', ' ']);
    if answer == "stream: OK" {
        return Ok(Scan::Clean);
    }
    if let Some(name) = answer.strip_prefix("stream: ").and_then(|rest| rest.strip_suffix(" FOUND")) {
        return Ok(Scan::Infected(name.chars().filter(char::is_ascii_graphic).take(NAME).collect()));
    }
    if answer.contains("size limit exceeded") { Ok(Scan::TooLarge) } else { Err(ScanError::Failed) }
}

/// Has every file of a mail scanned that would be served; infected ones are withheld. Does nothing without a scanner.
pub(super) async fn mail(scanner: Option<&Scanner>, mail: &mut Mail) -> Result<(), ScanError> {
    let Some(scanner) = scanner else { return Ok(()) };
    for attachment in &mut mail.letter.attachments {
        if attachment.withheld.is_some() {
            continue;
        }
        match scanner.scan(&attachment.bytes).await? {
            Scan::Clean => {}
            Scan::TooLarge => attachment.withheld = Some("too large"),
            Scan::Infected(name) => {
                attachment.withheld = Some("infected");
                mail.infected.push(name);
            }
        }
    }
    mail.scanned = true;
    Ok(())
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    /// A clamd that reads one stream and answers as told; what it read.
    async fn fake(answer: &'static [u8]) -> (Scanner, tokio::task::JoinHandle<Vec<u8>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let read = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut command = [0; 10];
            stream.read_exact(&mut command).await.unwrap();
            assert_eq!(&command, b"zINSTREAM\0");
            let mut file = Vec::new();
            loop {
                let length = stream.read_u32().await.unwrap() as usize;
                if length == 0 {
                    break;
                }
                let start = file.len();
                file.resize(start + length, 0);
                stream.read_exact(&mut file[start..]).await.unwrap();
            }
            stream.write_all(answer).await.unwrap();
            file
        });
        (Scanner::parse(&address, Duration::from_secs(5)).unwrap().unwrap(), read)
    }

    #[tokio::test]
    async fn a_file_is_sent_whole_and_the_answer_read() {
        for (answer, found) in [
            (&b"stream: OK\0"[..], Scan::Clean),
            (b"stream: Relais.Essai.UNOFFICIAL FOUND\0", Scan::Infected("Relais.Essai.UNOFFICIAL".into())),
            (b"stream: a\x1b[31m\r\nb FOUND\0", Scan::Infected("a[31mb".into())),
            (b"INSTREAM size limit exceeded. ERROR\0", Scan::TooLarge),
        ] {
            let (scanner, read) = fake(answer).await;
            let file: Vec<u8> = (0..=255).cycle().take(3 * CHUNK + 7).collect();
            assert_eq!(scanner.scan(&file).await.unwrap(), found);
            assert_eq!(read.await.unwrap(), file);
        }
    }

    #[tokio::test]
    async fn whatever_is_no_clear_answer_is_an_error() {
        for answer in
            [&b""[..], b"stream: Can't open file ERROR\0", b"UNKNOWN COMMAND\0", b"stream: OK but FOUND no"]
        {
            let (scanner, _read) = fake(answer).await;
            scanner.scan(b"x").await.unwrap_err();
        }
    }

    #[tokio::test]
    async fn one_that_hangs_up_in_the_middle_is_heard() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let scanner = Scanner::parse(&listener.local_addr().unwrap().to_string(), Duration::from_secs(5));
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut some = [0; 1000];
            stream.read_exact(&mut some).await.unwrap();
            drop(stream);
        });
        let error = scanner.unwrap().unwrap().scan(&vec![0; 50 << 20]).await.unwrap_err();
        assert!(matches!(error, ScanError::Unreachable(_)), "{error}");
    }

    #[tokio::test]
    async fn silence_has_an_end() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let scanner = Scanner::parse(&address, Duration::from_millis(50)).unwrap().unwrap();
        assert!(matches!(scanner.scan(b"x").await, Err(ScanError::Slow)));
        let nobody = Scanner::parse("unix:/nowhere/clamd.ctl", Duration::from_secs(5)).unwrap().unwrap();
        assert!(matches!(nobody.scan(b"x").await, Err(ScanError::Unreachable(_))));
    }

    #[test]
    fn the_setting_has_two_forms() {
        let parse = |setting| Scanner::parse(setting, Duration::from_secs(1));
        assert!(parse("").unwrap().is_none());
        assert_eq!(
            parse("unix:/run/clamav/clamd.ctl").unwrap().unwrap().place,
            Place::Unix("/run/clamav/clamd.ctl".into())
        );
        assert_eq!(parse("[::1]:3310").unwrap().unwrap().place, Place::Tcp("[::1]:3310".into()));
        for wrong in ["clamd", "unix:clamd.ctl", ":3310", "host:", "tcp://host:port"] {
            parse(wrong).unwrap_err();
        }
    }
}

//! A small LMTP client (RFC 2033), to play mails into a daemon: for the demo, `bench` and the tests.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// A connection past its greeting.
#[derive(Debug)]
pub struct Client {
    stream: BufReader<TcpStream>,
}

/// What the server said: its code and its text, one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// 250, 451, 550…
    pub code: u16,
    /// The text after the code; the last line of several.
    pub text: String,
}

impl Answer {
    /// True for 2xx and 3xx.
    pub fn is_positive(&self) -> bool {
        (200..400).contains(&self.code)
    }
}

impl Client {
    /// Connects and says LHLO.
    pub async fn connect(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let mut client = Client { stream: BufReader::new(stream) };
        client.answer().await?;
        client.say("LHLO localhost").await?;
        Ok(client)
    }

    /// Hands one mail over. One answer per recipient: that of RCPT when it was refused, else that after DATA.
    pub async fn send(&mut self, sender: &str, recipients: &[&str], mail: &[u8]) -> io::Result<Vec<Answer>> {
        self.say(&format!("MAIL FROM:<{sender}>")).await?;
        let mut answers = Vec::with_capacity(recipients.len());
        for recipient in recipients {
            answers.push(self.say(&format!("RCPT TO:<{recipient}>")).await?);
        }
        if !answers.iter().any(Answer::is_positive) {
            self.say("RSET").await?;
            return Ok(answers);
        }
        let ready = self.say("DATA").await?;
        if ready.code != 354 {
            return Ok(vec![ready; recipients.len()]);
        }
        self.stream.write_all(&stuffed(mail)).await?;
        for answer in &mut answers {
            if answer.is_positive() {
                *answer = self.answer().await?;
            }
        }
        Ok(answers)
    }

    async fn say(&mut self, line: &str) -> io::Result<Answer> {
        self.stream.write_all(format!("{line}\r\n").as_bytes()).await?;
        self.answer().await
    }

    async fn answer(&mut self) -> io::Result<Answer> {
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let line = line.trim_end();
            let code = line.get(..3).and_then(|code| code.parse().ok()).ok_or(io::ErrorKind::InvalidData)?;
            if line.as_bytes().get(3) != Some(&b'-') {
                return Ok(Answer { code, text: line.get(4..).unwrap_or_default().to_owned() });
            }
        }
    }
}

/// CRLF line ends, leading dots doubled, the final dot.
fn stuffed(mail: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(mail.len() + mail.len() / 32 + 8);
    for line in mail.split_inclusive(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.starts_with(b".") {
            out.push(b'.');
        }
        out.extend_from_slice(line);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b".\r\n");
    out
}

#[cfg(test)]
mod tests {
    use super::stuffed;

    #[test]
    fn dots_are_doubled_and_line_ends_mended() {
        assert_eq!(stuffed(b"a\n.b\r\n..c"), b"a\r\n..b\r\n...c\r\n.\r\n");
        assert_eq!(stuffed(b""), b".\r\n");
    }
}

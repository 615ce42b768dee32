//! The PROXY protocol (that of `HAProxy`, versions 1 and 2): who really connects, said by a load balancer before the
//! dialogue.
//!
//! Knows where the header ends, and takes nothing after it; its grammar is the ppp crate's.

use std::io;
use std::net::IpAddr;

use ppp::{HeaderResult, v1, v2};
use tokio::io::{AsyncRead, AsyncReadExt as _};

/// The bytes every header of version 2 begins with.
const SIGNATURE: [u8; 12] = *b"\r\n\r\n\0\r\nQUIT\n";
/// The longest line of version 1, its CRLF included.
const LINE: usize = 107;
/// The longest body of version 2 that we read.
const BODY: usize = 2048;

/// Reads the header. `None`: the balancer speaks for itself (a health check).
pub(super) async fn read(wire: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<IpAddr>> {
    let mut header = SIGNATURE.to_vec();
    wire.read_exact(&mut header).await?;
    if header == SIGNATURE {
        let fixed = [wire.read_u8().await?, wire.read_u8().await?];
        let length = wire.read_u16().await?;
        header.extend_from_slice(&fixed);
        header.extend_from_slice(&length.to_be_bytes());
        let start = header.len();
        if usize::from(length) > BODY {
            return Err(malformed());
        }
        header.resize(start + usize::from(length), 0);
        wire.read_exact(header.get_mut(start..).unwrap_or_default()).await?;
    } else {
        while !header.ends_with(b"\n") {
            if header.len() >= LINE {
                return Err(malformed());
            }
            header.push(wire.read_u8().await?);
        }
    }
    source(&header)
}

fn source(header: &[u8]) -> io::Result<Option<IpAddr>> {
    match HeaderResult::parse(header) {
        HeaderResult::V1(Ok(header)) => Ok(match header.addresses {
            v1::Addresses::Tcp4(ends) => Some(ends.source_address.into()),
            v1::Addresses::Tcp6(ends) => Some(IpAddr::from(ends.source_address).to_canonical()),
            v1::Addresses::Unknown => None,
        }),
        HeaderResult::V2(Ok(header)) if header.command == v2::Command::Local => Ok(None),
        HeaderResult::V2(Ok(header)) => Ok(match header.addresses {
            v2::Addresses::IPv4(ends) => Some(ends.source_address.into()),
            v2::Addresses::IPv6(ends) => Some(IpAddr::from(ends.source_address).to_canonical()),
            _ => None,
        }),
        HeaderResult::V1(Err(_)) | HeaderResult::V2(Err(_)) => Err(malformed()),
    }
}

fn malformed() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "not a PROXY header")
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn told(header: &[u8]) -> (io::Result<Option<IpAddr>>, usize) {
        let input = [header, b"EHLO x\r\n"].concat();
        let mut rest = &input[..];
        (read(&mut rest).await, rest.len())
    }

    #[tokio::test]
    async fn both_versions_to_the_byte() {
        let ip = |text: &str| Some(text.parse::<IpAddr>().unwrap());
        let four = [&SIGNATURE[..], b"\x21\x11\0\x0c\xc0\0\x02\x01\x7f\0\0\x01\x10\0\0\x19"].concat();
        let local = [&SIGNATURE[..], b"\x20\0\0\0"].concat();
        for (header, wanted) in [
            (&b"PROXY TCP4 192.0.2.1 127.0.0.1 4000 25\r\n"[..], ip("192.0.2.1")),
            (b"PROXY TCP6 2001:db8::1 ::1 4000 25\r\n", ip("2001:db8::1")),
            (b"PROXY UNKNOWN\r\n", None),
            (&four, ip("192.0.2.1")),
            (&local, None),
        ] {
            let (found, left) = told(header).await;
            assert_eq!((found.unwrap(), left), (wanted, 8), "{}", header.escape_ascii());
        }
        let huge = [&SIGNATURE[..], b"\x21\x11\xff\xff"].concat();
        for bad in [&b"EHLO client.test\r\n"[..], b"PROXY TCP4 nowhere\r\n", &[b'x'; 200], &huge] {
            assert!(told(bad).await.0.is_err(), "{}", bad.escape_ascii());
        }
    }
}

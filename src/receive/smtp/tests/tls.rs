//! STARTTLS with a throwaway certificate.

use rustls::pki_types::{PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio_rustls::TlsConnector;
use tokio_util::sync::CancellationToken;

use super::super::link::{House, Link};
use super::*;

fn certificate() -> (Arc<ServerConfig>, TlsConnector) {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let made = rcgen::generate_simple_self_signed(vec!["mx.test".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let server = ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    (Arc::new(server), Arc::new(client).into())
}

async fn until(wire: &mut DuplexStream, end: &str) -> String {
    let mut said = Vec::new();
    while !String::from_utf8_lossy(&said).contains(end) {
        said.push(wire.read_u8().await.unwrap());
    }
    String::from_utf8(said).unwrap()
}

fn link(config: Arc<ServerConfig>) -> (DuplexStream, Arc<Desk>) {
    let (ours, theirs) = tokio::io::duplex(1 << 16);
    let desk = Arc::new(Desk::default());
    let settings = Settings { tls: Some(config), ..small(Dialect::Smtp) };
    let house = House {
        settings: Arc::new(settings),
        gate: desk.clone(),
        keeper: desk.clone(),
        stop: CancellationToken::new(),
        in_hand: 0.into(),
    };
    tokio::spawn(Link::new(Arc::new(house), 1, Box::new(theirs), STRANGER).run());
    (ours, desk)
}

#[tokio::test]
async fn a_mail_after_starttls() {
    let (config, connector) = certificate();
    let (mut wire, desk) = link(config);
    wire.write_all(b"EHLO x\r\nMAIL FROM:<clear@b.test>\r\nSTARTTLS\r\n").await.unwrap();
    let said = until(&mut wire, "220 2.0.0 Ready to start TLS\r\n").await;
    assert!(said.contains("250 STARTTLS"), "{said}");
    let mut wire = connector.connect(ServerName::try_from("mx.test").unwrap(), wire).await.unwrap();
    let mail = "RCPT TO:<x@c.test>\nMAIL FROM:<>\nEHLO y\nSTARTTLS\nMAIL FROM:<>\nRCPT TO:<x@c.test>\nDATA\na\n.\nQUIT\n";
    wire.write_all(mail.replace('\n', "\r\n").as_bytes()).await.unwrap();
    let mut said = String::new();
    wire.read_to_string(&mut said).await.unwrap();
    let last = |line: &&str| line.as_bytes().get(3) != Some(&b'-');
    let codes: Vec<_> = said.lines().filter(last).map(|line| &line[..3]).collect();
    assert_eq!(codes, ["503", "503", "250", "503", "250", "250", "354", "250", "221"], "{said}");
    assert!(!said.contains("STARTTLS\r\n"), "not offered twice: {said}");
    let peer = desk.kept()[0].0.peer.clone();
    assert_eq!((peer.tls, peer.helo.as_str()), (true, "y"));
}

#[tokio::test]
async fn what_is_pipelined_in_clear_after_starttls_is_thrown_away() {
    let (config, connector) = certificate();
    let (mut wire, desk) = link(config);
    wire.write_all(b"EHLO x\r\nSTARTTLS\r\nEHLO evil\r\nMAIL FROM:<evil@b.test>\r\n").await.unwrap();
    until(&mut wire, "TLS\r\n").await;
    until(&mut wire, "TLS\r\n").await;
    let mut wire = connector.connect(ServerName::try_from("mx.test").unwrap(), wire).await.unwrap();
    wire.write_all(b"RCPT TO:<x@c.test>\r\nQUIT\r\n").await.unwrap();
    let mut said = String::new();
    wire.read_to_string(&mut said).await.unwrap();
    assert!(said.starts_with("503 ") && desk.kept().is_empty(), "{said}");
}

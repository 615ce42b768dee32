//! The same over real sockets and under a stopped clock.

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream};
use tokio::net::{TcpStream, UnixStream};
use tokio::task::JoinHandle;
use tokio::time::{Duration, Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::super::link::{House, Link};
use super::super::{Listener, serve};
use super::*;

struct Running {
    desk: Arc<Desk>,
    stop: CancellationToken,
    address: String,
    task: JoinHandle<()>,
}

async fn start(address: &str, settings: Settings, desk: Desk) -> Running {
    let listener = Listener::bind(address).await.unwrap();
    let address = listener.address().unwrap();
    let (desk, stop) = (Arc::new(desk), CancellationToken::new());
    let (gate, keeper): (Arc<dyn Gate>, Arc<dyn Keeper>) = (desk.clone(), desk.clone());
    let task = tokio::spawn(serve(listener, Arc::new(settings), gate, keeper, stop.clone()));
    Running { desk, stop, address, task }
}

async fn talk(stream: &mut TcpStream, input: &str) -> String {
    stream.write_all(input.replace('\n', "\r\n").as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answers = String::new();
    stream.read_to_string(&mut answers).await.unwrap();
    answers
}

const MAIL: &str = "LHLO x\nMAIL FROM:<a@b.test>\nRCPT TO:<x@c.test>\nDATA\nhello\n.\n";

#[tokio::test]
async fn everything_pipelined_over_tcp() {
    let running = start("127.0.0.1:0", small(Dialect::Lmtp), Desk::default()).await;
    let mut stream = TcpStream::connect(&running.address).await.unwrap();
    let answers = talk(&mut stream, &format!("{MAIL}{}QUIT\n", MAIL.replace("LHLO x\n", ""))).await;
    assert!(answers.ends_with("250 2.0.0 Ok: kept as m2\r\n221 2.0.0 Bye\r\n"), "{answers}");
    assert_eq!(running.desk.kept().len(), 2);
    running.stop.cancel();
    running.task.await.unwrap();
}

#[tokio::test]
async fn a_unix_socket_is_trusted_and_its_file_is_replaced_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lmtp");
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    let running = start(&format!("unix:{}", path.display()), small(Dialect::Lmtp), Desk::default()).await;
    let mut stream = UnixStream::connect(&path).await.unwrap();
    stream.write_all(MAIL.replace('\n', "\r\n").as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answers = String::new();
    stream.read_to_string(&mut answers).await.unwrap();
    assert!(answers.contains("kept as m1"), "{answers}");
    assert!(running.desk.kept()[0].0.peer.trusted);
    assert!(Listener::bind(&running.address).await.is_err(), "one that is listened to is not taken");
    running.stop.cancel();
    running.task.await.unwrap();
    assert!(!path.exists());
}

#[tokio::test]
async fn a_listed_peer_is_trusted() {
    let mut settings = small(Dialect::Smtp);
    settings.trusted = vec!["127.0.0.0/8".parse().unwrap()];
    let running = start("127.0.0.1:0", settings, Desk::default()).await;
    let mut stream = TcpStream::connect(&running.address).await.unwrap();
    talk(&mut stream, &MAIL.replace("LHLO", "EHLO")).await;
    let peer = running.desk.kept()[0].0.peer.clone();
    assert_eq!((peer.trusted, peer.ip), (true, None));
    running.stop.cancel();
}

#[tokio::test]
async fn behind_a_balancer_the_client_is_the_one_it_names() {
    let mut settings = small(Dialect::Smtp);
    settings.proxies = vec!["127.0.0.0/8".parse().unwrap()];
    settings.trusted = vec!["198.51.100.0/24".parse().unwrap()];
    let running = start("127.0.0.1:0", settings, Desk::default()).await;
    let mail = MAIL.replace("LHLO", "EHLO");
    for client in ["192.0.2.1", "198.51.100.1"] {
        let mut stream = TcpStream::connect(&running.address).await.unwrap();
        talk(&mut stream, &format!("PROXY TCP4 {client} 127.0.0.1 4000 25\n{mail}")).await;
    }
    let peers: Vec<_> = running.desk.kept().into_iter().map(|(envelope, _)| envelope.peer).collect();
    assert_eq!((peers[0].ip, peers[0].trusted), (Some([192, 0, 2, 1].into()), false));
    assert_eq!((peers[1].ip, peers[1].trusted), (None, true));
    let mut stream = TcpStream::connect(&running.address).await.unwrap();
    stream.write_all(mail.as_bytes()).await.unwrap();
    let mut answers = String::new();
    let _ = stream.read_to_string(&mut answers).await;
    assert_eq!((answers.as_str(), running.desk.kept().len()), ("", 2), "no header, no dialogue");
    running.stop.cancel();
}

#[tokio::test]
async fn too_many_connections_get_421() {
    let mut settings = small(Dialect::Smtp);
    settings.limits.connections = 1;
    let running = start("127.0.0.1:0", settings, Desk::default()).await;
    let mut first = BufReader::new(TcpStream::connect(&running.address).await.unwrap());
    let mut line = String::new();
    first.read_line(&mut line).await.unwrap();
    assert!(line.starts_with("220"));
    let mut second = String::new();
    TcpStream::connect(&running.address).await.unwrap().read_to_string(&mut second).await.unwrap();
    assert!(second.starts_with("421 4.3.2"), "{second}");
    running.stop.cancel();
    running.task.await.unwrap();
    line.clear();
    first.read_line(&mut line).await.unwrap();
    assert!(line.starts_with("421 4.3.2"), "an idle session is told: {line}");
}

#[tokio::test]
async fn a_transaction_in_hand_is_finished_before_the_stop() {
    let running = start("127.0.0.1:0", small(Dialect::Lmtp), Desk::default()).await;
    let mut stream = BufReader::new(TcpStream::connect(&running.address).await.unwrap());
    let (begin, rest) = MAIL.split_at(MAIL.find("hello").unwrap());
    stream.write_all(begin.replace('\n', "\r\n").as_bytes()).await.unwrap();
    let mut line = String::new();
    while !line.contains("354") {
        stream.read_line(&mut line).await.unwrap();
    }
    running.stop.cancel();
    sleep(Duration::from_millis(50)).await;
    assert!(!running.task.is_finished());
    stream.write_all(rest.replace('\n', "\r\n").as_bytes()).await.unwrap();
    let mut answers = String::new();
    stream.read_to_string(&mut answers).await.unwrap();
    assert!(answers.starts_with("250 2.0.0 Ok: kept as m1\r\n421 4.3.2 "), "{answers}");
    running.task.await.unwrap();
    assert_eq!(running.desk.kept().len(), 1);
}

#[tokio::test]
async fn a_keeper_that_fails_is_a_4xx() {
    let broken = Desk { broken: true, ..Desk::default() };
    let running = start("127.0.0.1:0", small(Dialect::Lmtp), broken).await;
    let mut stream = TcpStream::connect(&running.address).await.unwrap();
    let answers = talk(&mut stream, MAIL).await;
    assert!(answers.contains("\r\n452 4.3.1 "), "{answers}");
    running.stop.cancel();
}

/// A link over an in-memory pipe.
fn link(settings: Settings, desk: Desk) -> (DuplexStream, Arc<Desk>, JoinHandle<()>) {
    let (ours, theirs) = tokio::io::duplex(1 << 16);
    let desk = Arc::new(desk);
    let house = House {
        settings: Arc::new(settings),
        gate: desk.clone(),
        keeper: desk.clone(),
        stop: CancellationToken::new(),
        in_hand: 0.into(),
    };
    let task = tokio::spawn(Link::new(Arc::new(house), 1, Box::new(theirs), STRANGER).run());
    (ours, desk, task)
}

/// Sends one byte at a time, `gap` apart, until the other side closes; gives how long it took and its last
/// answer.
async fn drip(mut wire: DuplexStream, lead: &str, gap: Duration) -> (Duration, String) {
    wire.write_all(lead.replace('\n', "\r\n").as_bytes()).await.unwrap();
    sleep(Duration::from_millis(1)).await;
    let begun = Instant::now();
    while wire.write_all(b"x").await.is_ok() {
        sleep(gap).await;
    }
    let mut answers = String::new();
    wire.read_to_string(&mut answers).await.unwrap();
    (begun.elapsed(), answers.lines().last().unwrap_or_default().to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_slow_loris_is_closed_in_time() {
    let mut settings = small(Dialect::Smtp);
    settings.limits.message = 1_000_000;
    let data = MAIL.split_at(MAIL.find("hello").unwrap()).0.replace("LHLO", "EHLO");

    let (wire, _, _) = link(settings.clone(), Desk::default());
    let (took, last) = drip(wire, "EHLO x\n", Duration::from_secs(10)).await;
    assert!(took >= Duration::from_secs(299) && took < Duration::from_secs(330), "{took:?}");
    assert!(last.starts_with("421 4.4.2"), "{last}");

    let (wire, _, _) = link(settings.clone(), Desk::default());
    let (took, last) = drip(wire, &data, Duration::from_secs(10)).await;
    assert!(took >= Duration::from_secs(1790) && took < Duration::from_secs(1830), "{took:?}");
    assert!(last.starts_with("421 4.4.2"), "{last}");

    let (wire, desk, _) = link(settings, Desk::default());
    let (took, last) = drip(wire, &data, Duration::from_secs(200)).await;
    assert!(took <= Duration::from_secs(400), "{took:?}");
    assert!(last.starts_with("421 4.4.2"), "{last}");
    assert!(desk.kept().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_keeper_that_hangs_is_a_4xx() {
    let slow = Desk { slow: Duration::from_hours(1), ..Desk::default() };
    let (mut wire, desk, _) = link(small(Dialect::Lmtp), slow);
    wire.write_all((MAIL.to_owned() + "QUIT\n").replace('\n', "\r\n").as_bytes()).await.unwrap();
    let mut answers = String::new();
    wire.read_to_string(&mut answers).await.unwrap();
    assert!(answers.contains("451 4.3.0 "), "{answers}");
    assert!(desk.kept().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_client_that_never_reads_is_dropped() {
    let (mut wire, _, task) = link(small(Dialect::Smtp), Desk::default());
    let mut settings = small(Dialect::Smtp);
    settings.limits.commands = 1_000_000;
    drop(wire);
    task.await.unwrap();
    let (ours, theirs) = tokio::io::duplex(1024);
    wire = ours;
    let desk = Arc::new(Desk::default());
    let house = House {
        settings: Arc::new(settings),
        gate: desk.clone(),
        keeper: desk,
        stop: CancellationToken::new(),
        in_hand: 0.into(),
    };
    let task = tokio::spawn(Link::new(Arc::new(house), 1, Box::new(theirs), STRANGER).run());
    let writing = tokio::spawn(async move { while wire.write_all(b"HELP\r\n").await.is_ok() {} });
    task.await.unwrap();
    writing.await.unwrap();
}

#[tokio::test]
async fn mails_in_hand_are_bounded_over_all_connections() {
    let mut settings = small(Dialect::Lmtp);
    settings.limits.message = 100_000;
    settings.limits.in_hand = 120_000;
    let running = start("127.0.0.1:0", settings, Desk::default()).await;
    let big = MAIL.replace("hello", &"x".repeat(90_000));
    let (begin, rest) = big.split_at(big.len() - 1000);
    let mut first = TcpStream::connect(&running.address).await.unwrap();
    first.write_all(begin.replace('\n', "\r\n").as_bytes()).await.unwrap();
    sleep(Duration::from_millis(100)).await;
    let mut second = TcpStream::connect(&running.address).await.unwrap();
    let answers = talk(&mut second, &big).await;
    assert!(answers.contains("452 4.3.1 "), "{answers}");
    assert!(talk(&mut first, rest).await.contains("kept as m1"));
    let mut third = TcpStream::connect(&running.address).await.unwrap();
    assert!(talk(&mut third, &big).await.contains("kept as m2"), "the room is given back");
    running.stop.cancel();
}

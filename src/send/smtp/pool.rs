//! Open connections to the relay that wait for their next mail.
//!
//! Knows how many there may be and for how long they may wait; says QUIT to those that waited too long.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use mail_send::SmtpClient;
use tokio::io::{AsyncRead, AsyncWrite, BufWriter};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep, timeout};
use tokio_rustls::client::TlsStream;

use super::Pace;

/// For a QUIT to be answered.
const QUIT: Duration = Duration::from_secs(5);

/// A socket, plain or encrypted.
pub(super) trait Wire: AsyncRead + AsyncWrite + Unpin + Send + Sync {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send + Sync> Wire for T {}

/// A connection that was greeted and logged in.
pub(super) struct Connection {
    pub(super) client: SmtpClient<Box<dyn Wire>>,
    /// What EHLO offered.
    pub(super) capabilities: u32,
    /// The SIZE it offered, 0 when none.
    pub(super) size: usize,
    /// MAIL was accepted: the relay was still there.
    pub(super) is_accepted: bool,
    since: Instant,
}

impl Connection {
    pub(super) fn plain(client: SmtpClient<TcpStream>) -> std::io::Result<Self> {
        client.stream.set_nodelay(true)?;
        Ok(Self::new(client.stream, client.timeout))
    }

    pub(super) fn encrypted(client: SmtpClient<TlsStream<TcpStream>>) -> std::io::Result<Self> {
        client.stream.get_ref().0.set_nodelay(true)?;
        Ok(Self::new(client.stream, client.timeout))
    }

    /// mail-send writes a mail in many pieces: they leave together.
    fn new(stream: impl Wire + 'static, timeout: Duration) -> Self {
        let stream: Box<dyn Wire> = Box::new(BufWriter::new(stream));
        let client = SmtpClient { stream, timeout };
        Self { client, capabilities: 0, size: 0, is_accepted: false, since: Instant::now() }
    }

    pub(super) fn offers(&self, extension: u32) -> bool {
        self.capabilities & extension != 0
    }

    async fn quit(self) {
        let _ = timeout(QUIT, self.client.quit()).await;
    }
}

/// The connections of one relay.
pub(super) struct Pool {
    waiting: Mutex<Waiting>,
    places: Semaphore,
    idle: Duration,
}

#[derive(Default)]
struct Waiting {
    connections: Vec<Connection>,
    /// A task is watching for those that wait too long.
    watched: bool,
}

impl Pool {
    pub(super) fn new(pace: &Pace) -> Self {
        let places = Semaphore::new(pace.connections.max(1));
        Self { waiting: Mutex::default(), places, idle: pace.idle }
    }

    /// Waits for one's turn to use a connection.
    pub(super) async fn place(&self) -> Option<SemaphorePermit<'_>> {
        self.places.acquire().await.ok()
    }

    /// The connection used last, if one is open.
    pub(super) fn take(&self) -> Option<Connection> {
        let mut waiting = self.waiting();
        let last = waiting.connections.pop_if(|connection| connection.since.elapsed() < self.idle);
        drop(waiting);
        last
    }

    pub(super) fn put(self: &Arc<Self>, mut connection: Connection) {
        connection.since = Instant::now();
        let mut waiting = self.waiting();
        waiting.connections.push(connection);
        let unwatched = !std::mem::replace(&mut waiting.watched, true);
        drop(waiting);
        if unwatched {
            tokio::spawn(watch(Arc::downgrade(self), self.idle));
        }
    }

    pub(super) async fn close(&self) {
        let all = std::mem::take(&mut self.waiting().connections);
        futures::future::join_all(all.into_iter().map(Connection::quit)).await;
    }

    /// Takes out those that waited too long; `None` when no more are left to watch.
    fn expired(&self) -> Option<Vec<Connection>> {
        let mut waiting = self.waiting();
        let is_old = |connection: &mut Connection| connection.since.elapsed() >= self.idle;
        let old: Vec<_> = waiting.connections.extract_if(.., is_old).collect();
        let goes_on = !old.is_empty() || !waiting.connections.is_empty();
        waiting.watched = goes_on;
        drop(waiting);
        goes_on.then_some(old)
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn watch(pool: Weak<Pool>, idle: Duration) {
    loop {
        sleep(idle).await;
        let Some(old) = pool.upgrade().and_then(|pool| pool.expired()) else { return };
        for connection in old {
            connection.quit().await;
        }
    }
}

//! Listens: accepts connections on TCP or on a unix socket, bounds their number, stops softly.
//!
//! Knows sockets and how many are open; each connection is a `link`'s.

use std::io;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, UnixListener, UnixStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Duration, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{debug, info, warn};

use super::link::{House, Link, Wire};
use super::session::Caller;
use super::{Settings, proxy};
use crate::receive::{Gate, Keeper};

/// A bound socket.
#[derive(Debug)]
pub enum Listener {
    /// Bound to an address and a port.
    Tcp(TcpListener),
    /// Bound to a file, removed with it.
    Unix(UnixListener, SocketFile),
}

/// The file of a unix socket, removed when dropped.
#[derive(Debug)]
pub struct SocketFile(PathBuf);

impl Drop for SocketFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

impl Listener {
    /// Binds `address`: `host:port` (port 0: any free one) or `unix:/path`. A socket file that nobody listens
    /// to any more is replaced. Its mode is 0660: put the mail server's user into the group of our own.
    pub async fn bind(address: &str) -> io::Result<Self> {
        let Some(path) = address.strip_prefix("unix:").map(Path::new) else {
            return TcpListener::bind(address).await.map(Self::Tcp);
        };
        remove_stale(path).await?;
        let listener = UnixListener::bind(path)?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o660))?;
        Ok(Self::Unix(listener, SocketFile(path.to_owned())))
    }

    /// Where it listens, as [`Listener::bind`] would take it, with the real port.
    pub fn address(&self) -> io::Result<String> {
        match self {
            Self::Tcp(listener) => listener.local_addr().map(|address| address.to_string()),
            Self::Unix(_, file) => Ok(format!("unix:{}", file.0.display())),
        }
    }

    async fn accept(&self, settings: &Settings) -> io::Result<(Box<dyn Wire>, Caller)> {
        match self {
            Self::Tcp(listener) => {
                let (stream, from) = listener.accept().await?;
                stream.set_nodelay(true)?;
                let ip = from.ip().to_canonical();
                Ok((Box::new(stream), settings.caller(ip)))
            }
            Self::Unix(listener, _) => {
                let (stream, _) = listener.accept().await?;
                Ok((Box::new(stream), Caller { ip: None, trusted: true }))
            }
        }
    }
}

/// Removes the socket file of a daemon that is gone; one that is listened to is left, and binding will fail.
async fn remove_stale(path: &Path) -> io::Result<()> {
    let is_socket = std::fs::symlink_metadata(path).is_ok_and(|meta| meta.file_type().is_socket());
    if !is_socket {
        return Ok(());
    }
    match UnixStream::connect(path).await {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => std::fs::remove_file(path),
        _ => Ok(()),
    }
}

/// Serves a listener until `stop`, then until the transactions in hand are ended: idle connections get 421, a
/// mail being sent is still taken. Returns when the last connection is closed.
pub async fn serve(
    listener: Listener,
    settings: Arc<Settings>,
    gate: Arc<dyn Gate>,
    keeper: Arc<dyn Keeper>,
    stop: CancellationToken,
) {
    let places = Arc::new(Semaphore::new(settings.limits.connections));
    let in_hand = AtomicUsize::new(0);
    let house = Arc::new(House { settings, gate, keeper, stop, in_hand });
    let (connections, mut number) = (TaskTracker::new(), 0);
    while let Some(accepted) = next(&listener, &house).await {
        match accepted {
            Ok((wire, caller)) => {
                number += 1;
                let place = Arc::clone(&places).try_acquire_owned().ok();
                connections.spawn(attend(Arc::clone(&house), number, wire, caller, place));
            }
            Err(error) => {
                // Out of descriptors, most likely: they come back as connections end.
                warn!(%error, "cannot accept a connection");
                sleep(Duration::from_millis(100)).await;
            }
        }
    }
    drop(listener);
    info!(open = connections.len(), "no more connections are accepted");
    connections.close();
    connections.wait().await;
}

async fn next(listener: &Listener, house: &House) -> Option<io::Result<(Box<dyn Wire>, Caller)>> {
    tokio::select! {
        biased;
        () = house.stop.cancelled() => None,
        accepted = listener.accept(&house.settings) => Some(accepted),
    }
}

/// Serves one connection, or says that there are too many.
async fn attend(
    house: Arc<House>,
    number: u64,
    mut wire: Box<dyn Wire>,
    caller: Caller,
    place: Option<OwnedSemaphorePermit>,
) {
    if place.is_some() {
        let reading = timeout(house.settings.timeouts.command, announced(&house.settings, caller, &mut wire));
        if let Ok(Ok(caller)) = reading.await {
            return Link::new(house, number, wire, caller).run().await;
        }
        return warn!(connection = number, "a listed balancer sent no PROXY header");
    }
    debug!(connection = number, "too many connections");
    let line = b"421 4.3.2 Too many connections, try again later\r\n";
    let _ = timeout(Duration::from_secs(1), wire.write_all(line)).await;
}

/// Who calls, after a balancer's header if one is due.
async fn announced(settings: &Settings, caller: Caller, wire: &mut Box<dyn Wire>) -> io::Result<Caller> {
    let Some(ip) = caller.ip.filter(|ip| settings.proxies.iter().any(|net| net.contains(ip))) else {
        return Ok(caller);
    };
    Ok(settings.caller(proxy::read(wire).await?.unwrap_or(ip)))
}

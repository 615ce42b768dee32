//! The resolver: the machine's, or the one of the settings. It keeps answers, bounded, each for its own time.
//!
//! Knows hickory's options only.

use std::net::SocketAddr;
use std::time::Duration;

use mail_auth::MessageAuthenticator;
use mail_auth::hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use mail_auth::hickory_resolver::system_conf::read_system_conf;

use crate::mail::verdict::{Dns, JudgeError, Settings};

/// Longest that an answer is kept: a key withdrawn after a leak must stop working the same day.
const MAX_KEPT: Duration = Duration::from_hours(1);

/// The resolver of these settings; it asks nothing yet.
pub(in crate::mail::verdict) fn resolver(
    settings: &Settings,
) -> Result<Option<MessageAuthenticator>, JudgeError> {
    let (config, options) = match settings.dns {
        Dns::Off => return Ok(None),
        Dns::System => read_system_conf().map_err(|error| JudgeError::System(error.to_string()))?,
        Dns::At(address) => (at(address), ResolverOpts::default()),
    };
    let resolver = MessageAuthenticator::new(config, tuned(options, settings));
    resolver.map(Some).map_err(|error| JudgeError::Resolver(error.to_string()))
}

fn at(address: SocketAddr) -> ResolverConfig {
    let on_port = |mut connection: ConnectionConfig| {
        connection.port = address.port();
        connection
    };
    let mut server = NameServerConfig::udp_and_tcp(address.ip());
    server.connections = vec![on_port(ConnectionConfig::udp()), on_port(ConnectionConfig::tcp())];
    ResolverConfig::from_name_servers(vec![server])
}

fn tuned(mut options: ResolverOpts, settings: &Settings) -> ResolverOpts {
    options.cache_size = settings.dns_cache;
    options.positive_max_ttl = Some(MAX_KEPT);
    options.negative_max_ttl = Some(MAX_KEPT);
    // A datagram may be lost: one question is asked again before the check's time is over.
    options.timeout = (settings.dns_timeout / 3).max(Duration::from_millis(100));
    options.attempts = 1;
    options.edns0 = true;
    options.use_hosts_file = ResolveHosts::Never;
    options
}

//! Mails out by SMTP to a relay, with mail-send: connections are reused, and every failure is told apart.
//!
//! Knows the relay and its own open connections. What the relay holds against *us* (greeting, TLS, login,
//! 421) is tried again: only what it holds against a recipient or a mail is a refusal.

mod pool;
mod relay;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use mail_send::smtp::message::{Parameter, Parameters};
use mail_send::{Credentials, Error, SmtpClientBuilder};
use rustls::{ClientConfig, RootCertStore};
use smtp_proto::{EXT_8BIT_MIME, EXT_DSN, EXT_SMTP_UTF8, Response};
use tokio::time::timeout;

use super::{Courier, Outcome, Parcel, UrlError};
use pool::{Connection, Pool};
pub use relay::{Relay, Tls};

/// How long we wait, and how many connections we open.
#[derive(Debug, Clone)]
pub struct Pace {
    /// For a connection, its TLS and its login together.
    pub connect: Duration,
    /// For one mail, from MAIL to the last answer.
    pub transaction: Duration,
    /// For how long an unused connection stays open.
    pub idle: Duration,
    /// Connections at once; further parcels wait.
    pub connections: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(30),
            transaction: Duration::from_mins(5),
            idle: Duration::from_secs(30),
            connections: 8,
        }
    }
}

/// A relay, and the connections open to it.
pub struct Smtp {
    builder: SmtpClientBuilder<String>,
    relay: Relay,
    hello: String,
    pace: Pace,
    pool: Arc<Pool>,
}

/// Why a parcel did not get through.
#[derive(Debug)]
enum Failure {
    /// No connection that can carry mails.
    NoConnection(Error),
    /// While sending.
    Sending(Error),
    /// Nothing came in time.
    Silence,
}

impl Smtp {
    /// A courier to this relay; certificates are verified by the machine's own roots.
    pub fn new(relay: Relay, hello: impl Into<String>) -> Result<Self, UrlError> {
        let builder = match relay.tls {
            Tls::Implicit | Tls::Required => {
                SmtpClientBuilder::new(relay.host.clone(), relay.port).map_err(UrlError::Tls)?
            }
            Tls::Opportunistic => unverified(&relay)?.allow_invalid_certs(),
            Tls::None => unverified(&relay)?,
        };
        Ok(Self::built(builder, relay, hello.into()))
    }

    /// A courier to this relay that trusts these certificates instead of the machine's.
    pub fn with_tls(relay: Relay, hello: impl Into<String>, tls: Arc<ClientConfig>) -> Self {
        let builder = SmtpClientBuilder::new_with_tls_connector(relay.host.clone(), relay.port, tls.into());
        Self::built(builder, relay, hello.into())
    }

    /// The same with another pace.
    #[must_use]
    pub fn at_pace(self, pace: Pace) -> Self {
        let relay = self.relay;
        let pool = Arc::new(Pool::new(&pace));
        let builder = self.builder.timeout(pace.transaction);
        Self { builder, relay, hello: self.hello, pace, pool }
    }

    fn built(builder: SmtpClientBuilder<String>, relay: Relay, hello: String) -> Self {
        let pace = Pace::default();
        let builder =
            builder.implicit_tls(relay.tls == Tls::Implicit).say_ehlo(false).helo_host(hello.as_str());
        let pool = Arc::new(Pool::new(&pace));
        Self { builder: builder.timeout(pace.transaction), relay, hello, pace, pool }
    }

    /// Says QUIT on the connections that are open and unused.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    async fn carry(&self, parcel: &Parcel) -> Result<Response<String>, Failure> {
        let _place = self.pool.place().await;
        while let Some(mut connection) = self.pool.take() {
            match self.send(&mut connection, parcel).await {
                // The relay closed it while it was unused: nothing was sent, so another may be tried at once.
                Err(failure) if !connection.is_accepted && is_gone(&failure) => {}
                sent => return self.put_back(connection, sent).await,
            }
        }
        let mut connection = self.connect().await?;
        let sent = self.send(&mut connection, parcel).await;
        self.put_back(connection, sent).await
    }

    /// Keeps the connection for the next parcel if the relay still talks.
    async fn put_back(
        &self,
        mut connection: Connection,
        sent: Result<Response<String>, Failure>,
    ) -> Result<Response<String>, Failure> {
        let is_usable = match &sent {
            Ok(_) => true,
            Err(failure) if is_gone(failure) => false,
            Err(_) => {
                timeout(self.pace.connect, connection.client.rset()).await.is_ok_and(|done| done.is_ok())
            }
        };
        if is_usable {
            self.pool.put(connection);
        }
        sent
    }

    async fn connect(&self) -> Result<Connection, Failure> {
        let connecting = timeout(self.pace.connect, self.connect_in_its_own_time());
        connecting.await.map_err(|_| Failure::Silence)?.map_err(Failure::NoConnection)
    }

    async fn connect_in_its_own_time(&self) -> Result<Connection, Error> {
        let mut connection = match self.relay.tls {
            Tls::None => Connection::plain(self.builder.connect_plain().await?)?,
            Tls::Implicit | Tls::Required => Connection::encrypted(self.builder.connect().await?)?,
            Tls::Opportunistic => match self.builder.connect().await {
                Err(Error::MissingStartTls) => Connection::plain(self.builder.connect_plain().await?)?,
                connected => Connection::encrypted(connected?)?,
            },
        };
        let offers = connection.client.ehlo(&self.hello).await?;
        if let Some((user, password)) = &self.relay.login {
            let credentials = Credentials::Plain { username: user.clone(), secret: password.clone() };
            connection.client.authenticate(Box::new(credentials), &offers).await?;
        }
        connection.capabilities = offers.capabilities;
        connection.size = offers.size;
        Ok(connection)
    }

    async fn send(&self, connection: &mut Connection, parcel: &Parcel) -> Result<Response<String>, Failure> {
        connection.is_accepted = false;
        let sending = timeout(self.pace.transaction, dialogue(connection, parcel));
        sending.await.map_err(|_| Failure::Silence)?.map_err(Failure::Sending)
    }
}

impl Courier for Smtp {
    fn deliver<'a>(&'a self, parcel: &'a Parcel) -> BoxFuture<'a, Outcome> {
        async move {
            if !is_address(&parcel.to) || !parcel.from.is_empty() && !is_address(&parcel.from) {
                return Outcome::Refused { answer: "not an address".to_owned(), code: None };
            }
            if parcel.bytes.starts_with(b".") {
                // mail-send 0.7.0 does not stuff a dot that begins the mail; ours begin with a header.
                return Outcome::Refused { answer: "not a mail".to_owned(), code: None };
            }
            match self.carry(parcel).await {
                Ok(response) => Outcome::Delivered { answer: shown(&response) },
                Err(failure) => judged(failure),
            }
        }
        .boxed()
    }
}

/// A builder that verifies nothing: for connections in clear, where the machine's roots need not even exist.
fn unverified(relay: &Relay) -> Result<SmtpClientBuilder<String>, UrlError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| UrlError::Tls(error.to_string()))?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    let connector = Arc::new(config).into();
    Ok(SmtpClientBuilder::new_with_tls_connector(relay.host.clone(), relay.port, connector))
}

/// What we know to be refused is answered as the relay would, without asking it.
fn foreseen(connection: &Connection, parcel: &Parcel) -> Result<(), Error> {
    let refuse = |code, esc, message: &str| {
        Err(Error::UnexpectedReply(Response { code, esc, message: message.to_owned() }))
    };
    if connection.size > 0 && parcel.bytes.len() > connection.size {
        return refuse(552, [5, 3, 4], "larger than the relay's limit");
    }
    if !needs_utf8(parcel) || connection.offers(EXT_SMTP_UTF8) {
        return Ok(());
    }
    refuse(553, [5, 6, 7], "the relay takes no address with accents")
}

async fn dialogue(connection: &mut Connection, parcel: &Parcel) -> Result<Response<String>, Error> {
    foreseen(connection, parcel)?;
    let parameters = parameters(connection, parcel);
    connection.client.mail_from(&parcel.from, &parameters).await?;
    connection.is_accepted = true;
    connection.client.rcpt_to(&parcel.to, &Parameters::new()).await?;
    // mail-send ends the text by CRLF and a dot, whether or not there is a CRLF already.
    let text = parcel.bytes.strip_suffix(b"\r\n").unwrap_or(&parcel.bytes);
    connection.client.data(text).await
}

fn parameters<'a>(connection: &Connection, parcel: &'a Parcel) -> Parameters<'a> {
    let mut parameters = Parameters::new();
    if connection.size > 0 {
        parameters.add(Parameter::from(("SIZE".to_owned(), parcel.bytes.len().to_string())));
    }
    if connection.offers(EXT_8BIT_MIME) && !parcel.bytes.is_ascii() {
        parameters.add(("BODY", "8BITMIME"));
    }
    if needs_utf8(parcel) {
        parameters.add("SMTPUTF8");
    }
    if let Some(envid) = parcel.envid.as_deref().filter(|_| connection.offers(EXT_DSN)) {
        parameters.add(Parameter::from(("ENVID".to_owned(), xtext(envid))));
    }
    parameters
}

fn needs_utf8(parcel: &Parcel) -> bool {
    !parcel.to.is_ascii() || !parcel.from.is_ascii()
}

/// RFC 3461 §4.
fn xtext(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'+' && byte != b'=';
    let coded = |byte| if plain(byte) { char::from(byte).to_string() } else { format!("+{byte:02X}") };
    text.bytes().map(coded).collect()
}

/// Whether it can stand in a command without becoming two.
fn is_address(text: &str) -> bool {
    let breaks = |c: char| c.is_control() || c.is_whitespace() || "<>".contains(c);
    text.len() <= 320 && text.contains('@') && !text.contains(breaks)
}

/// Whether the connection is of no more use.
fn is_gone(failure: &Failure) -> bool {
    match failure {
        Failure::Sending(Error::UnexpectedReply(response)) => response.code == 421,
        _ => true,
    }
}

fn judged(failure: Failure) -> Outcome {
    match failure {
        Failure::Sending(Error::UnexpectedReply(response)) if is_final(response.code) => {
            Outcome::Refused { answer: shown(&response), code: Some(response.code) }
        }
        Failure::NoConnection(Error::UnexpectedReply(response) | Error::AuthenticationFailed(response))
        | Failure::Sending(Error::UnexpectedReply(response)) => Outcome::Again { answer: shown(&response) },
        Failure::NoConnection(error) => Outcome::Again { answer: format!("no connection: {error}") },
        Failure::Sending(Error::Timeout) | Failure::Silence => {
            Outcome::Again { answer: "the relay did not answer in time".to_owned() }
        }
        Failure::Sending(error) => Outcome::Again { answer: format!("connection lost: {error}") },
    }
}

/// A 5xx, save those that blame our login or our encryption (RFC 4954 §6, RFC 3207 §4).
fn is_final(code: u16) -> bool {
    (500..600).contains(&code) && !matches!(code, 521 | 530 | 534 | 535 | 538)
}

fn shown(response: &Response<String>) -> String {
    let [class, subject, detail] = response.esc;
    let enhanced = if class == 0 { String::new() } else { format!("{class}.{subject}.{detail} ") };
    format!("{} {enhanced}{}", response.code, response.message.trim())
}

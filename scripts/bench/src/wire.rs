//! HTTP as browsers speak it, over connections that are kept. One set of connections carries all requests,
//! as a proxy in front would do: so the bench needs one socket for each live connection, and only some for requests.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{ACCEPT_ENCODING, CONTENT_TYPE, COOKIE, HOST, HeaderName, SET_COOKIE};
use hyper::{HeaderMap, Method, Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use crate::failure::{Failure, Outcome, While};

/// Longer than any answer may take; beyond it a request counts as unanswered.
const PATIENCE: Duration = Duration::from_secs(30);

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const SIGNATURE: HeaderName = HeaderName::from_static("x-twilio-signature");

type Sender = SendRequest<Full<Bytes>>;

/// The way to one host, or to several nodes that one takes in turn.
pub struct Wire {
    targets: Vec<SocketAddr>,
    idle: Mutex<Vec<Sender>>,
    opened: AtomicUsize,
}

/// One request.
pub struct Call<'a> {
    method: Method,
    path: &'a str,
    cookie: &'a str,
    kind: &'a str,
    encoding: &'a str,
    forwarded: String,
    signature: &'a str,
    body: String,
}

impl<'a> Call<'a> {
    pub fn of(method: Method, path: &'a str) -> Self {
        Self {
            method,
            path,
            cookie: "",
            kind: "",
            encoding: "",
            forwarded: String::new(),
            signature: "",
            body: String::new(),
        }
    }

    pub fn json(path: &'a str, body: &Value) -> Self {
        Self {
            kind: "application/json",
            body: body.to_string(),
            ..Self::of(Method::POST, path)
        }
    }

    pub fn form(path: &'a str, body: String) -> Self {
        Self {
            kind: "application/x-www-form-urlencoded",
            body,
            ..Self::of(Method::POST, path)
        }
    }

    pub fn with_cookie(self, cookie: &'a str) -> Self {
        Self { cookie, ..self }
    }

    /// As a proxy in front would pass it on, from the address of `number`.
    pub fn from(self, number: usize) -> Self {
        let forwarded = source(number).to_string();
        Self { forwarded, ..self }
    }

    /// As Twilio signs its calls.
    pub fn signed(self, signature: &'a str) -> Self {
        Self { signature, ..self }
    }

    pub fn accepting(self, encoding: &'a str) -> Self {
        Self { encoding, ..self }
    }

    fn request(self, target: SocketAddr) -> Outcome<Request<Full<Bytes>>> {
        let mut request = Request::builder()
            .method(self.method)
            .uri(self.path)
            .header(HOST, target.to_string());
        for (name, value) in [
            (COOKIE, self.cookie),
            (CONTENT_TYPE, self.kind),
            (ACCEPT_ENCODING, self.encoding),
            (FORWARDED_FOR, self.forwarded.as_str()),
            (SIGNATURE, self.signature),
        ] {
            if !value.is_empty() {
                request = request.header(name, value);
            }
        }
        Ok(request.body(Full::new(Bytes::from(self.body)))?)
    }
}

/// What was answered.
pub struct HttpAnswer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl HttpAnswer {
    pub fn json(&self) -> Outcome<Value> {
        if self.status != 200 {
            let said = String::from_utf8_lossy(&self.body);
            return Err(format!("{} {said}", self.status).into());
        }
        Ok(serde_json::from_slice(&self.body)?)
    }

    /// The cookie that a browser would keep now, as it would send it.
    pub fn cookie(&self) -> Option<String> {
        let cookie = self.headers.get(SET_COOKIE)?.to_str().ok()?;
        cookie.split(';').next().map(str::to_owned)
    }
}

/// The address of one person. Each has a different one, as on the internet; all are of this machine.
pub fn source(number: usize) -> Ipv4Addr {
    let [high, low] = [number / 250 % 250, number % 250].map(|part| part as u8 + 1);
    Ipv4Addr::new(127, 1, high, low)
}

/// A connection from the address of `number`.
pub async fn connect(target: SocketAddr, number: usize) -> Outcome<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from((source(number), 0)))?;
    let stream = timeout(PATIENCE, socket.connect(target)).await??;
    stream.set_nodelay(true)?;
    Ok(stream)
}

impl Wire {
    pub fn new(target: SocketAddr) -> Self {
        Self::over(vec![target])
    }

    /// The way to these nodes; at least one.
    pub fn over(targets: Vec<SocketAddr>) -> Self {
        Self {
            targets,
            idle: Mutex::default(),
            opened: AtomicUsize::new(0),
        }
    }

    /// Where connection `number` goes.
    pub fn target(&self, number: usize) -> SocketAddr {
        self.targets[number % self.targets.len()]
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Sender>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn sender(&self) -> Outcome<Sender> {
        loop {
            // Its own statement, so that the lock is not held while the connection gets ready.
            let kept = self.idle().pop();
            let Some(mut sender) = kept else { break };
            if sender.ready().await.is_ok() {
                return Ok(sender);
            }
        }
        let number = self.opened.fetch_add(1, Ordering::Relaxed);
        let stream = connect(self.target(number), number).await?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(sender)
    }

    pub async fn call(&self, call: Call<'_>) -> Outcome<HttpAnswer> {
        let request = call.request(self.target(0))?;
        let exchange = async {
            let mut sender = self.sender().await?;
            let (head, body) = sender.send_request(request).await?.into_parts();
            let body = body.collect().await?.to_bytes();
            self.idle().push(sender);
            Ok::<_, Failure>(HttpAnswer {
                status: head.status.as_u16(),
                headers: head.headers,
                body,
            })
        };
        timeout(PATIENCE, exchange).await?
    }

    /// Calls a server function that is expected to answer.
    pub async fn function(&self, cookie: &str, name: &str, input: &Value) -> Outcome<Value> {
        let path = format!("/api/app/api/{name}");
        let answer = self
            .call(Call::json(&path, input).with_cookie(cookie))
            .await?;
        answer.json().when(name)
    }

    /// A request on a connection of its own, whose answer ends with the connection.
    pub async fn stream(
        &self,
        path: &str,
        cookie: &str,
        resume: &str,
        number: usize,
    ) -> Outcome<Response<hyper::body::Incoming>> {
        let stream = connect(self.target(number), number).await?;
        let (mut sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let mut request = Call::of(Method::GET, path)
            .with_cookie(cookie)
            .request(self.target(0))?;
        if !resume.is_empty() {
            request
                .headers_mut()
                .insert("last-event-id", resume.parse()?);
        }
        let response = timeout(PATIENCE, sender.send_request(request)).await??;
        if response.status() != 200 {
            return Err(format!("{path} answers {}", response.status()).into());
        }
        Ok(response)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_comes_from_an_address_of_their_own_on_this_machine() {
        let all: std::collections::HashSet<_> = (0..20_000).map(source).collect();
        assert_eq!(all.len(), 20_000);
        assert!(all.iter().all(Ipv4Addr::is_loopback));
        assert!(all.iter().all(|address| address.octets()[3] != 0));
    }
}

//! A receiver on a free port: takes requests, remembers each, and fails where a story says so. It speaks HTTP by hand, because
//! some of what it does no server would.

use std::collections::VecDeque;
use std::future::pending;
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A request as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Got {
    pub line: String,
    /// In their order, but for the host, whose port the system chooses.
    pub headers: Vec<(String, String)>,
    pub host: String,
    pub body: String,
}

impl Got {
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    pub fn id(&self) -> &str {
        self.header("webhook-id")
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub fn kind(&self) -> String {
        self.json()["type"].as_str().unwrap().to_owned()
    }

    /// How many of its signatures this secret made, as the specification has it.
    pub fn signed_by(&self, secret: &str) -> usize {
        let key = BASE64_STANDARD.decode(secret.strip_prefix("whsec_").unwrap());
        let mut mac = Hmac::<Sha256>::new_from_slice(&key.unwrap()).unwrap();
        let signed = [self.id(), self.header("webhook-timestamp"), &self.body].join(".");
        mac.update(signed.as_bytes());
        let expected = BASE64_STANDARD.encode(mac.finalize().into_bytes());
        let expected = format!("v1,{expected}");
        let signatures = self.header("webhook-signature").split(' ');
        signatures
            .filter(|signature| *signature == expected)
            .count()
    }
}

/// What happens to the next request.
#[derive(Clone, Copy, Debug)]
pub enum Next {
    /// It is answered with a status, and with this `Retry-After`.
    Answer(u16, Option<&'static str>),
    /// It is sent elsewhere on this receiver.
    Redirect,
    /// It is taken, but the body of the answer never ends.
    EndlessBody,
    /// What is answered is no HTTP.
    Nonsense,
    /// The connection ends before the answer.
    Cut,
    /// There is never an answer.
    Silence,
}

#[derive(Default)]
struct Inner {
    got: Vec<Got>,
    next: VecDeque<Next>,
    always: Option<Next>,
}

#[derive(Clone)]
pub struct Receiver {
    inner: Arc<Mutex<Inner>>,
    pub port: u16,
}

impl Receiver {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let inner = Arc::<Mutex<Inner>>::default();
        let receiver = Self {
            inner: inner.clone(),
            port,
        };
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(stream, inner.clone()));
            }
        });
        receiver
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook?secret=of-the-path", self.port)
    }

    /// The next requests meet this, one after the other; later ones succeed.
    pub fn next(&self, next: impl IntoIterator<Item = Next>) {
        self.inner.lock().unwrap().next.extend(next);
    }

    /// Every request meets this from now on.
    pub fn always(&self, next: Next) {
        self.inner.lock().unwrap().always = Some(next);
    }

    pub fn got(&self) -> Vec<Got> {
        self.inner.lock().unwrap().got.clone()
    }

    pub fn kinds(&self) -> Vec<String> {
        self.got().iter().map(Got::kind).collect()
    }
}

async fn serve(mut stream: TcpStream, inner: Arc<Mutex<Inner>>) {
    let Some(got) = request(&mut stream).await else {
        return;
    };
    let next = {
        let mut inner = inner.lock().unwrap();
        inner.got.push(got);
        let next = inner.next.pop_front();
        next.or(inner.always).unwrap_or(Next::Answer(204, None))
    };
    let answer = match next {
        Next::Answer(status, after) => {
            let after = after.map(|after| format!("retry-after: {after}\r\n"));
            let after = after.unwrap_or_default();
            format!("HTTP/1.1 {status} So\r\n{after}content-length: 0\r\nconnection: close\r\n\r\n")
        }
        Next::Redirect => {
            "HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n".to_owned()
        }
        Next::EndlessBody => "HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\nmore".to_owned(),
        Next::Nonsense => "220 mail.example.com ESMTP\r\n".to_owned(),
        Next::Cut => return,
        Next::Silence => pending().await,
    };
    let _ = stream.write_all(answer.as_bytes()).await;
    if matches!(next, Next::EndlessBody) {
        pending::<()>().await;
    }
}

async fn request(stream: &mut TcpStream) -> Option<Got> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.split("\r\n");
    let line = lines.next().unwrap().to_owned();
    let headers = lines.map(|line| {
        let (name, value) = line.split_once(": ").unwrap();
        (name.to_owned(), value.to_owned())
    });
    let (host, headers): (Vec<_>, Vec<_>) = headers.partition(|(name, _)| name == "host");
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length: usize = length.unwrap().1.parse().unwrap();
    let mut body = bytes.split_off(end + 4);
    while body.len() < length {
        if stream.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    Some(Got {
        line,
        headers,
        host: host.into_iter().map(|(_, host)| host).collect(),
        body: String::from_utf8(body).unwrap(),
    })
}

//! The program as a process: started with demo people on a free port, asked over HTTP, ended by signals.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Output, Stdio};
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, COOKIE, HOST, LOCATION, SET_COOKIE};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process, prlimit};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStdout, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Nothing in these stories takes that long; a test that waits longer has found something.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A `sideline` command line.
pub fn sideline(arguments: &[&str]) -> Command {
    command(env!("CARGO_BIN_EXE_sideline"), arguments)
}

fn command(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    // The environment may hold settings of another Sideline.
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SIDELINE_")) {
        command.env_remove(name);
    }
    command
}

/// Runs a command line to its end.
pub async fn run(arguments: &[&str]) -> Output {
    timeout(PATIENCE, sideline(arguments).output())
        .await
        .expect("it ends")
        .expect("it starts")
}

pub fn said(output: &Output) -> String {
    let both = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8(both).expect("text")
}

/// A folder with a database in it.
pub struct Data(tempfile::TempDir);

impl Data {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    pub fn folder(&self) -> &str {
        self.0.path().to_str().expect("a plain name")
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn database(&self) -> PathBuf {
        self.file("sideline.db")
    }

    /// Nothing waits for its time any more: leases have run out, and pauses are over. Not while the program runs.
    pub fn everything_is_due(&self) {
        let database = rusqlite::Connection::open(self.database()).expect("a database");
        let due = "UPDATE jobs SET run_after = 0; DELETE FROM job_pauses; UPDATE webhook_receivers SET paused_until = 0;";
        database.execute_batch(due).expect("the jobs");
    }

    /// What `sideline check` says to it.
    pub async fn in_order(&self) {
        in_order(&self.database()).await;
    }
}

pub async fn in_order(database: &Path) {
    let checked = run(&["check", database.to_str().expect("a plain name")]).await;
    assert!(checked.status.success(), "{}", said(&checked));
}

/// A running program.
pub struct Program {
    child: Child,
    /// Kept open: the program ends when it cannot write to its standard output.
    _words: Lines<BufReader<ChildStdout>>,
    log: JoinHandle<String>,
    pub address: SocketAddr,
    pub metrics: Option<SocketAddr>,
    /// The path at which the first administrator is made, where there is nobody.
    pub setup: Option<String>,
}

impl Program {
    /// Starts it with the demo's people, on a free port.
    pub async fn start(data: &Data, more: &[&str]) -> Self {
        Self::begin(data, more, env!("CARGO_BIN_EXE_sideline"), &[]).await
    }

    /// Starts it without the demo's people.
    pub async fn start_empty(data: &Data, more: &[&str]) -> Self {
        let own = ["serve", "--listen", "127.0.0.1:0", "--data", data.folder()];
        let mut child = command(env!("CARGO_BIN_EXE_sideline"), &[&own, more].concat())
            .spawn()
            .expect("it starts");
        let log = log_of(&mut child);
        let mut lines = BufReader::new(child.stdout.take().expect("its words")).lines();
        let mut next = async || {
            let line = timeout(PATIENCE, lines.next_line()).await;
            line.expect("it says something").expect("text")
        };
        let listening = next().await.expect("where it listens");
        let address = listening.strip_prefix("Listening on http://");
        let address: SocketAddr = address.expect("an address").parse().expect("an address");
        // Users are there or not from its start; who has none is asked for one before anything else.
        let empty = Browser::default()
            .at(address, Method::GET, "/login", "", "")
            .await
            .expect("an answer")
            .location;
        let mut setup = None;
        while empty.contains("no_users") && setup.is_none() {
            let line = next().await.expect("a link");
            let link = line.strip_prefix(&format!("http://{address}"));
            setup = link.map(str::to_owned);
        }
        Self {
            child,
            _words: lines,
            log,
            address,
            metrics: None,
            setup,
        }
    }

    /// Starts it where a file that grows beyond its limit is an error for the writer, as a full disk is, and
    /// not a signal that ends the process.
    pub async fn start_on_small_disk(data: &Data, more: &[&str]) -> Self {
        let shell = [
            "-c",
            "trap '' XFSZ; exec \"$0\" \"$@\"",
            env!("CARGO_BIN_EXE_sideline"),
        ];
        Self::begin(data, more, "sh", &shell).await
    }

    /// Starts it where the system gives it so many open files, and would give it more.
    pub async fn start_with_few_files(data: &Data, soft: u32, hard: u32, more: &[&str]) -> Self {
        let script = format!("ulimit -Sn {soft} && ulimit -Hn {hard} && exec \"$0\" \"$@\"");
        let shell = ["-c", &script, env!("CARGO_BIN_EXE_sideline")];
        Self::begin(data, more, "sh", &shell).await
    }

    /// Starts it on a disk that fails to sync now and then: every sixth time of a thread, and one thread writes.
    pub async fn start_on_forgetful_disk(data: &Data, more: &[&str]) -> Self {
        let strace = [
            "-D",
            "-f",
            "-qq",
            "-o",
            "/dev/null",
            "--trace=fsync,fdatasync",
            "--inject=fsync,fdatasync:error=EIO:when=6+6",
            env!("CARGO_BIN_EXE_sideline"),
        ];
        Self::begin(data, more, "strace", &strace).await
    }

    async fn begin(data: &Data, more: &[&str], program: &str, before: &[&str]) -> Self {
        let own = [
            "demo",
            "--quiet-customers",
            "--listen",
            "127.0.0.1:0",
            "--data",
            data.folder(),
            // Many of these stories send as fast as they can.
            "--send-rate",
            "100000",
            "--command-rate",
            "100000",
        ];
        let arguments = [before, &own, more].concat();
        let mut child = command(program, &arguments).spawn().expect("it starts");
        let log = log_of(&mut child);
        let mut lines = BufReader::new(child.stdout.take().expect("its words")).lines();
        let (mut address, mut metrics) = (None, None);
        while let Some(line) = timeout(PATIENCE, lines.next_line())
            .await
            .expect("it says something")
            .expect("text")
        {
            let socket = |text: &str| text.parse().expect("an address");
            if let Some(url) = line.strip_prefix("Listening on http://") {
                address = Some(socket(url));
            } else if let Some(url) = line.strip_prefix("Metrics on http://") {
                metrics = url.strip_suffix("/metrics").map(socket);
            } else if line.starts_with("Be a customer at") {
                break;
            }
        }
        let Some(address) = address else {
            let _ = child.kill().await;
            panic!("it did not start: {}", log.await.unwrap_or_default());
        };
        Self {
            child,
            _words: lines,
            log,
            address,
            metrics,
            setup: None,
        }
    }

    fn pid(&self) -> Pid {
        let id = self.child.id().expect("it runs");
        Pid::from_raw(i32::try_from(id).expect("a process id")).expect("a process id")
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).expect("it can be signalled");
    }

    /// From now on its files may be this large; `None`: as large as they like.
    pub fn limit_files(&self, bytes: Option<u64>) {
        let limit = Rlimit {
            current: bytes,
            maximum: None,
        };
        prlimit(Some(self.pid()), Resource::Fsize, limit).expect("its limits can be set");
    }

    /// Waits until it has ended; how it ended, and its log.
    pub async fn ended(mut self) -> (ExitStatus, String) {
        let status = timeout(PATIENCE, self.child.wait())
            .await
            .expect("it ends in time")
            .expect("it can be waited for");
        (status, self.log.await.expect("its log"))
    }

    /// Ends it as a supervisor of processes does.
    pub async fn stop(self) -> String {
        self.signal(Signal::TERM);
        let (status, log) = self.ended().await;
        assert!(status.success(), "{status}: {log}");
        log
    }

    /// Ends it as a power cut would, except that the system keeps what it was given.
    pub async fn kill(self) {
        self.signal(Signal::KILL);
        self.ended().await;
    }

    pub async fn metrics(&self) -> String {
        let address = self.metrics.expect("metrics were asked for");
        let answer = Browser::default()
            .at(address, Method::GET, "/metrics", "", "")
            .await;
        answer.expect("metrics").body
    }
}

fn log_of(child: &mut Child) -> JoinHandle<String> {
    let mut errors = child.stderr.take().expect("its log");
    tokio::spawn(async move {
        let mut text = String::new();
        let _ = errors.read_to_string(&mut text).await;
        text
    })
}

/// What somebody's browser keeps: a cookie, and on the chat page, before there is one, the page's token. A proxy in front may
/// have begun a trace. A program that calls in place of a browser sends headers of its own.
#[derive(Clone, Debug, Default)]
pub struct Browser {
    pub cookie: String,
    /// The cookie of what was done, until a page has said so.
    pub said: String,
    pub visitor: String,
    pub traceparent: String,
    pub headers: Vec<(&'static str, String)>,
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub request_id: String,
    /// Where it leads, if it leads elsewhere.
    pub location: String,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }
}

/// The program went away before it answered.
#[derive(Debug)]
pub struct Gone;

impl Browser {
    /// A program that sends these headers along.
    pub fn with<const N: usize>(headers: [(&'static str, String); N]) -> Self {
        Self {
            headers: headers.into(),
            ..Self::default()
        }
    }

    pub async fn get(&mut self, at: &Program, path: &str) -> Result<Answer, Gone> {
        self.at(at.address, Method::GET, path, "", "").await
    }

    pub async fn post(&mut self, at: &Program, path: &str, body: &Value) -> Result<Answer, Gone> {
        let body = body.to_string();
        self.at(at.address, Method::POST, path, "application/json", &body)
            .await
    }

    pub async fn delete(&mut self, at: &Program, path: &str) -> Result<Answer, Gone> {
        self.at(at.address, Method::DELETE, path, "", "").await
    }

    pub async fn form(&mut self, at: &Program, path: &str, body: &str) -> Result<Answer, Gone> {
        let kind = "application/x-www-form-urlencoded";
        self.at(at.address, Method::POST, path, kind, body).await
    }

    async fn at(
        &mut self,
        address: SocketAddr,
        method: Method,
        path: &str,
        kind: &str,
        body: &str,
    ) -> Result<Answer, Gone> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, address.to_string())
            .header("connection", "close");
        if !kind.is_empty() {
            request = request.header(CONTENT_TYPE, kind);
        }
        let cookies = [self.cookie.as_str(), self.said.as_str()];
        let cookies = cookies.into_iter().filter(|cookie| !cookie.is_empty());
        let cookies: Vec<&str> = cookies.collect();
        if !cookies.is_empty() {
            request = request.header(COOKIE, cookies.join("; "));
        }
        if !self.visitor.is_empty() {
            request = request.header("x-sideline-visitor", &self.visitor);
        }
        if !self.traceparent.is_empty() {
            request = request.header("traceparent", &self.traceparent);
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let body = Full::new(Bytes::from(body.to_owned()));
        let request = request.body(body).expect("a request");
        let exchange = async {
            let socket = TcpStream::connect(address).await.map_err(|_| Gone)?;
            let (mut sender, connection) =
                hyper::client::conn::http1::handshake(TokioIo::new(socket))
                    .await
                    .map_err(|_| Gone)?;
            let carried = tokio::spawn(connection);
            let response = sender.send_request(request).await.map_err(|_| Gone)?;
            let (head, body) = response.into_parts();
            let body = body.collect().await.map_err(|_| Gone)?.to_bytes();
            carried.abort();
            Ok((head, body))
        };
        let (head, body) = timeout(PATIENCE, exchange)
            .await
            .expect("an answer in time")?;
        let text = |value: &hyper::header::HeaderValue| value.to_str().expect("text").to_owned();
        if let Some(cookie) = head.headers.get(SET_COOKIE).map(text) {
            let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
            match cookie.contains("sideline_said_") {
                true => self.said = cookie,
                false => self.cookie = cookie,
            }
        }
        Ok(Answer {
            status: head.status.as_u16(),
            request_id: head
                .headers
                .get("x-request-id")
                .map(text)
                .unwrap_or_default(),
            location: head.headers.get(LOCATION).map(text).unwrap_or_default(),
            body: String::from_utf8(body.to_vec()).expect("text"),
        })
    }
}

//! A NATS server for a test: one of its own, which can be stopped and go on, or one that others use as well.

use std::io::Read;
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::ports::free_port;

/// It begins faster than that.
const PATIENCE: Duration = Duration::from_secs(20);

/// A NATS server.
pub struct Nats {
    address: String,
    port: u16,
    arguments: Vec<String>,
    child: Option<Child>,
    _settings: Option<tempfile::TempDir>,
}

impl Nats {
    /// A server on a free port. SIDELINE_NATS_SERVER names the program; `scripts/setup.sh test` installs one.
    pub fn start() -> Self {
        Self::started(Vec::new())
    }

    /// One that asks for a name and a password, which stand in its address.
    pub fn guarded() -> Self {
        let mut nats = Self::started(
            ["--user", "desk", "--pass", "p@ss"]
                .map(str::to_owned)
                .to_vec(),
        );
        nats.address = nats.address.replace("//", "//desk:p%40ss@");
        nats
    }

    /// One with this in its file of settings.
    pub fn configured(settings: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("nats.conf");
        std::fs::write(&file, settings).expect("a file of settings");
        let file = file.to_str().expect("a plain name").to_owned();
        let mut nats = Self::started(vec!["-c".to_owned(), file]);
        nats._settings = Some(folder);
        nats
    }

    fn started(arguments: Vec<String>) -> Self {
        let mut nats = Self::stopped();
        nats.arguments = arguments;
        nats.go_on();
        nats
    }

    /// One that does not run yet.
    pub fn stopped() -> Self {
        let port = free_port();
        Self {
            address: Self::at(port),
            port,
            arguments: Vec::new(),
            child: None,
            _settings: None,
        }
    }

    /// One that the test does not stop: the one that SIDELINE_TEST_NATS names, else one of its own. Nodes of several databases
    /// can share it.
    pub fn any() -> Self {
        let Ok(address) = std::env::var("SIDELINE_TEST_NATS") else {
            return Self::start();
        };
        Self {
            address,
            port: 0,
            arguments: Vec::new(),
            child: None,
            _settings: None,
        }
    }

    /// It runs again, at the same address.
    pub fn go_on(&mut self) {
        let program = std::env::var("SIDELINE_NATS_SERVER").unwrap_or("nats-server".to_owned());
        let child = Command::new(program)
            .args(["-a", "127.0.0.1", "-p", &self.port.to_string()])
            .args(&self.arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        self.child = Some(child.expect("a nats-server to test with: `. scripts/setup.sh test`"));
        let begun = Instant::now();
        while !self.greets() {
            assert!(begun.elapsed() < PATIENCE, "NATS does not answer");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Whether it says who it is, as it does to each connection.
    fn greets(&self) -> bool {
        let mut word = [0; 4];
        TcpStream::connect(("127.0.0.1", self.port))
            .and_then(|mut stream| {
                stream.set_read_timeout(Some(PATIENCE))?;
                stream.read_exact(&mut word)
            })
            .is_ok_and(|()| word == *b"INFO")
    }

    /// It is killed.
    pub fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Where it is.
    pub fn address(&self) -> String {
        self.address.clone()
    }

    /// The port of one that the test started.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The address of one at this port.
    pub fn at(port: u16) -> String {
        format!("nats://127.0.0.1:{port}")
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.stop();
    }
}

//! A PostgreSQL server of one test, which can be killed and started.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::ports::free_port;

/// A PostgreSQL server of one test, with one empty database.
pub struct OwnPostgres {
    programs: PathBuf,
    folder: tempfile::TempDir,
    port: u16,
}

impl OwnPostgres {
    /// A server on a free port. SIDELINE_POSTGRES_PROGRAMS names the folder of its programs; `scripts/setup.sh test` finds one.
    pub fn start() -> Self {
        let port = free_port();
        let folder = tempfile::tempdir().expect("a folder");
        if rustix::process::getuid().is_root() {
            run(Command::new("chown")
                .arg("nobody:nogroup")
                .arg(folder.path()));
        }
        let programs = std::env::var("SIDELINE_POSTGRES_PROGRAMS");
        let programs = programs.expect("the programs of a PostgreSQL: `. scripts/setup.sh test`");
        let server = Self {
            programs: programs.into(),
            folder,
            port,
        };
        let data = server.data();
        let options = [
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--no-locale",
            "--no-sync",
        ];
        run(server
            .program("initdb")
            .args(options)
            .arg("--pgdata")
            .arg(data));
        server.go_on();
        server
    }

    /// It ends as in a crash: nothing is tidied up, and the next start recovers from the log.
    pub fn stop(&self) {
        let stop = ["stop", "--wait", "--silent", "--mode", "immediate"];
        run(self
            .program("pg_ctl")
            .args(stop)
            .arg("--pgdata")
            .arg(self.data()));
    }

    /// It runs again, at the same address.
    pub fn go_on(&self) {
        let options = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=100",
            self.port
        );
        let start = ["start", "--wait", "--silent", "--options", &options];
        let log = self.folder.path().join("log");
        let mut program = self.program("pg_ctl");
        run(program
            .args(start)
            .arg("--pgdata")
            .arg(self.data())
            .arg("--log")
            .arg(log));
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// One of its programs. It refuses to run as root.
    fn program(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        let mut command = if rustix::process::getuid().is_root() {
            let mut command = Command::new("setpriv");
            command
                .args(["--reuid=nobody", "--regid=nogroup", "--clear-groups"])
                .arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir(self.folder.path());
        command
    }
}

impl Drop for OwnPostgres {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.stop();
            return;
        }
        // The reason of the failure is what one wants to read, not that of another one.
        let mut stop = self.program("pg_ctl");
        let stop = stop.args(["stop", "--silent", "--mode", "immediate", "--pgdata"]);
        let _ = stop.arg(self.data()).status();
    }
}

fn run(command: &mut Command) {
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status();
    let status = status.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(status.success(), "{command:?}: {status}");
}

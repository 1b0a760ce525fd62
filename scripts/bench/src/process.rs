//! A program under load as a process: started on a free port, watched from outside, ended by a signal.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::param::{clock_ticks_per_second, page_size};
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

use crate::failure::{Outcome, While};

/// A program that takes longer to start or to end is broken.
const PATIENCE: Duration = Duration::from_secs(30);
/// The password of all accounts of the bench. It need not be secret: the program listens on loopback, and its data is
/// deleted afterwards.
pub const PASSWORD: &str = "only-for-the-bench";
/// The password that everybody is given, and changes.
pub const FIRST_PASSWORD: &str = "until-the-first-sign-in";
pub const ADMINISTRATOR: &str = "bench-admin";

/// A running program.
pub struct Process {
    child: Child,
    /// Kept open: the program ends when it cannot write to its standard output.
    _words: Lines<BufReader<ChildStdout>>,
    pid: Pid,
    pub address: SocketAddr,
    pub metrics: Option<SocketAddr>,
    /// From its start until it said that it listens.
    pub started_in: Duration,
    /// Further nodes on the same database.
    pub beside: Vec<Process>,
}

/// A command without the `SIDELINE_` variables of the environment.
pub fn command(program: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SIDELINE_")) {
        command.env_remove(name);
    }
    command
}

/// Runs a command line to its end; the error is what it said.
pub async fn run(mut command: Command) -> Outcome<()> {
    let output = command.output().await.when("a program does not start")?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    Err(String::from_utf8_lossy(&said).trim().to_owned().into())
}

/// Creates the administrator, as an operator does.
pub async fn administrator_add(program: &Path, data: &Path, more: &[&str]) -> Outcome<()> {
    let data = data.to_string_lossy();
    let arguments = ["user", "add", ADMINISTRATOR, "--data", data.as_ref()];
    let mut command = command(program, &arguments);
    command.args(more);
    command.env("SIDELINE_PASSWORD", FIRST_PASSWORD);
    run(command).await.when("sideline user add")
}

impl Process {
    /// Starts `sideline serve` on a folder.
    pub async fn serve(program: &Path, data: &Path) -> Outcome<Self> {
        Self::serve_with(program, data, &[]).await
    }

    /// The same with more arguments.
    pub async fn serve_with(program: &Path, data: &Path, more: &[&str]) -> Outcome<Self> {
        let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
        Self::begin(program, data, anywhere, more).await
    }

    /// The same at an address, where it may have been before.
    pub async fn serve_at(program: &Path, data: &Path, address: SocketAddr) -> Outcome<Self> {
        Self::begin(program, data, address, &[]).await
    }

    async fn begin(
        program: &Path,
        data: &Path,
        address: SocketAddr,
        more: &[&str],
    ) -> Outcome<Self> {
        let (data, address) = (data.to_string_lossy(), address.to_string());
        let arguments = [
            "serve",
            "--listen",
            address.as_str(),
            "--metrics-listen",
            "127.0.0.1:0",
            "--data",
            data.as_ref(),
            // One set of connections carries all requests, and customers are counted by their addresses.
            "--trust-forwarded",
        ];
        let mut command = command(program, &arguments);
        // One administrator makes the whole population. In the environment, where an older release does not mind it.
        command.env("SIDELINE_COMMAND_RATE", "100000").args(more);
        Self::start(command, true).await
    }

    /// Starts whatever prints `Listening on http://…`, and with `measured` then `Metrics on http://…/metrics`.
    pub async fn start(mut command: Command, measured: bool) -> Outcome<Self> {
        let begun = Instant::now();
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .when("a program does not start")?;
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        let pid = id.and_then(Pid::from_raw).ok_or("a program has ended")?;
        let words = child.stdout.take().ok_or("a program says nothing")?;
        let mut words = BufReader::new(words).lines();
        let mut said = async |begin: &str| -> Outcome<String> {
            loop {
                let line = timeout(PATIENCE, words.next_line())
                    .await
                    .when("a program says nothing")?
                    .when("a program says nothing")?
                    .ok_or("a program ended before it listened")?;
                if let Some(rest) = line.strip_prefix(begin) {
                    return Ok(rest.trim_end_matches("/metrics").to_owned());
                }
            }
        };
        let address = said("Listening on http://").await?.parse()?;
        let started_in = begun.elapsed();
        let metrics = match measured {
            true => Some(said("Metrics on http://").await?.parse()?),
            false => None,
        };
        Ok(Self {
            child,
            _words: words,
            pid,
            address,
            metrics,
            started_in,
            beside: Vec::new(),
        })
    }

    /// Another node is measured with this one.
    pub fn join(&mut self, another: Process) {
        self.beside.push(another);
    }

    /// Where all nodes are.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        let beside = self.beside.iter().map(|node| node.address);
        std::iter::once(self.address).chain(beside).collect()
    }

    fn proc_file(&self, name: &str) -> Outcome<String> {
        let path = format!("/proc/{}/{name}", self.pid.as_raw_nonzero());
        std::fs::read_to_string(&path).when(path)
    }

    /// Memory that it takes now, in bytes, with all nodes.
    pub fn resident_bytes(&self) -> Outcome<u64> {
        let pages = resident_pages(&self.proc_file("statm")?).ok_or("/proc/PID/statm is odd")?;
        let mut bytes = pages * page_size() as u64;
        for node in &self.beside {
            bytes += node.resident_bytes()?;
        }
        Ok(bytes)
    }

    /// The most memory that it took, in bytes.
    pub fn peak_bytes(&self) -> Outcome<u64> {
        Ok(peak_bytes(&self.proc_file("status")?).ok_or("/proc/PID/status is odd")?)
    }

    /// The most memory counts from now on.
    pub fn peak_forget(&self) -> Outcome<()> {
        let path = format!("/proc/{}/clear_refs", self.pid.as_raw_nonzero());
        std::fs::write(&path, "5").when(path)
    }

    /// Processor time that it took so far, in all threads of all nodes. A database's server is not counted.
    pub fn cpu_time(&self) -> Outcome<Duration> {
        let ticks = cpu_ticks(&self.proc_file("stat")?).ok_or("/proc/PID/stat is odd")?;
        let mut time = Duration::from_secs_f64(ticks as f64 / clock_ticks_per_second() as f64);
        for node in &self.beside {
            time += node.cpu_time()?;
        }
        Ok(time)
    }

    /// Ends it as a supervisor of processes does.
    pub async fn stop(mut self) -> Outcome<()> {
        for node in std::mem::take(&mut self.beside) {
            Box::pin(node.stop()).await?;
        }
        kill_process(self.pid, Signal::TERM).when("a program cannot be ended")?;
        let status = timeout(PATIENCE, self.child.wait())
            .await
            .when("a program does not end")??;
        if status.success() {
            return Ok(());
        }
        Err(format!("the program ended with {status}").into())
    }
}

/// The second number of `/proc/PID/statm`.
fn resident_pages(statm: &str) -> Option<u64> {
    statm.split_whitespace().nth(1)?.parse().ok()
}

/// `VmHWM` of `/proc/PID/status`.
fn peak_bytes(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().ok()?;
    Some(kilobytes * 1_024)
}

/// User and system time in `/proc/PID/stat`, in clock ticks. The name of the program, which may contain anything,
/// stands in parentheses before them.
fn cpu_ticks(stat: &str) -> Option<u64> {
    let (_, after) = stat.rsplit_once(')')?;
    let mut fields = after.split_whitespace().skip(11);
    let mut next = || fields.next()?.parse::<u64>().ok();
    Some(next()? + next()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_spaces_and_parentheses_confuses_nobody() {
        let stat = "7 (a ) b (c) S 1 7 7 0 -1 4194560 900 0 0 0 120 30 0 0 20 0 4 0 100 1 2 3";
        assert_eq!(cpu_ticks(stat), Some(150));
        assert_eq!(cpu_ticks("7 (x) S 1"), None);
    }

    #[test]
    fn memory_is_the_second_number() {
        assert_eq!(resident_pages("5000 1200 300 1 0 900 0\n"), Some(1_200));
        assert_eq!(resident_pages(""), None);
        assert_eq!(
            peak_bytes("VmPeak:\t 9 kB\nVmHWM:\t  30 kB\n"),
            Some(30_720)
        );
    }
}

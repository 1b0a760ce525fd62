//! The command line of the bench.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, ValueEnum};

use crate::population::Size;

/// Drives the real program and says how fast and how frugal it is. Everything happens on loopback and in a folder
/// that is thrown away.
#[derive(Debug, Parser)]
#[command(name = "bench")]
pub struct Options {
    /// The program.
    #[arg(long, env = "SIDELINE_BIN", value_name = "FILE")]
    pub program: PathBuf,
    /// How large a population; may be given several times.
    #[arg(long = "size", value_enum, default_values_t = [SizeArg::Small, SizeArg::Medium])]
    pub sizes: Vec<SizeArg>,
    /// How long each load is measured, in seconds.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub seconds: u64,
    /// How long each step of the search for the highest rate takes, in seconds; 0 leaves the search out.
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u64).range(0..=60))]
    pub search: u64,
    /// How long requests for assistance, alerts and searches of the history go on beside the chats of the last size, in seconds;
    /// 0 leaves them out.
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u64).range(0..=600))]
    pub craft: u64,
    /// Text messages a second, and as many on WhatsApp, in and out beside the chats of 50 agents; 0 leaves them out.
    #[arg(long, default_value_t = 50, value_parser = rate)]
    pub providers: usize,
    /// Idle connections at most, also bounded by the limit of open files; 0 leaves them out.
    #[arg(long, default_value_t = 20_000)]
    pub idle: usize,
    /// How many tabs open at once at the start of a shift and come back after a restart; may be given several times, 0
    /// leaves both out.
    #[arg(long = "surge", default_values_t = [125, 250, 500])]
    pub surges: Vec<usize>,
    /// Leaves out everything but shift start and restart.
    #[arg(long)]
    pub surge_only: bool,
    /// Where the figures go as JSON.
    #[arg(long, default_value = "bench.json", value_name = "FILE")]
    pub json: PathBuf,
    /// A PostgreSQL in which databases may be made: each population is measured there too. psql makes and drops them.
    #[arg(long, value_name = "URL")]
    pub database: Option<String>,
    /// A NATS, for several nodes on that PostgreSQL.
    #[arg(long, value_name = "URL", requires = "database")]
    pub bus: Option<String>,
    /// How many nodes.
    #[arg(long, default_value_t = 3, value_parser = node_count)]
    pub nodes: usize,
    /// A folder on the disk to be measured; the data goes below it.
    #[arg(long, value_name = "DIR")]
    pub folder: Option<PathBuf>,
}

/// More would not find enough agents with room.
fn rate(text: &str) -> Result<usize, String> {
    let rate = text.parse().ok().filter(|rate| *rate <= 200);
    rate.ok_or_else(|| "expected a number from 0 to 200".to_owned())
}

/// More share two processors with the load program to no end.
fn node_count(text: &str) -> Result<usize, String> {
    let nodes = text.parse().ok().filter(|nodes| (1..=9).contains(nodes));
    nodes.ok_or_else(|| "expected a number from 1 to 9".to_owned())
}

/// Agents, conversations and supervisors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SizeArg {
    /// 50, 150, 5.
    Small,
    /// 500, 1,500, 50.
    Medium,
    /// 2,000, 6,000, 200.
    Large,
}

impl SizeArg {
    pub fn size(self) -> Size {
        Size::of(match self {
            SizeArg::Small => 50,
            SizeArg::Medium => 500,
            SizeArg::Large => 2_000,
        })
    }
}

impl Options {
    pub fn length(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }

    /// How long the craft goes on; `None` without it.
    pub fn craft(&self) -> Option<Duration> {
        (self.craft > 0).then(|| Duration::from_secs(self.craft))
    }

    /// How long each step of the search takes; `None` without a search.
    pub fn step(&self) -> Option<Duration> {
        (self.search > 0).then(|| Duration::from_secs(self.search))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_those_of_the_scenario() {
        let all = [SizeArg::Small, SizeArg::Medium, SizeArg::Large].map(|arg| {
            let size = arg.size();
            (size.agents, size.conversations(), size.supervisors)
        });
        assert_eq!(all, [(50, 150, 5), (500, 1_500, 50), (2_000, 6_000, 200)]);
    }

    #[test]
    fn the_command_line_is_understood() {
        let line = [
            "bench",
            "--program",
            "x",
            "--size",
            "large",
            "--search",
            "0",
        ];
        let options = Options::parse_from(line);
        assert_eq!(options.sizes, [SizeArg::Large]);
        assert_eq!((options.search, options.seconds), (0, 30));
        assert_eq!(options.surges, [125, 250, 500]);
        assert_eq!(options.providers, 50);
        assert_eq!(options.craft(), Some(Duration::from_secs(15)));
        assert!(!options.surge_only);
        assert!(
            Options::try_parse_from(["bench", "--program", "x", "--providers", "201"]).is_err()
        );
    }
}

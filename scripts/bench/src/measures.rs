//! The program's own measures, read from where Prometheus reads them.

use hyper::Method;

use crate::failure::{Outcome, While};
use crate::process::Process;
use crate::wire::{Call, Wire};

/// What the store's writer did so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Written {
    /// Transactions that were committed: each waits for one sync of the write-ahead log.
    pub commits: f64,
    /// Writes in them.
    pub writes: f64,
    /// Transactions that met another one in PostgreSQL and were tried again.
    pub retried: f64,
    /// From the start of the program until it could be reached, as it says itself.
    pub startup_seconds: f64,
}

impl Written {
    /// All zero for a program without measures: the bare chat has none.
    pub async fn read(process: &Process) -> Outcome<Self> {
        let mut written = Self::of(process).await?;
        for node in &process.beside {
            let more = Self::of(node).await?;
            written.commits += more.commits;
            written.writes += more.writes;
            written.retried += more.retried;
        }
        Ok(written)
    }

    async fn of(process: &Process) -> Outcome<Self> {
        let Some(address) = process.metrics else {
            return Ok(Self::default());
        };
        let wire = Wire::new(address);
        let answer = wire.call(Call::of(Method::GET, "/metrics")).await?;
        Self::parse(&String::from_utf8_lossy(&answer.body)).when("/metrics")
    }

    fn parse(text: &str) -> Result<Self, String> {
        let value = |name: &str| {
            text.lines()
                .filter_map(|line| line.split_once(' '))
                .find(|(known, _)| *known == name)
                .and_then(|(_, value)| value.trim().parse().ok())
                .ok_or_else(|| format!("{name} is missing"))
        };
        Ok(Self {
            commits: value("sideline_store_group_size_count")?,
            writes: value("sideline_store_group_size_sum")?,
            retried: value("sideline_store_retried_transactions_total")?,
            startup_seconds: value("sideline_startup_seconds")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_those_of_the_program() {
        let text = "# TYPE sideline_store_group_size histogram\n\
                    sideline_store_group_size_sum 90.0\n\
                    sideline_store_group_size_count 40\n\
                    sideline_store_group_size_bucket{le=\"1.0\"} 20\n\
                    sideline_store_retried_transactions_total 7\n\
                    sideline_startup_seconds 0.0125\n# EOF\n";
        let written = Written {
            commits: 40.0,
            writes: 90.0,
            retried: 7.0,
            startup_seconds: 0.0125,
        };
        assert_eq!(Written::parse(text), Ok(written));
        assert!(Written::parse("").is_err());
    }
}

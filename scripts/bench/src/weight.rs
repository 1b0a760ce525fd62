//! How long the program takes to start, and how much of it has to be carried: the file, and the first load of the
//! console in a browser that takes brotli.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use hyper::Method;
use serde::Serialize;

use crate::failure::{Outcome, While};
use crate::measures::Written;
use crate::process::{self, Process, command};
use crate::wire::{Call, Wire};

/// Starts, of which the one in the middle counts.
const STARTS: usize = 9;

/// Sizes in bytes, times in milliseconds.
#[derive(Clone, Debug, Serialize)]
pub struct Weight {
    /// From the start of the process until it listens, on a database that is there.
    pub start: f64,
    /// As the program says itself.
    pub start_by_itself: f64,
    /// `sideline --version`: the start of a process that does nothing.
    pub start_floor: f64,
    pub binary: u64,
    /// The sign-in page and everything that it names, in brotli, headers apart.
    pub first_load: u64,
    /// Files of the first load.
    pub files: usize,
}

fn middle(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

/// The addresses below `/pkg/` that a document names.
fn named(document: &str) -> BTreeSet<String> {
    let ends = |c: char| !(c.is_ascii_alphanumeric() || "/._-".contains(c));
    document
        .match_indices("/pkg/")
        .map(|(at, _)| {
            let rest = &document[at..];
            rest[..rest.find(ends).unwrap_or(rest.len())].to_owned()
        })
        .filter(|path| !path.ends_with('/') && path.contains('.'))
        .collect()
}

async fn first_load(wire: &Wire) -> Outcome<(u64, usize)> {
    let page = wire.call(Call::of(Method::GET, "/login")).await?;
    if page.status != 200 {
        return Err(format!("the sign-in page answers {}", page.status).into());
    }
    let mut bytes = page.body.len() as u64;
    let files = named(&String::from_utf8_lossy(&page.body));
    for path in &files {
        let call = Call::of(Method::GET, path).accepting("br");
        let answer = wire.call(call).await?;
        if answer.status != 200 {
            return Err(format!("{path} answers {}", answer.status).into());
        }
        bytes += answer.body.len() as u64;
    }
    Ok((bytes, files.len() + 1))
}

/// Starts it several times on the same folder.
pub async fn measure(program: &Path, data: &Path) -> Outcome<Weight> {
    let (mut starts, mut by_itself, mut floors) = (Vec::new(), Vec::new(), Vec::new());
    let mut load = (0, 0);
    for _ in 0..STARTS {
        let begun = Instant::now();
        process::run(command(program, &["--version"])).await?;
        floors.push(milliseconds(begun.elapsed()));
        let served = Process::serve(program, data).await?;
        starts.push(milliseconds(served.started_in));
        by_itself.push(Written::read(&served).await?.startup_seconds * 1_000.0);
        load = first_load(&Wire::new(served.address))
            .await
            .when("the first load")?;
        served.stop().await?;
    }
    Ok(Weight {
        start: middle(starts),
        start_by_itself: middle(by_itself),
        start_floor: middle(floors),
        binary: std::fs::metadata(program)?.len(),
        first_load: load.0,
        files: load.1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_that_a_page_names_counts_once() {
        let page = r#"<link href="/pkg/ab12/a.css"><script>import("/pkg/ab12/a.js")</script>
            <link rel=preload href=/pkg/ab12/a_bg.wasm><link href="/pkg/ab12/a.css"> /pkg/ab12/"#;
        let files: Vec<_> = named(page).into_iter().collect();
        assert_eq!(
            files,
            ["/pkg/ab12/a.css", "/pkg/ab12/a.js", "/pkg/ab12/a_bg.wasm"]
        );
    }

    #[test]
    fn the_middle_is_what_half_are_below() {
        assert_eq!(middle(vec![9.0, 1.0, 5.0]), 5.0);
        assert_eq!(middle(Vec::new()), 0.0);
    }
}

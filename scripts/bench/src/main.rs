//! `make bench`: starts the real program, fills it with agents, customers and supervisors, drives it over its real
//! interfaces at a fixed rate, and says how fast and how frugal it was, each figure beside what the machine itself
//! can do. It needs no back door: whatever it does, a browser or an operator could.

mod bare_chat;
mod bare_crowd;
mod climb;
mod craft;
mod delivery_log;
mod failure;
mod floor;
mod idle;
mod latency;
mod load;
mod measures;
mod options;
mod plan;
mod population;
mod process;
mod providers;
mod report;
mod storage;
mod surge;
mod table;
mod weight;
mod wire;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Parser;

use self::bare_crowd::BareCrowd;
use self::climb::Climb;
use self::failure::{Outcome, While};
use self::floor::Floor;
use self::load::{Crowd, Loaded, load};
use self::options::Options;
use self::population::{Population, Size};
use self::process::{Process, administrator_add};
use self::report::{BareReport, Machine, PopulationReport, Report, Search};
use self::storage::Storage;
use self::wire::Wire;

/// How often a conversation has a message in the scenario.
const PERIOD: Duration = Duration::from_secs(10);
/// Before anything is measured: caches fill, pools open.
const WARM_UP: Duration = Duration::from_secs(5);
/// What the highest rate may take in 99 of 100 cases, in milliseconds.
const TOLERABLE: f64 = 100.0;
/// Messages a second into one conversation at most: a customer may write 20 in ten seconds, half of them are theirs. An
/// agent with three and a supervisor with thirty of them stay below the twenty texts a second that one user may send.
const BUSY: f64 = 3.0;
/// A step that fails is tried once more: on a machine with other work a moment's noise is no limit.
const TRIES: usize = 2;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let beside = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [floor::ARGUMENT] => Some(floor::serve().await),
        [bare_chat::ARGUMENT, folder, conversations] => {
            let conversations = conversations.parse().unwrap_or_default();
            Some(bare_chat::serve(Path::new(folder), conversations).await)
        }
        _ => None,
    };
    match beside {
        Some(Ok(())) => return ExitCode::SUCCESS,
        Some(Err(failure)) => {
            eprintln!("bench: {failure}");
            return ExitCode::FAILURE;
        }
        None => {}
    }
    let options = Options::parse();
    // Leaving by the front door ends the programs that were started, and throws their data away.
    let ended = tokio::select! {
        ended = bench(&options) => ended,
        stopped = stopped() => stopped,
    };
    match ended {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("bench: something was lost, doubled, leaked or left out; see above");
            ExitCode::FAILURE
        }
        Err(failure) => {
            eprintln!("bench: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// Completes when the bench is interrupted.
async fn stopped() -> Outcome<bool> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (
        signal(SignalKind::interrupt())?,
        signal(SignalKind::terminate())?,
    );
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Err("stopped before it was done".into())
}

/// Runs everything that was asked for; whether all that was acknowledged is there once.
async fn bench(options: &Options) -> Outcome<bool> {
    let files = idle::raise_file_limit()?;
    let machine = machine(files)?;
    let folder = || match &options.folder {
        Some(folder) => tempfile::tempdir_in(folder),
        None => tempfile::tempdir(),
    };
    let mut populations = Vec::new();
    let sizes: &[_] = if options.surge_only {
        &[]
    } else {
        &options.sizes
    };
    for (number, size) in sizes.iter().enumerate() {
        let last = number + 1 == sizes.len();
        let data = folder().when("a folder for the data")?;
        let beside = beside(options, size.size(), last, data.path()).await?;
        for storage in Storage::asked(options) {
            let data = folder().when("a folder for the data")?;
            let reported = population(options, &storage, &beside, size.size(), last, data.path());
            populations.push(reported.await?);
        }
    }
    let providers = match options.providers {
        rate if rate > 0 && !options.surge_only => {
            let data = folder().when("a folder for the data")?;
            let length = options.length();
            Some(providers::measure(&options.program, data.path(), rate, length).await?)
        }
        _ => None,
    };
    let mut surges = Vec::new();
    for tabs in options.surges.iter().copied().filter(|tabs| *tabs > 0) {
        say(&format!("{tabs} tabs: shift start and restart"));
        let data = folder().when("a folder for the data")?;
        surges.push(surge::measure(&options.program, data.path(), tabs).await?);
    }
    let data = folder().when("a folder for the data")?;
    administrator_add(&options.program, data.path(), &[]).await?;
    say("starting it several times");
    let weight = weight::measure(&options.program, data.path()).await?;
    let idle = if options.idle > 0 && !options.surge_only {
        say("opening idle connections");
        let data = folder().when("a folder for the data")?;
        Some(idle::measure(&options.program, data.path(), options.idle, files).await?)
    } else {
        None
    };
    let report = Report {
        machine,
        populations,
        providers,
        surges,
        idle,
        weight,
    };
    let json = serde_json::to_string_pretty(&report)?;
    std::fs::write(&options.json, json).when(options.json.display())?;
    println!("{}\n{}", report.table(), options.json.display());
    Ok(report.holds())
}

fn say(what: &str) {
    eprintln!("bench: {what}");
}

fn machine(files: usize) -> Outcome<Machine> {
    let average = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let memory = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kilobytes = memory
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))
        .and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<u64>().ok());
    Ok(Machine {
        processors: std::thread::available_parallelism()?.get(),
        memory_bytes: kilobytes.unwrap_or_default() * 1_024,
        load_before: average
            .split(' ')
            .next()
            .and_then(|first| first.parse().ok())
            .unwrap_or_default(),
        files,
    })
}

/// What stands beside a population's figures, whatever stores its data.
async fn beside(
    options: &Options,
    size: Size,
    search: bool,
    data: &Path,
) -> Outcome<(Floor, BareReport)> {
    let rate = rate_of(size);
    say(&format!("{} agents: the floor", size.agents));
    let floor = floor::measure(data, rate).await?;
    say(&format!("{} agents: the bare chat", size.agents));
    Ok((floor, bare(options, size, rate, search, data).await?))
}

/// How many messages a second a population sends.
fn rate_of(size: Size) -> f64 {
    size.conversations() as f64 / PERIOD.as_secs_f64()
}

/// One population on a fresh database.
async fn population(
    options: &Options,
    storage: &Storage,
    (floor, bare): &(Floor, BareReport),
    size: Size,
    last: bool,
    data: &Path,
) -> Outcome<PopulationReport> {
    let rate = rate_of(size);
    let what = format!("{} agents on {}", size.agents, storage.name);
    let prepared = storage.prepare(&options.program, data).await?;
    administrator_add(&options.program, data, &prepared.arguments()).await?;
    let process = prepared.serve().await?;
    say(&format!("{what}: signing everybody in"));
    let begun = Instant::now();
    let wire = Arc::new(Wire::over(process.addresses()));
    let population = Arc::new(Population::gather(wire, size).await?);
    let sign_in_seconds = begun.elapsed().as_secs_f64();
    say(&format!("{what}: {rate:.0} messages a second"));
    load(&process, &population, rate, WARM_UP).await?;
    let measured = load(&process, &population, rate, options.length()).await?;
    let resident_bytes = process.resident_bytes()?;
    let search = match options.step().filter(|_| last) {
        Some(step) => Some(climb(&process, &population, rate, step).await?),
        None => None,
    };
    let craft = match options.craft().filter(|_| last) {
        Some(length) => {
            say(&format!("{what}: requests, alerts and searches"));
            Some(craft::measure(&process, &population, rate, length).await?)
        }
        None => None,
    };
    say(&format!("{what}: reading everything back"));
    let read_back = population.read_back().await?;
    drop(population);
    process.stop().await?;
    let in_order = prepared.check().await;
    let in_order = in_order.inspect_err(|findings| say(&findings.to_string()));
    prepared.discard().await?;
    Ok(PopulationReport {
        size,
        storage: storage.name.clone(),
        conversations: size.conversations(),
        sign_in_seconds,
        resident_bytes,
        floor: *floor,
        bare: bare.clone(),
        measured,
        search,
        craft,
        read_back,
        in_order: in_order.is_ok(),
    })
}

fn held(loaded: &Loaded) -> bool {
    loaded.verdict.complete() && loaded.times.p99() < TOLERABLE
}

/// The bare chat under the same load, on the same file system.
async fn bare(
    options: &Options,
    size: Size,
    rate: f64,
    search: bool,
    data: &Path,
) -> Outcome<BareReport> {
    let process = bare_crowd::start(data, size).await?;
    let crowd = Arc::new(BareCrowd::gather(&process, size).await?);
    load(&process, &crowd, rate, WARM_UP).await?;
    let measured = load(&process, &crowd, rate, options.length()).await?;
    let search = match options.step().filter(|_| search) {
        Some(step) => Some(climb(&process, &crowd, rate, step).await?),
        None => None,
    };
    process.stop().await?;
    Ok(BareReport { measured, search })
}

/// Looks for the highest rate, from twice that of the scenario.
async fn climb(
    process: &Process,
    crowd: &Arc<impl Crowd>,
    rate: f64,
    length: Duration,
) -> Outcome<Search> {
    let ceiling = crowd.conversations() as f64 * BUSY;
    let mut climb = Climb::new(rate * 2.0, ceiling);
    let mut steps = Vec::new();
    while let Some(rate) = climb.rate() {
        let mut holds = false;
        for _ in 0..TRIES {
            say(&format!("trying {rate:.0} messages a second"));
            let loaded = load(process, crowd, rate, length).await?;
            steps.push(loaded);
            holds = held(&loaded);
            if holds {
                break;
            }
        }
        climb.tried(holds);
    }
    let (highest, limit_found) = climb.highest();
    Ok(Search {
        highest,
        limit_found,
        steps,
    })
}

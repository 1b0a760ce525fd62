//! The figures: as JSON for programs, as a table for people, each beside its floor.

use std::fmt::Write;

use serde::Serialize;

use crate::craft::CraftReport;
use crate::delivery_log::Verdict;
use crate::floor::Floor;
use crate::idle::Idle;
use crate::load::Loaded;
use crate::population::Size;
use crate::providers::ProvidersReport;
use crate::surge::{Cost, Surge};
use crate::table::{figure, times};
use crate::weight::Weight;

/// Everything of one run.
#[derive(Debug, Serialize)]
pub struct Report {
    pub machine: Machine,
    pub populations: Vec<PopulationReport>,
    pub providers: Option<ProvidersReport>,
    pub surges: Vec<Surge>,
    pub idle: Option<Idle>,
    pub weight: Weight,
}

/// On what it ran.
#[derive(Debug, Serialize)]
pub struct Machine {
    pub processors: usize,
    pub memory_bytes: u64,
    /// The system's load average of one minute before the bench began: other work makes other figures.
    pub load_before: f64,
    /// Files that a process may have open.
    pub files: usize,
}

/// What one population showed.
#[derive(Debug, Serialize)]
pub struct PopulationReport {
    pub size: Size,
    /// What stores the data, and on how many nodes.
    pub storage: String,
    pub conversations: usize,
    pub sign_in_seconds: f64,
    pub resident_bytes: u64,
    pub floor: Floor,
    pub bare: BareReport,
    pub measured: Loaded,
    pub search: Option<Search>,
    /// Requests, alerts and searches beside the same load.
    pub craft: Option<CraftReport>,
    /// Each conversation read back at the end, by agent and customer, against what was acknowledged.
    pub read_back: Verdict,
    /// What `sideline check` says to the database afterwards.
    pub in_order: bool,
}

/// What the bare chat showed under the same load.
#[derive(Clone, Debug, Serialize)]
pub struct BareReport {
    pub measured: Loaded,
    pub search: Option<Search>,
}

/// The search for the highest rate.
#[derive(Clone, Debug, Serialize)]
pub struct Search {
    pub highest: Option<f64>,
    /// Otherwise the population could not offer more.
    pub limit_found: bool,
    pub steps: Vec<Loaded>,
}

impl PopulationReport {
    /// All loads were honest: nothing lost, doubled or leaked in any of them, nor when everything was read back.
    pub fn holds(&self) -> bool {
        let steps = self.search.iter().flat_map(|search| &search.steps);
        self.measured.verdict.complete()
            && self.read_back.holds()
            && self.in_order
            && self.craft.as_ref().is_none_or(CraftReport::holds)
            && steps.into_iter().all(|step| step.verdict.holds())
    }
}

/// The cost of load peaks, by the number of tabs.
fn surges(out: &mut String, surges: &[Surge]) {
    type Event = (&'static str, fn(&Surge) -> Cost);
    let events: [Event; 3] = [
        ("Shift start: everybody opens their page", |surge| {
            surge.shift_start
        }),
        ("Restart: all tabs come back at once", |surge| surge.restart),
        ("One person changes their presence", |surge| surge.presence),
    ];
    for (name, cost) in events.iter().filter(|_| !surges.is_empty()) {
        let _ = writeln!(
            out,
            "\n{name}\n  {:<10}{:>12}{:>14}{:>14}{:>16}",
            "tabs", "CPU, s", "sent, MB", "peak, MB", "all stand, s"
        );
        for surge in surges {
            let Cost {
                cpu_seconds,
                bytes,
                seconds,
                peak_bytes,
            } = cost(surge);
            let _ = writeln!(
                out,
                "  {:<10}{cpu_seconds:>12.3}{:>14.3}{:>14.1}{seconds:>16.2}",
                surge.tabs,
                bytes as f64 / 1e6,
                peak_bytes as f64 / 1e6
            );
        }
    }
}

fn reconnected(out: &mut String, surges: &[Surge]) {
    let count: usize = surges.iter().map(|surge| surge.reconnected).sum();
    if count > 0 {
        let _ = writeln!(out, "  {count} connections were too slow and came back");
    }
}

impl Report {
    pub fn holds(&self) -> bool {
        let providers = self.providers.as_ref();
        self.populations.iter().all(PopulationReport::holds)
            && providers.is_none_or(ProvidersReport::holds)
    }

    /// The table.
    pub fn table(&self) -> String {
        let mut out = String::new();
        let Machine {
            processors,
            memory_bytes,
            load_before,
            files,
        } = self.machine;
        let _ = writeln!(
            out,
            "{processors} processors, {} GiB, load {load_before:.1} before it began, {files} open files",
            memory_bytes >> 30
        );
        for population in &self.populations {
            population.table(&mut out);
        }
        if let Some(providers) = &self.providers {
            providers.table(&mut out);
        }
        surges(&mut out, &self.surges);
        reconnected(&mut out, &self.surges);
        if let Some(idle) = self.idle {
            let _ = writeln!(out, "\nIdle connections, {} to {}", idle.few, idle.many);
            let beside = format!(
                "{:.1}x a silent axum socket ({:.0} bytes)",
                idle.bytes / idle.floor_bytes,
                idle.floor_bytes
            );
            figure(
                &mut out,
                "memory for each",
                format!("{:.0} bytes", idle.bytes),
                &beside,
            );
            figure(
                &mut out,
                "CPU for each, a minute",
                format!("{:.0} us", idle.cpu_micros_per_minute),
                "",
            );
        }
        let weight = &self.weight;
        let _ = writeln!(out, "\nThe program");
        let beside = format!(
            "{:.1}x a process that does nothing ({:.1} ms)",
            weight.start / weight.start_floor,
            weight.start_floor
        );
        figure(
            &mut out,
            "start until it listens",
            format!("{:.1} ms", weight.start),
            &beside,
        );
        figure(
            &mut out,
            "the same, alone",
            format!("{:.1} ms", weight.start_by_itself),
            "",
        );
        figure(&mut out, "binary", format!("{} bytes", weight.binary), "");
        let beside = format!("brotli, {} files with the sign-in page", weight.files);
        figure(
            &mut out,
            "first load",
            format!("{} bytes", weight.first_load),
            &beside,
        );
        out
    }
}

impl PopulationReport {
    fn table(&self, out: &mut String) {
        let Size {
            agents,
            supervisors,
        } = self.size;
        let measured = &self.measured;
        let _ = writeln!(
            out,
            "\n{agents} agents, {} conversations, {supervisors} supervisors on {}: {:.0} messages a second for {:.0} s",
            self.conversations, self.storage, measured.rate, measured.seconds
        );
        let _ = writeln!(
            out,
            "  {:<34}{:>9}{:>9}{:>9}{:>9}  p50 beside",
            "ms from when it was due", "p50", "p99", "p99.9", "max"
        );
        let floor = self.floor.sync.p50 + self.floor.route.p50;
        let beside = Some((floor, "sync + route"));
        let all = &measured.times;
        times(out, "acknowledged", all.acknowledged, beside);
        times(out, "at the agent's socket", all.agent, beside);
        times(out, "at the customer's stream", all.customer, beside);
        times(out, "at the supervisor's socket", all.supervisor, beside);
        let bare = &self.bare.measured;
        times(
            out,
            "bare chat: acknowledged",
            bare.times.acknowledged,
            beside,
        );
        times(
            out,
            "bare chat: at the agent's socket",
            bare.times.agent,
            beside,
        );
        times(out, "floor: write and sync", self.floor.sync, None);
        times(out, "floor: empty route", self.floor.route, None);
        self.costs(out);
        if let Some(search) = &self.bare.search {
            search.table(out, "bare chat");
        }
        if let Some(search) = &self.search {
            search.table(out, "Sideline");
        }
        if let Some(craft) = &self.craft {
            craft.table(out);
        }
        self.checked(out);
    }

    /// What the load took.
    fn costs(&self, out: &mut String) {
        let (measured, bare) = (&self.measured, &self.bare.measured);
        let cpu = format!(
            "{:.1}x the bare chat ({:.0} us), {:.1}x the empty route ({:.0} us)",
            measured.cpu_micros_per_message / bare.cpu_micros_per_message,
            bare.cpu_micros_per_message,
            measured.cpu_micros_per_message / self.floor.route_cpu_micros,
            self.floor.route_cpu_micros
        );
        figure(
            out,
            "CPU for a message",
            format!("{:.0} us", measured.cpu_micros_per_message),
            &cpu,
        );
        figure(
            out,
            "processors taken",
            format!("{:.2}", measured.processors),
            "",
        );
        let writes = format!(
            "for {:.2} writes, {:.3} tried again",
            measured.writes_per_message, measured.retried_per_message
        );
        figure(
            out,
            "commits (syncs) for a message",
            format!("{:.2}", measured.commits_per_message),
            &writes,
        );
        figure(
            out,
            "memory",
            format!("{:.1} MB", self.resident_bytes as f64 / 1e6),
            "after the load",
        );
        figure(
            out,
            "signing everybody in",
            format!("{:.1} s", self.sign_in_seconds),
            "accounts, sockets, first messages",
        );
    }

    fn checked(&self, out: &mut String) {
        let mut live = self.measured.verdict;
        for step in self.search.iter().flat_map(|search| &search.steps) {
            live.add(step.verdict);
        }
        if let Some(craft) = &self.craft {
            live.add(craft.chat.verdict);
        }
        let order = if self.in_order {
            "in order"
        } else {
            "NOT in order"
        };
        for (name, verdict) in [("seen live", live), ("read back", self.read_back)] {
            let Verdict {
                planned,
                acknowledged,
                refused,
                unanswered,
                lost,
                doubled,
                leaked,
            } = verdict;
            let _ = writeln!(
                out,
                "  {name}: {planned} due, {acknowledged} acknowledged, {refused} refused, {unanswered} unanswered; \
                 {lost} lost, {doubled} doubled, {leaked} leaked"
            );
        }
        let _ = writeln!(out, "  sideline check: {order}");
    }
}

impl Search {
    /// `program`: whose search it is.
    fn table(&self, out: &mut String, program: &str) {
        for step in &self.steps {
            let Loaded {
                rate,
                times,
                verdict,
                ..
            } = step;
            let said = format!(
                "p99 {:.0} ms, CPU {:.0} us, {:.2} commits, {} refused, {} lost",
                times.p99(),
                step.cpu_micros_per_message,
                step.commits_per_message,
                verdict.refused,
                verdict.lost
            );
            figure(
                out,
                &format!("  {program}, tried"),
                format!("{rate:.0} /s"),
                &said,
            );
        }
        let value = match self.highest {
            Some(rate) => format!("{rate:.0} /s"),
            None => "none".to_owned(),
        };
        let beside = if self.limit_found {
            "p99 below 100 ms, nothing lost"
        } else {
            "all that this population offers"
        };
        figure(out, &format!("{program}, highest rate"), value, beside);
    }
}

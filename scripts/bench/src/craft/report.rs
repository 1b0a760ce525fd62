//! The figures of the craft.

use std::fmt::Write;
use std::time::Duration;

use serde::Serialize;

use crate::latency::Summary;
use crate::load::Loaded;
use crate::population::pages::{LEADS, Seen};
use crate::table::{figure, times};

/// What became of everything that was due.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Counted {
    pub hands: usize,
    pub alerts: usize,
    pub searches: usize,
    /// Of all three.
    pub acknowledged: usize,
    /// Hands and alerts that supervisors saw to.
    pub finished: usize,
    /// Hands that were settled by coaching before that.
    pub overtaken: usize,
    /// Acts that were refused or not answered.
    pub refused: usize,
    /// Acknowledged, and not shown on one of the pages.
    pub lost: usize,
    /// Requests that came to a page twice.
    pub doubled: usize,
}

/// The dashboards of all agents.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct DashboardReport {
    /// Frames that each of them got.
    pub frames_per_second: f64,
    /// Of a hundred frames those that had all rows, not only what changed.
    pub whole_percent: f64,
    pub bytes_per_second: f64,
    /// From one frame to the next, in milliseconds.
    pub gaps: Summary,
}

/// What the load showed.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct CraftReport {
    pub seconds: f64,
    pub counted: Counted,
    /// In milliseconds, from when a hand was due until the pages of all supervisors concerned had it.
    pub raised: Summary,
    /// The same, until a row of a dashboard of all agents had it.
    pub in_row: Summary,
    /// From the press of *Claim* to the pages of the agent and of the other supervisors.
    pub claimed: Summary,
    /// From when a customer's message was due until the pages of all supervisors concerned had the alert.
    pub alerted: Summary,
    /// From when a search was due to its answer: by an agent or by the supervisor of ten.
    pub search: Summary,
    /// The same, by a supervisor of all agents.
    pub search_of_all: Summary,
    pub dashboard: DashboardReport,
    /// The chat load beside it.
    pub chat: Loaded,
}

impl CraftReport {
    pub(super) fn of(
        length: Duration,
        counted: Counted,
        seen: &Seen,
        [search, search_of_all]: [Summary; 2],
        chat: Loaded,
    ) -> Self {
        let (seconds, shown, frames) = (length.as_secs_f64(), seen.times(), seen.dashboards());
        let each = |total: usize| total as f64 / (seconds * LEADS as f64);
        Self {
            seconds,
            counted,
            raised: shown.raised,
            in_row: shown.rows,
            claimed: shown.claimed,
            alerted: shown.alerted,
            search,
            search_of_all,
            dashboard: DashboardReport {
                frames_per_second: each(frames.count),
                whole_percent: 100.0 * frames.whole as f64 / frames.count.max(1) as f64,
                bytes_per_second: each(frames.bytes),
                gaps: shown.gaps,
            },
            chat,
        }
    }

    pub fn holds(&self) -> bool {
        let Counted {
            hands,
            alerts,
            searches,
            acknowledged,
            finished,
            refused,
            lost,
            doubled,
            ..
        } = self.counted;
        refused + lost + doubled == 0
            && acknowledged == hands + alerts + searches
            && finished == hands + alerts
            && self.chat.verdict.complete()
    }

    pub fn table(&self, out: &mut String) {
        let Counted {
            hands,
            alerts,
            searches,
            acknowledged,
            finished,
            overtaken,
            refused,
            lost,
            doubled,
        } = self.counted;
        let _ = writeln!(
            out,
            "  With {:.1} raised hands, alerts and searches each a second beside {:.0} messages, for {:.0} s",
            hands as f64 / self.seconds,
            self.chat.rate,
            self.seconds
        );
        times(out, "raised hand, at supervisors' pages", self.raised, None);
        times(out, "the same, in the dashboard's row", self.in_row, None);
        times(out, "claim, at everybody else's page", self.claimed, None);
        times(out, "alert, at supervisors' pages", self.alerted, None);
        times(out, "search of agents and supervisors", self.search, None);
        times(out, "search over all agents", self.search_of_all, None);
        let chat = self.chat.times.acknowledged;
        times(out, "a message, acknowledged", chat, None);
        let dashboard = &self.dashboard;
        times(out, "dashboard, frame to frame", dashboard.gaps, None);
        let beside = format!(
            "a second, {:.0} KB; {:.0} of 100 whole",
            dashboard.bytes_per_second / 1e3,
            dashboard.whole_percent
        );
        let frames = format!("{:.2}", dashboard.frames_per_second);
        figure(out, "dashboard of all agents, frames", frames, &beside);
        let taken = format!("{:.2}", self.chat.processors);
        figure(out, "processors taken", taken, "");
        let _ = writeln!(
            out,
            "  {hands} hands, {alerts} alerts, {searches} searches, {acknowledged} acknowledged; {finished} seen to, \
             {overtaken} settled by coaching before; {refused} refused, {lost} lost, {doubled} doubled"
        );
    }
}

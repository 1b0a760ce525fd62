//! The figures of the load on providers.

use std::fmt::Write;

use serde::Serialize;

use crate::latency::Summary;
use crate::load::Loaded;
use crate::table::{figure, times};

/// What the load showed.
#[derive(Debug, Serialize)]
pub struct ProvidersReport {
    /// Messages a second of each service in each direction.
    pub rate: usize,
    pub seconds: f64,
    /// In milliseconds, from when a message was due: until the customer's was taken, until the agent's was, and until that was
    /// handed over.
    pub inbound: Summary,
    pub outbound: Summary,
    pub handed_over: Summary,
    pub planned: usize,
    pub acknowledged: usize,
    /// Acknowledged, and not in the conversation, not handed over, or not noted as delivered.
    pub lost: usize,
    /// In the conversation or handed over more than once.
    pub doubled: usize,
    /// Conversations whose messages were handed over in another order than they stand.
    pub out_of_order: usize,
    /// Reports of delivery that were refused.
    pub reports_refused: usize,
    /// Processor time of the program for each message, carried and chat, reports of delivery included.
    pub cpu_micros_per_message: f64,
    /// The chat load beside it.
    pub chat: Loaded,
}

impl ProvidersReport {
    pub fn holds(&self) -> bool {
        let found = self.lost + self.doubled + self.out_of_order + self.reports_refused;
        found == 0 && self.acknowledged == self.planned && self.chat.verdict.complete()
    }

    pub fn table(&self, out: &mut String) {
        let _ = writeln!(
            out,
            "\n{} SMS and {} on WhatsApp a second, in and out, beside {:.0} chat messages a second, for {:.0} s",
            self.rate, self.rate, self.chat.rate, self.seconds
        );
        let _ = writeln!(
            out,
            "  {:<34}{:>9}{:>9}{:>9}{:>9}",
            "ms from when it was due", "p50", "p99", "p99.9", "max"
        );
        times(out, "a customer's, taken", self.inbound, None);
        times(out, "an agent's, acknowledged", self.outbound, None);
        times(out, "the same, handed over", self.handed_over, None);
        let chat = self.chat.times.acknowledged;
        times(out, "a chat message, acknowledged", chat, None);
        figure(
            out,
            "CPU for a message",
            format!("{:.0} us", self.cpu_micros_per_message),
            "chats among them",
        );
        let taken = format!("{:.2}", self.chat.processors);
        figure(out, "processors taken", taken, "");
        let _ = writeln!(
            out,
            "  {} due, {} acknowledged; {} lost, {} doubled, {} conversations out of order, {} reports refused",
            self.planned,
            self.acknowledged,
            self.lost,
            self.doubled,
            self.out_of_order,
            self.reports_refused
        );
    }
}

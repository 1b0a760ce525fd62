//! What was due beside what stands in the conversations and what was handed over.

use std::collections::HashMap;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::Value;

use super::report::ProvidersReport;
use super::stand_in::StandIn;
use super::{AT_ONCE, Carried, number_of};
use crate::WARM_UP;
use crate::failure::{Failure, Outcome};
use crate::latency::Latency;
use crate::load::Loaded;
use crate::population::history;

impl Carried {
    /// Compares what was due with what stands in each conversation and with what was handed over.
    pub(super) async fn compared(
        &self,
        stand_in: &StandIn,
        begun: Instant,
        chat: Loaded,
    ) -> Outcome<ProvidersReport> {
        let reads = self.conversations.iter().map(|one| async move {
            let entries = history::entries(&self.wire, &one.cookie, &one.workitem).await?;
            Ok::<_, Failure>(said(&entries))
        });
        let stands: Vec<_> = stream::iter(reads).buffered(AT_ONCE).try_collect().await?;
        let handed_over = Latency::default();
        let mut taken: HashMap<String, Vec<usize>> = HashMap::new();
        for one in stand_in.handed_over().iter() {
            let Some(number) = number_of(&one.text) else {
                continue;
            };
            let due = self.messages.get(number).map(|message| message.due);
            if let Some(due) = due.filter(|due| *due >= WARM_UP) {
                handed_over.add(one.at.saturating_duration_since(begun + due));
            }
            taken.entry(one.to.clone()).or_default().push(number);
        }
        let measured = self
            .messages
            .iter()
            .filter(|message| message.due >= WARM_UP);
        let messages = measured.count() as f64 + chat.verdict.acknowledged as f64;
        let cpu = chat.processors * chat.seconds * 1e6;
        let mut report = ProvidersReport {
            rate: 0,
            seconds: 0.0,
            inbound: self.inbound.summary(),
            outbound: self.outbound.summary(),
            handed_over: handed_over.summary(),
            planned: self.messages.len(),
            acknowledged: self.acknowledged.load(Relaxed),
            lost: 0,
            doubled: 0,
            out_of_order: 0,
            reports_refused: stand_in.refused(),
            cpu_micros_per_message: cpu / messages,
            chat,
        };
        for (number, (one, stands)) in self.conversations.iter().zip(&stands).enumerate() {
            let to = [one.prefix, &one.customer].concat();
            let taken = taken.get(&to).map_or(&[][..], Vec::as_slice);
            self.compare(number, stands, taken, &mut report);
        }
        Ok(report)
    }

    fn compare(
        &self,
        conversation: usize,
        stands: &[Stands],
        taken: &[usize],
        report: &mut ProvidersReport,
    ) {
        let due = self.messages.iter().enumerate();
        let due = due.filter(|(_, message)| message.conversation == conversation);
        for (number, message) in due {
            let found = stands.iter().filter(|one| one.number == number);
            let arrived = found
                .clone()
                .filter(|one| one.delivered == message.outbound);
            let handed = taken.iter().filter(|taken| **taken == number).count();
            let missing = arrived.count() == 0 || (message.outbound && handed == 0);
            report.lost += usize::from(missing);
            report.doubled += usize::from(found.count() > 1 || handed > 1);
        }
        let outbound = stands.iter().map(|one| one.number);
        let outbound: Vec<usize> = outbound
            .filter(|number| {
                self.messages
                    .get(*number)
                    .is_some_and(|message| message.outbound)
            })
            .collect();
        report.out_of_order += usize::from(outbound != taken);
    }
}

/// A message as it stands in a conversation.
struct Stands {
    number: usize,
    /// Whether it is noted as delivered, which nothing of a customer's is.
    delivered: bool,
}

fn said(entries: &[Value]) -> Vec<Stands> {
    let message = |entry: &Value| {
        let message = &entry["body"]["Message"];
        Some(Stands {
            number: number_of(message["text"].as_str()?)?,
            delivered: message["delivery"]["state"] == "delivered",
        })
    };
    entries.iter().filter_map(message).collect()
}

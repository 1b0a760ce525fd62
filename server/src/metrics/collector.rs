//! Measures that are read at each scrape: open subscriptions, waiting events and writes, sizes of the files.

use std::fmt;
use std::sync::Arc;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

use crate::bus::{Audience, SubscriptionStats};
use crate::desk::Desk;
use crate::store::OwnedStore;

const AUDIENCES: [(&str, Audience); 2] =
    [("staff", Audience::Staff), ("customer", Audience::Customer)];

pub(super) struct Readings {
    pub(super) store: Arc<dyn OwnedStore>,
    pub(super) desk: Desk,
}

impl fmt::Debug for Readings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Readings")
    }
}

impl Collector for Readings {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let open = |stats: SubscriptionStats| ConstGauge::new(whole(stats.open));
        self.by_audience(
            &mut encoder,
            (
                "live_connections",
                "Sockets of staff and event streams of customers that are open",
            ),
            open,
        )?;
        let waiting = |stats: SubscriptionStats| ConstGauge::new(whole(stats.waiting));
        self.by_audience(
            &mut encoder,
            (
                "live_hints_waiting",
                "Changes that wait in the queues of open connections",
            ),
            waiting,
        )?;
        let overflows = |stats: SubscriptionStats| ConstCounter::new(stats.overflows);
        self.by_audience(
            &mut encoder,
            (
                "live_overflows",
                "Connections that were too slow: a socket of staff is closed and resumes, a customer's stream reads from the database",
            ),
            overflows,
        )?;
        let deleted = self.desk.retention_measures();
        let deleted = deleted.map(|(kind, count)| (kind, ConstCounter::new(count)));
        let kind = deleted[0].1.metric_type();
        let help = "Rows that were deleted because they were too old";
        let mut family = encoder.encode_descriptor("retention_deleted", help, None, kind)?;
        for (kind, count) in deleted {
            count.encode(family.encode_family(&[("kind", kind)])?)?;
        }
        self.counters(&mut encoder)?;
        self.gauges(&mut encoder)
    }
}

impl Readings {
    /// Counters without labels; those of the bus only where there is one.
    fn counters(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let mut counters = vec![(
            "live_repaired",
            "Conversations and notifications whose change was lost on the way and found by the sweep",
            self.desk.bus().repaired(),
        )];
        if let Some(link) = self.desk.link_state() {
            counters.push((
                "bus_sent_hints",
                "Hints of changes that were sent to other nodes",
                link.sent,
            ));
            counters.push((
                "bus_dropped_hints",
                "Hints that were not sent, because NATS could not be reached or was too slow",
                link.dropped,
            ));
            counters.push((
                "bus_heard_hints",
                "Hints of changes that came from other nodes",
                link.heard,
            ));
            counters.push((
                "bus_unknown_hints",
                "Hints that this release does not know, because a later one said them",
                link.unknown,
            ));
        }
        for (name, help, value) in counters {
            let counter = ConstCounter::new(value);
            let kind = counter.metric_type();
            counter.encode(encoder.encode_descriptor(name, help, None, kind)?)?;
        }
        Ok(())
    }

    /// Gauges without labels; those of the bus only where there is one.
    fn gauges(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let waiting = self.store.writes_waiting() as u64;
        let mut gauges = vec![(
            "store_writes_waiting",
            "Writes that wait for the next transaction",
            waiting,
        )];
        if let Some((database, wal)) = self.store.file_bytes() {
            gauges.push(("store_database_bytes", "Size of the database", database));
            gauges.push(("store_wal_bytes", "Size of the write-ahead log", wal));
        }
        if let Some(link) = self.desk.link_state() {
            gauges.push((
                "bus_connected",
                "Whether NATS can be reached",
                u64::from(link.connected),
            ));
            gauges.push((
                "node_on_duty",
                "Whether this node does what is done once for all nodes",
                u64::from(self.desk.on_duty()),
            ));
        }
        for (name, help, value) in gauges {
            let gauge = ConstGauge::new(whole(value));
            let kind = gauge.metric_type();
            gauge.encode(encoder.encode_descriptor(name, help, None, kind)?)?;
        }
        Ok(())
    }

    fn by_audience<M: EncodeMetric>(
        &self,
        encoder: &mut DescriptorEncoder<'_>,
        (name, help): (&str, &str),
        measure: impl Fn(SubscriptionStats) -> M,
    ) -> fmt::Result {
        let measured = AUDIENCES
            .map(|(word, audience)| (word, measure(self.desk.bus().subscription_stats(audience))));
        let kind = measured[0].1.metric_type();
        let mut family = encoder.encode_descriptor(name, help, None, kind)?;
        for (word, metric) in measured {
            metric.encode(family.encode_family(&[("audience", word)])?)?;
        }
        Ok(())
    }
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

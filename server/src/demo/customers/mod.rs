//! Simulated customers: they answer agents at a human pace in the demo's own conversations, and now and then
//! somebody new comes to the chat page. They never write into a conversation that a real visitor began: they know
//! only the workitems of the stories and those of their own visitors.

mod customer;
mod dice;

use shared::error::AppError;
use shared::ids::{ChannelKey, CommandKey, WorkitemId};
use shared::text::{CustomerName, MessageText};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use self::customer::Customer;
use self::dice::Dice;
use super::lines::{Concern, OPENINGS};
use super::{CARE, stories, unreadable};
use crate::desk::customers::{CustomerMessage, Writer};
use crate::desk::{Desk, to_app_error};

/// The most chats of simulated visitors that are open at once.
const VISITORS: usize = 6;
/// Seconds between two things that customers do.
const PACE: (u64, u64) = (6, 20);
/// Seconds between two new visitors.
const ARRIVALS: (u64, u64) = (40, 90);

/// Runs beside the host until `stopped` turns true.
pub fn spawn(desk: Desk, mut stopped: watch::Receiver<bool>) {
    tokio::spawn(async move {
        let mut crowd = match Crowd::gather(desk).await {
            Ok(crowd) => crowd,
            Err(error) => {
                tracing::error!(?error, "the simulated customers stay away");
                return;
            }
        };
        loop {
            let pause = crowd.dice.seconds(PACE);
            tokio::select! {
                () = sleep(pause) => {}
                _ = stopped.wait_for(|stopped| *stopped) => return,
            }
            if let Err(error) = crowd.act().await {
                tracing::warn!(?error, "a simulated customer could not write");
            }
        }
    });
}

/// All of them.
struct Crowd {
    desk: Desk,
    channel: ChannelKey,
    customers: Vec<Customer>,
    /// The visitors' present workitems, by seat.
    seats: [Option<WorkitemId>; VISITORS],
    next_arrival: Instant,
    dice: Dice,
}

impl Crowd {
    /// Finds the conversations that the demo began, in this run or one before.
    async fn gather(desk: Desk) -> Result<Self, AppError> {
        let stories = stories::all(desk.clock().now()).map_err(unreadable)?;
        let channel = ChannelKey::parse(CARE)?;
        let mut customers = Vec::new();
        for story in stories {
            if story.import.channel.coachable() && story.over.is_none() {
                customers.push(Customer::meet(&desk, story.import.id, story.concern).await?);
            }
        }
        let mut seats: [Option<WorkitemId>; VISITORS] = Default::default();
        for (number, seat) in seats.iter_mut().enumerate() {
            let mut rows = desk
                .store()
                .customer_snapshot()
                .await
                .map_err(to_app_error)?;
            let visitor = visitor(number);
            let visit = rows.customer_visit_find(&channel, &visitor).await;
            let visit = visit.map_err(to_app_error)?;
            drop(rows);
            if let Some(visit) = visit {
                let workitem = visit.workitem;
                let opening = OPENINGS.iter().find(|opening| opening.0 == visit.name);
                let concern = opening.map_or(Concern::Delivery, |opening| opening.2);
                customers.push(Customer::meet(&desk, workitem.clone(), concern).await?);
                *seat = Some(workitem);
            }
        }
        let mut dice = Dice::default();
        let next_arrival = Instant::now() + dice.seconds(ARRIVALS);
        Ok(Self {
            desk,
            channel,
            customers,
            seats,
            next_arrival,
            dice,
        })
    }

    /// One of them writes, or nobody has a reason to.
    async fn act(&mut self) -> Result<(), AppError> {
        for customer in &mut self.customers {
            customer.listen(&self.desk).await?;
        }
        if Instant::now() >= self.next_arrival {
            self.next_arrival = Instant::now() + self.dice.seconds(ARRIVALS);
            if self.arrive().await? {
                return Ok(());
            }
        }
        let now = self.desk.clock().now();
        // Who was answered last is the one whose agent is at work just now.
        let fresh = self
            .customers
            .iter_mut()
            .filter(|customer| customer.heard(now) && customer.is_fresh());
        if let Some(customer) = fresh.max_by_key(|customer| customer.last_at()) {
            return customer.answer(&self.desk, &mut self.dice).await;
        }
        let dice = &mut self.dice;
        let mut others: Vec<_> = self
            .customers
            .iter_mut()
            .filter(|customer| customer.heard(now) || customer.is_impatient(now))
            .collect();
        if others.is_empty() || dice.below(3) != 0 {
            return Ok(());
        }
        let chosen = dice.below(others.len());
        match others.get_mut(chosen) {
            Some(customer) => customer.answer(&self.desk, dice).await,
            None => Ok(()),
        }
    }

    /// Somebody new takes a free seat; `false` when there is none.
    async fn arrive(&mut self) -> Result<bool, AppError> {
        let is_open = |workitem: &WorkitemId| {
            let mut theirs = self
                .customers
                .iter()
                .filter(|customer| customer.workitem == *workitem);
            theirs.any(|customer| !customer.is_over())
        };
        let free = self
            .seats
            .iter()
            .position(|seat| !seat.as_ref().is_some_and(is_open));
        let Some(seat) = free else { return Ok(false) };
        let (name, line, concern) = OPENINGS[self.dice.below(OPENINGS.len())];
        let key = CommandKey::parse(self.desk.ids().next())?;
        let (name, line) = (CustomerName::parse(name)?, MessageText::parse(line)?);
        let opening = CustomerMessage {
            name,
            text: line,
            key,
            contact: None,
        };
        let sent = self
            .desk
            .customer_send(
                &self.channel,
                Writer::Visitor(&visitor(seat)),
                opening,
                true,
            )
            .await;
        // The queue may be full; they come another time.
        let (sent, _unpublished) = sent.map_err(to_app_error)?;
        self.customers.retain(|customer| !customer.is_over());
        let customer = Customer::meet(&self.desk, sent.workitem.clone(), concern).await?;
        self.customers.push(customer);
        self.seats[seat] = Some(sent.workitem);
        Ok(true)
    }
}

/// No cookie hashes to this, so no real visitor can be one of them.
fn visitor(seat: usize) -> String {
    format!("simulated-{seat}")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use shared::customer::CustomerBody;
    use shared::ids::UserId;

    use super::*;
    use crate::desk::DeskConfig;
    use crate::deterministic::{DeterministicIds, FixedClock};
    use crate::store::sqlite::SqliteStore;

    /// Long enough for everybody to have said what they have to say.
    async fn an_hour(crowd: &mut Crowd, clock: &FixedClock) {
        for _ in 0..300 {
            crowd.next_arrival = Instant::now();
            clock.advance(12);
            crowd.act().await.unwrap();
        }
    }

    async fn lines(desk: &Desk, workitem: &WorkitemId) -> Vec<CustomerBody> {
        let mut rows = desk.store().customer_snapshot().await.unwrap();
        let frames = rows.customer_frames_after(workitem, 0, 500).await.unwrap();
        frames.into_iter().map(|frame| frame.body).collect()
    }

    async fn queue_length(desk: &Desk) -> usize {
        let mut rows = desk.store().snapshot().await.unwrap();
        rows.queue_list().await.unwrap().len()
    }

    #[tokio::test]
    async fn customers_come_and_write_without_end_or_excess_and_leave_real_visitors_alone() {
        let data = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&data.path().join("demo.db"))
            .await
            .unwrap();
        let clock = Arc::new(FixedClock::default());
        let desk = Desk::new(
            Arc::new(store),
            clock.clone(),
            Arc::new(DeterministicIds::default()),
            DeskConfig::default(),
        );
        assert!(crate::demo::seed(&desk).await.unwrap());
        assert!(
            !crate::demo::seed(&desk).await.unwrap(),
            "a second time changes nothing"
        );
        let (name, text) = (
            CustomerName::parse("Eve").unwrap(),
            MessageText::parse("Hello").unwrap(),
        );
        let (care, key) = (
            ChannelKey::parse(CARE).unwrap(),
            CommandKey::parse("k").unwrap(),
        );
        let message = CustomerMessage {
            name,
            text,
            key,
            contact: None,
        };
        let real = desk
            .customer_send(&care, Writer::Visitor("a real visitor"), message, true)
            .await
            .unwrap()
            .0
            .workitem;

        let mut crowd = Crowd::gather(desk.clone()).await.unwrap();
        an_hour(&mut crowd, &clock).await;
        assert_eq!(queue_length(&desk).await, 1 + VISITORS);
        assert_eq!(lines(&desk, &real).await.len(), 1);
        let story = WorkitemId::parse("wi-amy-2").unwrap();
        let before = lines(&desk, &story).await;
        assert!(
            matches!(before.last(), Some(CustomerBody::Mine { .. })),
            "amy's question was answered"
        );

        let amy = desk
            .store()
            .snapshot()
            .await
            .unwrap()
            .actor_find(&UserId::parse("amy").unwrap())
            .await
            .unwrap()
            .unwrap();
        let key = CommandKey::parse("amy").unwrap();
        let text = MessageText::parse("Is there anything else?").unwrap();
        app::backend::Workitems::message_send(&desk, &amy, story.clone(), key, text)
            .await
            .unwrap();
        an_hour(&mut crowd, &clock).await;
        assert!(
            lines(&desk, &story).await.len() > before.len() + 1,
            "and so is the next one"
        );

        // After a restart the same visitors sit on the same seats.
        let mut crowd = Crowd::gather(desk.clone()).await.unwrap();
        an_hour(&mut crowd, &clock).await;
        assert_eq!(queue_length(&desk).await, 1 + VISITORS);
    }
}

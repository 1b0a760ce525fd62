//! Simulated customers: they answer agents at a human pace in the demo's own conversations, and now and then
//! somebody new comes to the chat page, or writes on a phone where stand-ins carry that. They never write into a conversation
//! that a real visitor began: they know only the workitems of the stories, those of their own visitors, and their own phones.

mod customer;

use shared::error::AppError;
use shared::ids::{ChannelKey, CommandKey, WorkitemId};
use shared::text::{CustomerName, MessageText};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use self::customer::{Customer, Way, World};
use super::dice::Dice;
use super::lines::{Concern, OPENINGS, Opening};
use super::phones::{PhoneId, Service};
use super::stand_ins::StandIns;
use super::{CARE, stories, unreadable};
use crate::desk::customers::{CustomerContent, CustomerMessage, Writer};
use crate::desk::{Desk, to_app_error};

/// The most chats of simulated visitors that are open at once.
const VISITORS: usize = 6;
/// Seconds between two things that customers do.
const PACE: (u64, u64) = (6, 20);
/// Seconds between two new visitors.
const ARRIVALS: (u64, u64) = (40, 90);

/// The phones of newcomers, each with the place of its owner in [`OPENINGS`]. Nobody has these numbers. There are no more of them
/// than agents can answer beside the chats; WhatsApp by Twilio has stories.
const PHONES: [(Service, &str, usize); 4] = [
    (Service::Sms, "+447700900151", 0),
    (Service::Messenger, "6543217890120152", 5),
    (Service::Instagram, "6543217890120153", 9),
    (Service::WhatsAppByMeta, "+447700900154", 12),
];

/// Runs beside the host until `stopped` turns true. `stand_ins` carry what is written on phones.
pub fn spawn(desk: Desk, stand_ins: Option<StandIns>, mut stopped: watch::Receiver<bool>) {
    tokio::spawn(async move {
        let mut population = match Population::gather(World { desk, stand_ins }).await {
            Ok(population) => population,
            Err(error) => {
                tracing::error!(?error, "the simulated customers stay away");
                return;
            }
        };
        loop {
            let pause = population.dice.seconds(PACE);
            tokio::select! {
                () = sleep(pause) => {}
                _ = stopped.wait_for(|stopped| *stopped) => return,
            }
            if let Err(error) = population.act().await {
                tracing::warn!(?error, "a simulated customer could not write");
            }
        }
    });
}

/// All of them.
struct Population {
    world: World,
    channel: ChannelKey,
    customers: Vec<Customer>,
    /// The visitors' present workitems, by seat.
    seats: [Option<WorkitemId>; VISITORS],
    next_arrival: Instant,
    dice: Dice,
}

impl Population {
    /// Finds the conversations that the demo began, in this run or one before.
    async fn gather(world: World) -> Result<Self, AppError> {
        let channel = ChannelKey::parse(CARE)?;
        let mut population = Self {
            world,
            channel,
            customers: Vec::new(),
            seats: Default::default(),
            next_arrival: Instant::now(),
            dice: Dice::default(),
        };
        population.gather_stories().await?;
        population.gather_visitors().await?;
        population.gather_phones().await?;
        population.next_arrival += population.dice.seconds(ARRIVALS);
        Ok(population)
    }

    async fn gather_stories(&mut self) -> Result<(), AppError> {
        let stories = stories::all(self.world.desk.clock().now()).map_err(unreadable)?;
        for story in stories {
            if story.import.channel.coachable() && story.over.is_none() {
                let phone = story.phone.filter(|phone| self.has_written(phone));
                let way = phone.map_or_else(|| Way::View(story.import.id), Way::Phone);
                self.meet(way, story.concern).await?;
            }
        }
        Ok(())
    }

    async fn gather_visitors(&mut self) -> Result<(), AppError> {
        for seat in 0..VISITORS {
            let rows = self.world.desk.store().customer_snapshot().await;
            let mut rows = rows.map_err(to_app_error)?;
            let visitor = visitor(seat);
            let visit = rows.customer_visit_find(&self.channel, &visitor).await;
            let visit = visit.map_err(to_app_error)?;
            drop(rows);
            if let Some(visit) = visit {
                let opening = OPENINGS.iter().find(|opening| opening.0 == visit.name);
                let concern = opening.map_or(Concern::Delivery, |opening| opening.2);
                self.seats[seat] = Some(visit.workitem.clone());
                self.meet(Way::View(visit.workitem), concern).await?;
            }
        }
        Ok(())
    }

    async fn gather_phones(&mut self) -> Result<(), AppError> {
        let Some(stand_ins) = self.world.stand_ins.clone() else {
            return Ok(());
        };
        for (phone, (_, _, concern)) in phones() {
            stand_ins.own_phone(&phone).await?;
            if self.has_written(&phone) {
                self.meet(Way::Phone(phone), concern).await?;
            }
        }
        Ok(())
    }

    async fn meet(&mut self, way: Way, concern: Concern) -> Result<(), AppError> {
        let customer = Customer::meet(&self.world, way, concern).await?;
        self.customers.push(customer);
        Ok(())
    }

    /// Whether anything stands on a phone: that of a story that no provider carries knows nothing.
    fn has_written(&self, phone: &PhoneId) -> bool {
        let stand_ins = self.world.stand_ins.as_ref();
        let found = stand_ins.and_then(|stand_ins| stand_ins.phones().find(phone));
        found.is_some_and(|phone| !phone.texts.is_empty())
    }

    fn is_busy(&self, way: &Way) -> bool {
        let mut theirs = self
            .customers
            .iter()
            .filter(|customer| customer.way == *way);
        theirs.any(|customer| !customer.is_over())
    }

    /// One of them writes, or nobody has a reason to.
    async fn act(&mut self) -> Result<(), AppError> {
        for customer in &mut self.customers {
            customer.listen(&self.world).await?;
        }
        if Instant::now() >= self.next_arrival {
            self.next_arrival = Instant::now() + self.dice.seconds(ARRIVALS);
            let by_phone = self.dice.below(2) == 0 && self.ring().await?;
            if by_phone || self.arrive().await? {
                return Ok(());
            }
        }
        let now = self.world.desk.clock().now();
        // The customer who was answered last is the one whose agent is at work now.
        let fresh = self
            .customers
            .iter_mut()
            .filter(|customer| customer.heard(now) && customer.is_fresh());
        if let Some(customer) = fresh.max_by_key(|customer| customer.last_at()) {
            return customer.answer(&self.world, &mut self.dice).await;
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
            Some(customer) => customer.answer(&self.world, dice).await,
            None => Ok(()),
        }
    }

    /// Somebody new takes a free seat; `false` when there is none.
    async fn arrive(&mut self) -> Result<bool, AppError> {
        let open = |seat: &Option<WorkitemId>| {
            let way = seat.clone().map(Way::View);
            way.is_some_and(|way| self.is_busy(&way))
        };
        let free = self.seats.iter().position(|seat| !open(seat));
        let Some(seat) = free else { return Ok(false) };
        let (name, line, concern) = OPENINGS[self.dice.below(OPENINGS.len())];
        let desk = &self.world.desk;
        let key = CommandKey::parse(desk.ids().next())?;
        let (name, line) = (CustomerName::parse(name)?, MessageText::parse(line)?);
        let opening = CustomerMessage {
            name,
            content: CustomerContent::Text(line),
            key,
            contact: None,
        };
        let sent = desk
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
        self.seats[seat] = Some(sent.workitem.clone());
        self.meet(Way::View(sent.workitem), concern).await?;
        Ok(true)
    }

    /// Somebody writes on a phone of theirs; `false` when all of them do already, or nobody carries it.
    async fn ring(&mut self) -> Result<bool, AppError> {
        let Some(stand_ins) = self.world.stand_ins.clone() else {
            return Ok(false);
        };
        let held = |phone: &PhoneId| {
            let found = stand_ins.phones().find(phone);
            found.is_some_and(|phone| phone.held)
        };
        let free = phones().find(|(phone, _)| {
            let way = Way::Phone(phone.clone());
            !held(phone) && !self.is_busy(&way)
        });
        let Some((phone, (name, line, concern))) = free else {
            return Ok(false);
        };
        stand_ins.own_phone(&phone).await?;
        if phone.service.is_app() {
            stand_ins.phones().rename(&phone, name);
        }
        if stand_ins.write(&phone, line).await.is_err() {
            return Ok(false);
        }
        self.customers.retain(|customer| !customer.is_over());
        self.meet(Way::Phone(phone), concern).await?;
        Ok(true)
    }
}

/// The phones of newcomers, with what they write first.
fn phones() -> impl Iterator<Item = (PhoneId, Opening)> {
    PHONES
        .into_iter()
        .map(|(service, number, place)| (PhoneId::new(service, number), OPENINGS[place]))
}

/// No cookie hashes to this, so no real visitor can be one of them.
fn visitor(seat: usize) -> String {
    format!("simulated-{seat}")
}

#[cfg(test)]
mod tests;

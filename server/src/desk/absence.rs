//! Agents without a live connection, and what becomes of their work (SPEC, E10).
//!
//! For `agent_lost_after_s` nothing happens. Then the agent is marked, and for a further `requeue_after_s` keeps the work.
//! Then conversations in which the customer waits go back to the queue, and work in wrap-up is closed. What was assigned to an
//! agent whose connection turns out to be dead goes back at once, because they have never seen it. Since when somebody is absent
//! is stored, so that a restart forgets no mark; and after a restart everybody has the time to come back before anything is taken
//! away.
//!
//! A request that somebody has claimed is open again when an agent would be marked: after `agent_lost_after_s`, and at once when they
//! signed out.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use shared::ids::{RequestId, UserId, WorkitemId};
use shared::organisation::OrganisationSettings;
use shared::people::Presence;
use shared::time::Timestamp;

use super::Desk;
use crate::commands::{AbsenceSet, AbsencesAdopt, ClaimReturn, WorkitemReclaim};
use crate::store::{Change, Reclaim, StoreError, Stored, Written};

const SECOND: i64 = 1_000_000;

/// Who is absent, since when.
#[derive(Debug, Default)]
pub struct Absences(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    /// When this process began: what came before is no time in which somebody could come back.
    started: Timestamp,
    absent: HashMap<UserId, Absence>,
}

#[derive(Clone, Copy, Debug)]
struct Absence {
    since: Timestamp,
    /// Whether they signed out: nobody is coming back, so they are marked without a delay.
    signed_out: bool,
    /// Whether the time is over after which an agent is marked.
    lost: bool,
}

impl Absences {
    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// Notes what is due now: who is to be marked, and whose waiting customers go back to the queue, with since when
    /// they are absent.
    fn due(
        &mut self,
        now: Timestamp,
        settings: &OrganisationSettings,
    ) -> (Vec<UserId>, Vec<(UserId, Timestamp)>) {
        let patience = settings.agent_lost_after_s * SECOND;
        let further = settings.requeue_after_s * SECOND;
        let had_time = now.0 >= self.started.0 + patience;
        let (mut marked, mut over) = (Vec::new(), Vec::new());
        for (user, absence) in &mut self.absent {
            let patience = if absence.signed_out { 0 } else { patience };
            let lost = now.0 >= absence.since.0 + patience;
            if lost != absence.lost {
                absence.lost = lost;
                marked.push(user.clone());
            }
            if had_time && now.0 >= absence.since.0 + patience + further {
                over.push((user.clone(), absence.since));
            }
        }
        (marked, over)
    }

    /// Who has been absent since this time is lost; nobody, while those who were here before the start have the time to come back.
    fn lost_until(&self, now: Timestamp, settings: &OrganisationSettings) -> Timestamp {
        let until = now.0 - settings.agent_lost_after_s * SECOND;
        match until >= self.started.0 {
            true => Timestamp(until),
            false => Timestamp(i64::MIN),
        }
    }
}

impl Desk {
    /// Since when an agent has been lost; nothing while they are connected or have the time to come back.
    pub(crate) fn lost_since(&self, user: &UserId) -> Option<Timestamp> {
        let known = self.0.absences.lock();
        let absence = known.absent.get(user).filter(|absence| absence.lost)?;
        Some(absence.since)
    }

    /// Since when somebody has no live connection, as far as it was noted.
    pub(super) fn absent_since(&self, user: &UserId) -> Option<Timestamp> {
        let known = self.0.absences.lock();
        Some(known.absent.get(user)?.since)
    }

    /// Takes over who was absent in the run before this one, or while another node looked after them. Everybody else who has ever
    /// been here, or was given work, and is on no node, is absent from now on; answers who is.
    pub(super) async fn absences_adopt(&self) -> Stored<Vec<UserId>> {
        self.0.absences.lock().started = self.now();
        self.absences_inherit().await
    }

    /// The same after a node is gone: nobody is given more time for it.
    pub(super) async fn absences_inherit(&self) -> Stored<Vec<UserId>> {
        let now = self.now();
        let absent = self.store().execute(AbsencesAdopt { at: now }).await?.value;
        let new = absent.iter().filter(|(_, since, _)| *since == now);
        let new = new.map(|(user, ..)| user.clone()).collect();
        self.absences_know(absent);
        Ok(new)
    }

    /// Reads who is absent: other nodes note it too.
    pub(super) async fn absences_read(&self) -> Stored<()> {
        let absent = self.store().snapshot().await?.agents_absent().await?;
        self.absences_know(absent);
        Ok(())
    }

    fn absences_know(&self, absent: Vec<(UserId, Timestamp, bool)>) {
        let mut known = self.0.absences.lock();
        let mut before = std::mem::take(&mut known.absent);
        for (user, since, signed_out) in absent {
            // A browser may be back already.
            if !self.presence_connected(&user) {
                let lost = before.remove(&user).is_some_and(|absence| absence.lost);
                let absence = Absence {
                    since,
                    signed_out,
                    lost,
                };
                known.absent.insert(user, absence);
            }
        }
    }

    /// The user has a live connection again.
    pub(super) fn absence_end(&self, user: &UserId) {
        self.0.absences.lock().absent.remove(user);
        // Whatever is known here: another node may have noted it, or the run before this one.
        self.absence_store(user, None, self.here_since(user));
    }

    /// The user was handed work without being here. Changes nothing for somebody who is known to be absent.
    pub(super) fn absence_note(&self, user: &UserId) {
        let known = self.0.absences.lock().absent.contains_key(user);
        if !known && !self.presence_connected(user) {
            self.absence_begin(user, self.now(), false);
        }
    }

    /// The user's last connection is gone; `heard`: the last sign of life.
    pub(super) fn absence_begin(&self, user: &UserId, heard: Timestamp, signed_out: bool) {
        self.unseen_reclaim(user, heard);
        let absence = Absence {
            since: heard,
            signed_out,
            lost: false,
        };
        self.0.absences.lock().absent.insert(user.clone(), absence);
        self.absence_store(user, Some((heard, signed_out)), None);
    }

    fn absence_store(
        &self,
        user: &UserId,
        since: Option<(Timestamp, bool)>,
        present: Option<Timestamp>,
    ) {
        let set = AbsenceSet {
            user: user.clone(),
            since,
            present,
        };
        let desk = self.clone();
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        runtime.spawn(async move {
            match desk.store().execute(set).await {
                // The next run of the program treats everybody as absent from its start.
                Ok(_) | Err(StoreError::Closed) => {}
                Err(error) => tracing::warn!(%error, "an absence could not be stored"),
            }
        });
    }

    /// Requeues what the user was assigned after the last sign of life.
    pub(super) fn unseen_reclaim(&self, user: &UserId, heard: Timestamp) {
        let (desk, user) = (self.clone(), user.clone());
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        runtime.spawn(async move {
            match desk.reclaim(&[user], Reclaim::Unseen(heard)).await {
                // The program ends: what is stored says it at the next start.
                Ok(_) | Err(StoreError::Closed) => {}
                Err(error) => {
                    tracing::error!(%error, "work that nobody saw could not be given back");
                }
            }
        });
    }

    /// One round over those who are absent for too long.
    pub(super) async fn absences_look(&self) -> Stored<()> {
        let mut rows = self.store().snapshot().await?;
        let settings = rows.organisation_find().await?.settings;
        let now = self.now();
        let (marked, over, lost_until) = {
            let mut known = self.0.absences.lock();
            let (marked, over) = known.due(now, &settings);
            (marked, over, known.lost_until(now, &settings))
        };
        for user in marked {
            self.0.bus.publish_here(Change::Agent(user));
        }
        if !self.0.nodes.on_duty() {
            return Ok(());
        }
        let claims = rows.claims_lost(lost_until).await?;
        drop(rows);
        self.claims_return(claims, lost_until).await?;
        let seconds = settings.agent_lost_after_s + settings.requeue_after_s;
        for (user, since) in over {
            let why = Reclaim::Lost {
                seconds,
                given_until: Timestamp(since.0.max(now.0 - seconds * SECOND)),
            };
            self.reclaim(&[user], why).await?;
        }
        Ok(())
    }

    /// Opens requests again whose claimers are lost.
    async fn claims_return(
        &self,
        claims: Vec<(RequestId, UserId)>,
        lost_until: Timestamp,
    ) -> Stored<()> {
        for (request, claimer) in claims {
            // They may have come back since, or be loading a page.
            if self.presence_seen(&claimer, Presence::Available) != Presence::Offline {
                continue;
            }
            let command = ClaimReturn {
                request,
                claimer,
                lost_until,
                at: self.now(),
            };
            // Settled or handed back meanwhile: then it writes nothing.
            self.publish_unless_over(self.store().execute(command).await)?;
        }
        Ok(())
    }

    /// Publishes what a command wrote, unless what it is about is over.
    fn publish_unless_over<T>(&self, written: Stored<Written<T>>) -> Stored<()> {
        match written {
            Ok(written) => {
                self.publish(written);
                Ok(())
            }
            Err(StoreError::Conflict(_) | StoreError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// What can be taken from these agents, with who has it.
    async fn reclaimable(
        &self,
        agents: &[UserId],
        why: Reclaim,
    ) -> Stored<Vec<(WorkitemId, UserId)>> {
        let mut rows = self.store().snapshot().await?;
        match why {
            Reclaim::Lost { given_until, .. } => rows.workitems_lost_of(agents, given_until).await,
            Reclaim::Unseen(heard) => rows.workitems_given_after(agents, heard).await,
        }
    }

    async fn reclaim(&self, agents: &[UserId], why: Reclaim) -> Stored<()> {
        for (workitem, agent) in self.reclaimable(agents, why).await? {
            // They may have come back since.
            if matches!(why, Reclaim::Lost { .. }) && self.presence_connected(&agent) {
                continue;
            }
            let command = WorkitemReclaim {
                workitem,
                agent,
                why,
                entry: self.entry_id(),
                at: self.now(),
            };
            // Answered, closed or handed over meanwhile: then it writes nothing.
            self.publish_unless_over(self.store().execute(command).await)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(since: i64) -> Known {
        let amy = UserId::parse("amy").unwrap();
        let absence = Absence {
            since: Timestamp(since * SECOND),
            signed_out: false,
            lost: false,
        };
        Known {
            started: Timestamp(1_000 * SECOND),
            absent: HashMap::from([(amy, absence)]),
        }
    }

    /// Who is marked and whose work goes back, at a second: the numbers of both.
    fn due(known: &mut Known, second: i64) -> (usize, usize) {
        let settings = OrganisationSettings::default();
        let (marked, over) = known.due(Timestamp(second * SECOND), &settings);
        (marked.len(), over.len())
    }

    #[test]
    fn e10_an_agent_is_marked_once_and_keeps_the_work_for_a_further_while() {
        let mut known = known(2_000);
        assert_eq!(due(&mut known, 2_119), (0, 0));
        assert_eq!(due(&mut known, 2_120), (1, 0));
        assert_eq!(due(&mut known, 2_239), (0, 0));
        assert_eq!(due(&mut known, 2_240), (0, 1));
        assert_eq!(due(&mut known, 2_300), (0, 1), "a customer may write later");
    }

    #[test]
    fn e10_after_a_restart_everybody_has_the_time_to_come_back() {
        let mut known = known(500);
        assert_eq!(due(&mut known, 1_000), (1, 0));
        assert_eq!(due(&mut known, 1_119), (0, 0));
        assert_eq!(due(&mut known, 1_120), (0, 1));
    }

    #[test]
    fn e20_after_a_restart_every_claimer_has_the_time_to_come_back() {
        let known = known(500);
        let settings = OrganisationSettings::default();
        let lost_until = |second: i64| known.lost_until(Timestamp(second * SECOND), &settings);
        assert_eq!(lost_until(1_119), Timestamp(i64::MIN));
        assert_eq!(lost_until(1_120), Timestamp(1_000 * SECOND));
    }
}

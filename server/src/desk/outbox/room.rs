//! How many messages of a channel are on their way, which is what its provider's slowness may cost others: nothing.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::{Arc, Mutex};

use super::lock;
use crate::commands::DeliveryJob;
use crate::store::rows::JobRoom;

/// How many messages of one channel are on their way at once.
const SHARE: i64 = 8;

/// How many messages of each channel are on their way.
#[derive(Clone, Debug, Default)]
pub(super) struct Busy(Arc<Mutex<BTreeMap<String, i64>>>);

impl Busy {
    /// What room there is.
    pub(super) fn room(&self) -> JobRoom {
        JobRoom {
            share: SHARE,
            busy: lock(&self.0).clone(),
        }
    }

    /// A message is on its way.
    pub(super) fn with(&self, delivery: DeliveryJob) -> Taken {
        let channel = delivery.channel.key.to_string();
        *lock(&self.0).entry(channel).or_default() += 1;
        Taken {
            delivery,
            busy: self.clone(),
        }
    }
}

/// A message that was taken. It has a part of its channel's room for as long as this is there.
#[derive(Debug)]
pub struct Taken {
    delivery: DeliveryJob,
    busy: Busy,
}

impl Deref for Taken {
    type Target = DeliveryJob;

    fn deref(&self) -> &DeliveryJob {
        &self.delivery
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        let mut busy = lock(&self.busy.0);
        if let Some(count) = busy.get_mut(self.delivery.channel.key.as_str()) {
            *count -= 1;
        }
        busy.retain(|_, count| *count > 0);
    }
}

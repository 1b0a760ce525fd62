//! Limits for one visitor, one address and one channel. The keys cannot be invented: a visitor whom the store
//! knows, the client's address, the channel. A new workitem is counted before it is stored and given back where none
//! was begun, so that a burst cannot pass between the check and the count.

use shared::error::{AppError, Limit};
use shared::ids::ChannelKey;
use shared::time::Timestamp;

use super::rate::Rate;
use crate::http::client_address::ClientAddress;
use crate::http::concurrency_limits::{ConcurrencyLimits, Permit};
use crate::line_limit::LineLimit;

/// How many messages a visitor may send in how many seconds.
const MESSAGES: (u32, i64) = (20, 10);
/// How many files a visitor may send in how many seconds.
const FILES: (u32, i64) = (10, 60);
/// How many KiB of files a visitor may send in how many seconds.
const FILES_KIB: (u32, i64) = (20 * 1024, 60);
/// How many KiB of files may come from an address in how many seconds.
const FILES_KIB_FROM_ADDRESS: (u32, i64) = (200 * 1024, 600);
/// How many files of visitors whom the store does not know may be on their way from an address: they are held whole.
const FILES_OF_STRANGERS: u32 = 3;
/// How many conversations may begin from an address in how many seconds.
const FROM_ADDRESS: (u32, i64) = (60, 600);
/// How many conversations may begin on a channel in how many seconds.
const ON_CHANNEL: (u32, i64) = (120, 60);
/// How many visitors whom the store does not know may be forgotten from an address in how many seconds: each leaves a row.
const STRANGERS_FORGOTTEN: (u32, i64) = (20, 600);
/// How often staff hear in how many seconds that a visitor writes.
const TYPING: (u32, i64) = (1, 1);
/// How many event streams a visitor may have open: browsers share one between their tabs.
const STREAMS: u32 = 20;
/// How many event streams may be open from an address, where many customers may share one.
const STREAMS_FROM_ADDRESS: u32 = 400;

/// The limits of the chat pages.
pub(super) struct Limits {
    messages: Rate,
    files: Rate,
    files_kib: Rate,
    files_kib_from_address: Rate,
    from_address: Rate,
    on_channel: Rate,
    strangers_forgotten: Rate,
    /// Lines of refused proofs.
    pub(super) proofs: LineLimit,
    /// Lines of pages that may not show the chat.
    pub(super) frames: LineLimit,
    /// Lines of customers who write while no conversation begins.
    pub(super) closed: LineLimit,
    /// Lines of files that are none of the kinds that are taken.
    pub(super) kinds: LineLimit,
    typing: Rate,
    /// By the hash of a visitor's secret.
    streams: ConcurrencyLimits<String>,
    streams_from_address: ConcurrencyLimits<ClientAddress>,
    files_of_strangers: ConcurrencyLimits<ClientAddress>,
}

/// A conversation that may begin. Dropping it gives it back.
pub(super) struct Beginning<'a> {
    limits: &'a Limits,
    address: String,
    channel: &'a ChannelKey,
    begun: bool,
}

/// Leave for one open event stream; dropping it makes room for another.
pub(super) type StreamPermit = (Permit<String>, Permit<ClientAddress>);

impl Default for Limits {
    fn default() -> Self {
        let rate = |(most, window_s)| Rate::new(most, window_s);
        Self {
            messages: rate(MESSAGES),
            files: rate(FILES),
            files_kib: rate(FILES_KIB),
            files_kib_from_address: rate(FILES_KIB_FROM_ADDRESS),
            from_address: rate(FROM_ADDRESS),
            on_channel: rate(ON_CHANNEL),
            strangers_forgotten: rate(STRANGERS_FORGOTTEN),
            proofs: LineLimit::default(),
            frames: LineLimit::default(),
            closed: LineLimit::default(),
            kinds: LineLimit::default(),
            typing: rate(TYPING),
            streams: ConcurrencyLimits::new(STREAMS),
            streams_from_address: ConcurrencyLimits::new(STREAMS_FROM_ADDRESS),
            files_of_strangers: ConcurrencyLimits::new(FILES_OF_STRANGERS),
        }
    }
}

fn reached(limit: Limit, retry_after_s: i64) -> AppError {
    AppError::RateLimited {
        retry_after_s,
        limit,
    }
}

impl Limits {
    /// Counts one message of a visitor.
    pub(super) fn message(&self, visitor: &str, now: Timestamp) -> Result<(), AppError> {
        self.messages
            .count(visitor, now)
            .map_err(AppError::rate_limited)
    }

    /// A message that was counted was not taken; it is counted once more when it is.
    pub(super) fn message_back(&self, visitor: &str) {
        self.messages.give_back(visitor);
    }

    /// Counts a file of so many bytes, taken or not.
    pub(super) fn file(
        &self,
        visitor: &str,
        address: ClientAddress,
        bytes: usize,
        now: Timestamp,
    ) -> Result<(), AppError> {
        let kib = u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX);
        let (files, sizes) = (&self.files, &self.files_kib);
        let counted = files
            .count(visitor, now)
            .and_then(|()| sizes.count_by(kib, visitor, now))
            .and_then(|()| {
                let of_address = &self.files_kib_from_address;
                of_address.count_by(kib, &address.to_string(), now)
            });
        counted.map_err(|wait| reached(Limit::Files, wait))
    }

    /// The permit of a file that somebody sends whom the store does not know.
    pub(super) fn file_of_stranger(
        &self,
        address: ClientAddress,
    ) -> Result<Permit<ClientAddress>, AppError> {
        self.files_of_strangers.acquire(&address)
    }

    /// Counts that a visitor writes; answers whether staff hear of it.
    pub(super) fn typing(&self, visitor: &str, now: Timestamp) -> bool {
        self.typing.count(visitor, now).is_ok()
    }

    /// Counts a conversation that is about to begin.
    pub(super) fn begin<'a>(
        &'a self,
        address: ClientAddress,
        channel: &'a ChannelKey,
        now: Timestamp,
    ) -> Result<Beginning<'a>, AppError> {
        let address = address.to_string();
        self.from_address
            .count(&address, now)
            .map_err(|wait| reached(Limit::Address, wait))?;
        if let Err(wait) = self.on_channel.count(channel.as_str(), now) {
            self.from_address.give_back(&address);
            return Err(reached(Limit::Channel, wait));
        }
        Ok(Beginning {
            limits: self,
            address,
            channel,
            begun: false,
        })
    }

    /// Counts that somebody wants to be forgotten whom the store does not know; answers whether it is written down.
    pub(super) fn stranger_forgotten(&self, address: ClientAddress, now: Timestamp) -> bool {
        let counted = self.strangers_forgotten.count(&address.to_string(), now);
        counted.is_ok()
    }

    /// Acquires the permit of an event stream.
    pub(super) fn stream(
        &self,
        visitor: &str,
        address: ClientAddress,
    ) -> Result<StreamPermit, AppError> {
        let of_visitor = self.streams.acquire(&visitor.to_owned())?;
        Ok((of_visitor, self.streams_from_address.acquire(&address)?))
    }
}

impl Beginning<'_> {
    /// A conversation was begun: it stays counted.
    pub(super) fn begun(mut self) {
        self.begun = true;
    }
}

impl Drop for Beginning<'_> {
    fn drop(&mut self) {
        if !self.begun {
            self.limits.from_address.give_back(&self.address);
            self.limits.on_channel.give_back(self.channel.as_str());
        }
    }
}

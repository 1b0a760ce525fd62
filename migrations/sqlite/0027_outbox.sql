-- What the outbox remembers of attempts, and who shares its room.

-- Hashes of providers' names for messages that stand nowhere else any more, because the message was sent again or its
-- customer was erased. A list of the provider's may still name them.
CREATE TABLE former_deliveries (
    hash BLOB PRIMARY KEY,
    entry_id TEXT NOT NULL REFERENCES entries (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX former_deliveries_entry ON former_deliveries (entry_id);

-- Since when there may be such a message at the provider, although nobody knows; it was given up, or waits again since.
ALTER TABLE deliveries ADD COLUMN unsettled_since INTEGER;

-- A message's queue is its channel: a few of each are on their way at a time, so that none takes the room of others.
UPDATE jobs SET queue = COALESCE((SELECT i.channel_key FROM customer_identities i WHERE i.id = jobs.lane), '')
    WHERE kind = 'message_deliver';
CREATE INDEX jobs_due ON jobs (kind, run_after, id);

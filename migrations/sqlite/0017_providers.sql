-- Channels that go through a provider: who writes to whom there, what waits to be sent, and how far it has come.

-- "chat" is a chat page; the other kinds are those of `server/src/channels/`. "address" is what customers write to,
-- "settings" a JSON object of texts, "text_max" the longest message in characters, "heard_at" the last report.
ALTER TABLE channels ADD COLUMN kind TEXT NOT NULL DEFAULT 'chat';
ALTER TABLE channels ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE channels ADD COLUMN settings TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(settings));
ALTER TABLE channels ADD COLUMN text_max INTEGER NOT NULL DEFAULT 4000;
ALTER TABLE channels ADD COLUMN heard_at INTEGER;
CREATE UNIQUE INDEX channels_address ON channels (kind, address) WHERE kind <> 'chat';

-- Sealed with the key "key_id", bound to its row (`server/src/secrets/`).
CREATE TABLE channel_secrets (
    channel_key TEXT NOT NULL REFERENCES channels (key),
    name TEXT NOT NULL,
    key_id TEXT NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (channel_key, name)
) STRICT;

-- A customer on a channel of a provider. The id is the visitor of `customer_visitors` and `customer_views`, so the address
-- stands here alone. "sent" numbers what was sent to them; "stopped_at": they want no messages.
CREATE TABLE customer_identities (
    id TEXT PRIMARY KEY,
    channel_key TEXT NOT NULL REFERENCES channels (key),
    address TEXT NOT NULL,
    sent INTEGER NOT NULL DEFAULT 0,
    stopped_at INTEGER,
    UNIQUE (channel_key, address)
) STRICT;

-- How far a message has come that a provider carries; nothing at a chat page's.
ALTER TABLE entries ADD COLUMN delivery TEXT CHECK (delivery IN ('queued', 'sent', 'failed', 'delivered', 'read'));
ALTER TABLE entries ADD COLUMN delivery_reason TEXT;
ALTER TABLE entries ADD COLUMN delivery_code INTEGER;

-- To whom such a message goes, under which of their numbers, and what the provider calls it.
CREATE TABLE deliveries (
    entry_id TEXT PRIMARY KEY REFERENCES entries (id),
    identity_id TEXT NOT NULL REFERENCES customer_identities (id),
    number INTEGER NOT NULL,
    provider_id TEXT,
    UNIQUE (identity_id, number)
) STRICT;
CREATE INDEX deliveries_provider ON deliveries (provider_id) WHERE provider_id IS NOT NULL;

-- What is to be done outside, written in the transaction that wants it. Those of one lane are done in their order.
-- "run_after": not before; while somebody does it, when the lease ends. "lease" names who does it. "unsettled": an attempt
-- may have been carried out, although nobody knows.
CREATE TABLE jobs (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    about TEXT NOT NULL UNIQUE,
    lane TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    run_after INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    lease TEXT,
    unsettled INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX jobs_due ON jobs (run_after, id);
CREATE INDEX jobs_lane ON jobs (lane, id);

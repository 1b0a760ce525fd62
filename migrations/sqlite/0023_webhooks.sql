-- Webhooks out: which other systems are told of which events, and how far each event has come.

-- "place" is scheme, host and port of its address: the rest may hold a secret and is sealed. "events" is a list of codes. "paused_until": until
-- then it is left alone. "off_reason" and "off_at": why and when the program switched it off. A deleted one goes with the
-- last of its events.
CREATE TABLE webhook_receivers (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    place TEXT NOT NULL,
    events TEXT NOT NULL CHECK (json_valid(events)),
    active INTEGER NOT NULL DEFAULT 1,
    version INTEGER NOT NULL DEFAULT 0,
    created_by TEXT NOT NULL REFERENCES users (id),
    created_at INTEGER NOT NULL,
    succeeded_at INTEGER,
    failing_since INTEGER,
    failures INTEGER NOT NULL DEFAULT 0,
    paused_until INTEGER NOT NULL DEFAULT 0,
    off_reason TEXT CHECK (off_reason IN ('gone', 'failing')),
    off_at INTEGER,
    deleted_at INTEGER
) STRICT;

-- Its address ("url") and the keys that sign ("key-…"), sealed with the key "key_id" and bound to their rows
-- (`server/src/secrets/`). A key that was replaced signs until "expires_at".
CREATE TABLE webhook_secrets (
    receiver_id TEXT NOT NULL REFERENCES webhook_receivers (id),
    name TEXT NOT NULL,
    key_id TEXT NOT NULL,
    sealed BLOB NOT NULL,
    expires_at INTEGER,
    PRIMARY KEY (receiver_id, name)
) STRICT;

-- An event for one receiver. "id" is its webhook-id. "facts" are ids and codes, never words: what is sent is read when it is
-- sent. "sequence" numbers the events of a workitem that customers may know of. What waits has a job about it.
CREATE TABLE webhook_events (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    receiver_id TEXT NOT NULL REFERENCES webhook_receivers (id),
    kind TEXT NOT NULL,
    facts TEXT NOT NULL CHECK (json_valid(facts)),
    sequence INTEGER,
    at INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'failed', 'dropped')),
    attempts INTEGER NOT NULL DEFAULT 0,
    tried_at INTEGER,
    status INTEGER,
    reason TEXT
) STRICT;
CREATE INDEX webhook_events_receiver ON webhook_events (receiver_id, number);
CREATE INDEX webhook_events_at ON webhook_events (at);
CREATE INDEX webhook_events_failed ON webhook_events (receiver_id, at) WHERE state = 'failed';

ALTER TABLE workitems ADD COLUMN events INTEGER NOT NULL DEFAULT 0;

-- Jobs of one kind and queue are taken together: a long queue keeps no other waiting.
ALTER TABLE jobs ADD COLUMN queue TEXT NOT NULL DEFAULT '';
CREATE INDEX jobs_queue ON jobs (kind, queue, run_after, id);
DROP INDEX jobs_due;

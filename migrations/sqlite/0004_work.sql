-- Work that is handed on.

-- What each change of the organisation's settings made of them, so that a second editor is told what changed since.
CREATE TABLE organisation_changes (
    version INTEGER PRIMARY KEY,
    settings TEXT NOT NULL,
    by_id TEXT NOT NULL REFERENCES users (id),
    at INTEGER NOT NULL
) STRICT;

-- Since when an agent has no live connection; nothing while one is there.
ALTER TABLE users ADD COLUMN absent_since INTEGER;
CREATE INDEX users_absent ON users (absent_since) WHERE absent_since IS NOT NULL;

-- How many active workitems of each channel the queue gives this agent, as JSON; nothing: as for the organisation.
ALTER TABLE users ADD COLUMN capacity TEXT;

-- When the agent who has it got it.
ALTER TABLE workitems ADD COLUMN given_at INTEGER NOT NULL DEFAULT 0;

-- What becomes of requests for assistance that nobody has claimed.
CREATE TABLE escalations (
    team_id TEXT PRIMARY KEY REFERENCES teams (id),
    all_after_min INTEGER,
    on_call_after_min INTEGER,
    on_call_id TEXT REFERENCES users (id),
    version INTEGER NOT NULL,
    CHECK ((on_call_after_min IS NULL) = (on_call_id IS NULL))
) STRICT;

ALTER TABLE requests ADD COLUMN escalated INTEGER NOT NULL DEFAULT 0;

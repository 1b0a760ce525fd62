-- What becomes of requests for assistance that nobody has claimed.
CREATE TABLE escalations (
    team_id TEXT COLLATE "C" PRIMARY KEY REFERENCES teams (id),
    all_after_min BIGINT,
    on_call_after_min BIGINT,
    on_call_id TEXT COLLATE "C" REFERENCES users (id),
    version BIGINT NOT NULL,
    CHECK ((on_call_after_min IS NULL) = (on_call_id IS NULL))
);

ALTER TABLE requests ADD COLUMN escalated BIGINT NOT NULL DEFAULT 0;

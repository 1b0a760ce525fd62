-- What agents answer to those who coach. A reply is an entry of the kind "coaching" whose text is the agent's: its author has
-- seen it ("seen_at" is when it was written), so no release counts it as coaching that the agent has not seen.
ALTER TABLE coaching ADD COLUMN by_agent INTEGER NOT NULL DEFAULT 0 CHECK (by_agent IN (0, 1));

-- To whom a reply goes, and when each of them had it in front of them. Goes with its entry, whichever release deletes that.
CREATE TABLE coaching_readers (
    entry_id TEXT NOT NULL REFERENCES entries (id) ON DELETE CASCADE,
    supervisor_id TEXT NOT NULL REFERENCES users (id),
    seen_at INTEGER,
    PRIMARY KEY (entry_id, supervisor_id)
) STRICT;
CREATE INDEX coaching_readers_unseen ON coaching_readers (supervisor_id) WHERE seen_at IS NULL;

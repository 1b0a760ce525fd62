-- Raised hands that are settled, dismissed pop-ups, and coaching that was seen.
-- A request is settled when "answered_at" is set, as in the release before; "answered_by" is empty when nobody did it.
-- "settled_how" says in which way; a request that the release before settled has none and was answered.

ALTER TABLE requests ADD COLUMN settled_how TEXT;
CREATE INDEX requests_open_workitem ON requests (workitem_id) WHERE answered_at IS NULL;

-- Raised hands whose pop-up somebody does not want to see again.
CREATE TABLE dismissals (
    user_id TEXT NOT NULL REFERENCES users (id),
    message_id TEXT NOT NULL REFERENCES directory_messages (id),
    at INTEGER NOT NULL,
    PRIMARY KEY (user_id, message_id)
) STRICT;

-- When the agent had it in front of them; 0 for what was said before this was kept.
ALTER TABLE coaching ADD COLUMN seen_at INTEGER;
UPDATE coaching SET seen_at = 0;
-- When the agent sent its notice away without looking.
ALTER TABLE coaching ADD COLUMN dismissed_at INTEGER;
CREATE INDEX entries_coaching ON entries (workitem_id, seq) WHERE kind = 'coaching';

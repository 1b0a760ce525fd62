-- What an administrator deletes is offered nowhere any more. Its row stays, because conversations and the audit log name it,
-- and so do its username, its name or its address: nothing else is ever called so.

ALTER TABLE users ADD COLUMN deleted_at INTEGER;
ALTER TABLE teams ADD COLUMN deleted_at INTEGER;
ALTER TABLE channels ADD COLUMN deleted_at INTEGER;

-- What an agent closed last.
CREATE INDEX workitems_closed_of ON workitems (agent_id, last_activity_at, id) WHERE state = 'closed';

-- Figures of what happened within some time.

-- When staff first wrote to the customer. It is set with that message and never changes.
ALTER TABLE workitems ADD COLUMN first_answer_at INTEGER;
UPDATE workitems SET first_answer_at = (SELECT e.at FROM entries e
    WHERE e.workitem_id = workitems.id AND e.kind = 'agent' ORDER BY e.seq LIMIT 1);

-- Everything that is counted of conversations that are over. A row comes into it once, when its conversation is closed, so no
-- message pays for it. The state stands in it too: else the table would be asked for it.
CREATE INDEX workitems_figures ON workitems (team_id, started_at, channel, first_answer_at, last_activity_at, state)
    WHERE state = 'closed';
CREATE INDEX entries_coached_at ON entries (at) WHERE kind = 'coaching';

-- When an agent was first given a workitem, nothing while none was; and when it was closed, which is later than its last message.
-- Each is set once, with what changes at that moment anyway.
ALTER TABLE workitems ADD COLUMN first_given_at INTEGER;
ALTER TABLE workitems ADD COLUMN shut_at INTEGER;
-- The first line about whose it is says when it was given, or that an agent had it from the beginning. Without such a line, an agent who
-- has it was given it when it last changed hands. Where an early release noted the closing in words only, there is no time of it.
UPDATE workitems SET
    first_given_at = COALESCE((SELECT MAX(workitems.started_at, CASE
            WHEN json_extract(n.notice, '$.kind') = 'assigned'
                OR (json_extract(n.notice, '$.kind') = 'reassigned' AND json_extract(n.notice, '$.from') IS NULL) THEN e.at
            ELSE workitems.started_at END)
        FROM entries e JOIN notices n ON n.entry_id = e.id
        WHERE e.workitem_id = workitems.id AND e.kind = 'notice' AND (
            json_extract(n.notice, '$.kind') IN ('assigned', 'called', 'transferred', 'taken_over', 'given_back', 'connection_lost',
                'not_received', 'agent_gone', 'agent_left_team', 'closed_agent_gone', 'closed_agent_left_team')
            OR (json_extract(n.notice, '$.kind') = 'reassigned'
                AND (json_extract(n.notice, '$.from') IS NOT NULL OR json_extract(n.notice, '$.to.agent') IS NOT NULL)))
        ORDER BY e.seq LIMIT 1),
        CASE WHEN agent_id IS NOT NULL THEN MAX(started_at, given_at) END),
    shut_at = CASE WHEN state = 'closed' THEN (SELECT e.at FROM entries e JOIN notices n ON n.entry_id = e.id
        WHERE e.workitem_id = workitems.id AND e.kind = 'notice' AND json_extract(n.notice, '$.kind') IN ('closed',
            'closed_agent_gone', 'closed_agent_left_team', 'ended', 'ended_by_customer', 'customer_forgotten')
        ORDER BY e.seq DESC LIMIT 1) END;

-- Both stand where conversations that are over are counted, so that this stays one pass of one index.
DROP INDEX workitems_figures;
CREATE INDEX workitems_figures ON workitems
    (team_id, started_at, channel, first_answer_at, first_given_at, last_activity_at, shut_at, state)
    WHERE state = 'closed';

-- Indexes, so that no statement reads a table that grows from end to end (`store/sqlite/plans.rs`).

CREATE INDEX user_roles_role ON user_roles (role, user_id);
CREATE INDEX channels_team ON channels (team_id);
-- The queue, in the order in which it is given out.
CREATE INDEX workitems_queued ON workitems (started_at, id) WHERE state = 'queued';

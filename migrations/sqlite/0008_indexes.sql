-- Indexes, so that no statement reads a table that grows from end to end (`store/sqlite/plans.rs`).

CREATE INDEX user_roles_role ON user_roles (role, user_id);
CREATE INDEX channels_team ON channels (team_id);
-- The queue, in the order in which it is given out.
CREATE INDEX workitems_queued ON workitems (started_at, id) WHERE state = 'queued';
-- The conversations of one visitor, whatever the channel.
CREATE INDEX customer_visitors_visitor ON customer_visitors (visitor);
-- The latest sessions of a user.
CREATE INDEX sessions_latest ON sessions (user_id, created_at);
-- Who changed something last.
CREATE INDEX audit_about ON audit (about, what);
-- The visitor of a conversation; the migration after this one asks for it of every conversation.
CREATE INDEX customer_visitors_workitem ON customer_visitors (workitem_id);

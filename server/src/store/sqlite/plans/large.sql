-- A desk that has been used for long: what grows has grown.
INSERT INTO users (id, username, name, password_hash, created_at)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600)
SELECT 'u' || i, 'user' || i, 'User ' || i, '', 0 FROM n;
INSERT INTO user_roles (user_id, role, place)
SELECT id, CASE WHEN rowid % 10 = 0 THEN 'supervisor' WHEN rowid = 1 THEN 'administrator' ELSE 'agent' END, 0 FROM users;
INSERT INTO teams (id, name, created_at)
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 49)
SELECT 't' || i, 'Team ' || i, 0 FROM n;
INSERT INTO team_members (team_id, user_id) SELECT 't' || (rowid % 50), id FROM users WHERE rowid % 10 > 0;
INSERT INTO team_supervisors (team_id, user_id) SELECT 't' || (rowid % 50), id FROM users WHERE rowid % 10 = 0;
INSERT INTO channels (key, team_id, name, created_at) SELECT 'k' || id, id, name, 0 FROM teams;
INSERT INTO workitems (id, channel, customer, subject, state, agent_id, team_id, started_at, last_activity_at)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
SELECT 'w' || i, 'chat', 'Kim', 'Hello',
    CASE WHEN i > 19980 THEN 'queued' WHEN i > 18500 THEN 'active' WHEN i > 18400 THEN 'wrap_up' ELSE 'closed' END,
    CASE WHEN i > 19980 THEN NULL ELSE 'u' || (1 + i % 600) END, 't' || (i % 50), i, i FROM n;
INSERT INTO customer_views (workitem_id) SELECT id FROM workitems;
INSERT INTO customer_visitors (channel_key, visitor, workitem_id, name)
SELECT 'k' || team_id, 'v' || id, id, 'Kim' FROM workitems;
INSERT INTO entries (workitem_id, seq, id, rev, at, kind, customer_seq)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5)
SELECT w.id, i, w.id || '-' || i, i, w.started_at + i, CASE WHEN i = 3 THEN 'coaching' ELSE 'customer' END, i
FROM workitems w, n;
INSERT INTO customer_entries (workitem_id, seq, at, kind)
SELECT workitem_id, seq, at, 'mine' FROM entries WHERE kind = 'customer';
INSERT INTO coaching (entry_id, text) SELECT id, '' FROM entries WHERE kind = 'coaching';
INSERT INTO monitoring (workitem_id, supervisor_id, started_at)
SELECT id, 'u' || (10 * (1 + rowid % 60)), 0 FROM workitems WHERE state = 'active';
INSERT INTO requests (id, agent_id, text, choice, at, answered_at)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
SELECT 'r' || i, 'u' || (1 + i % 600), '', 'one', i, CASE WHEN i < 4900 THEN i END FROM n;
INSERT INTO directory_conversations (low, high, head)
SELECT a.id, b.id, 100 FROM users a JOIN users b ON b.id > a.id AND b.rowid % 120 = a.rowid % 120;
INSERT INTO directory_messages (low, high, seq, id, at, from_id, text, request_id)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 250)
SELECT c.low, c.high, i, c.low || '-' || c.high || '-' || i, i, c.low, '',
    CASE WHEN i = 7 THEN 'r' || (1 + c.rowid % 5000) END
FROM directory_conversations c, n;
INSERT INTO own_log (user_id, seq, event)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
SELECT u.id, i, '' FROM users u, n;
INSERT INTO commands (sender, key, kind, at, answer)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)
SELECT 'u' || (1 + i % 600), 'key' || i, 'message', i, '' FROM n;
INSERT INTO sessions (id, user_id, created_at, seen_at, idle_us, expires_at)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
SELECT 's' || i, 'u' || (1 + i % 600), i, i, 1, i FROM n;
INSERT INTO audit (at, actor_id, what, about)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)
SELECT i, 'u' || (1 + i % 600), 'refused_' || (i % 7), 'w' || (i % 9000) FROM n;

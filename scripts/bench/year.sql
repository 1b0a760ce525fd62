-- A year of closed conversations, 10,000 a day, for docs/BENCHMARK.md ("A year of figures"). Goes into the file of a fresh demo
-- that is not running: sideline demo --quiet-customers --data year, then sqlite3 year/sideline.db < scripts/bench/year.sql
PRAGMA synchronous = OFF;
PRAGMA cache_size = -500000;
WITH RECURSIVE numbers (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM numbers WHERE i < 3649999),
    begun AS (SELECT i, (unixepoch() - 365 * 86400 + 60) * 1000000 + i * 8640000 AS at, i * 7919 % 1000 AS dice FROM numbers)
INSERT INTO workitems (id, channel, customer, subject, state, agent_id, team_id, started_at, last_activity_at, customer_key,
    first_answer_at, first_given_at, shut_at)
SELECT 'year-' || i,
    CASE dice % 10 WHEN 0 THEN 'phone' WHEN 1 THEN 'sms' WHEN 2 THEN 'social' WHEN 3 THEN 'email' WHEN 4 THEN 'email' ELSE 'chat' END,
    'Customer ' || i % 500000, 'About something', 'closed',
    CASE i % 3 WHEN 0 THEN 'cleo' WHEN 1 THEN 'amy' ELSE 'ben' END,
    CASE i % 3 WHEN 0 THEN 'sales' ELSE 'care' END,
    at, at + (i * 104729 % 3600 + 120) * 1000000, 'customer ' || i % 500000,
    CASE dice % 20 WHEN 7 THEN NULL ELSE at + (i * 15485863 % 600 + 5) * 1000000 END,
    at + (i * 15485863 % 600 + 5) * 500000, at + (i * 104729 % 3600 + i * 32452843 % 120 + 330) * 1000000
FROM begun;
-- Each of them has left a mark by which its day is counted: one for each day is enough.
DELETE FROM workitems_changed;
INSERT INTO workitems_changed (day, team_id, workitem_id, mark)
    SELECT DISTINCT started_at / 86400000000, team_id, '', 0 FROM workitems WHERE state = 'closed';
PRAGMA wal_checkpoint(TRUNCATE);

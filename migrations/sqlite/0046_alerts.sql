-- What tells supervisors that a workitem needs somebody: rules of administrators, and the alerts that they raised.
CREATE TABLE alert_rules (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    team_id TEXT REFERENCES teams (id),
    -- What the rule looks at, in JSON.
    condition TEXT NOT NULL,
    active INTEGER NOT NULL DEFAULT 1,
    version INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX alert_rules_name ON alert_rules (name_key, COALESCE(team_id, ''));
-- `about` tells what a rule found in a workitem apart: since when somebody waits, when it was written, how many there are. It
-- holds no word of anybody.
CREATE TABLE alerts (
    rule_id TEXT NOT NULL REFERENCES alert_rules (id),
    workitem_id TEXT NOT NULL REFERENCES workitems (id),
    about INTEGER NOT NULL,
    raised_at INTEGER NOT NULL,
    settled_at INTEGER,
    dismissed_by TEXT REFERENCES users (id),
    PRIMARY KEY (rule_id, workitem_id, about)
) STRICT;
CREATE UNIQUE INDEX alerts_open ON alerts (workitem_id, rule_id) WHERE settled_at IS NULL;
CREATE INDEX alerts_workitem ON alerts (workitem_id);

-- What tells supervisors that a workitem needs somebody: rules of administrators, and the alerts that they raised.
CREATE TABLE alert_rules (
    id TEXT COLLATE "C" PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    name_key TEXT COLLATE "C" NOT NULL,
    team_id TEXT COLLATE "C" REFERENCES teams (id),
    -- What the rule looks at, in JSON.
    condition TEXT COLLATE "C" NOT NULL,
    active BIGINT NOT NULL DEFAULT 1,
    version BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX alert_rules_name ON alert_rules (name_key, COALESCE(team_id, ''));
-- `about` tells what a rule found in a workitem apart: since when somebody waits, when it was written, how many there are. It
-- holds no word of anybody.
CREATE TABLE alerts (
    rule_id TEXT COLLATE "C" NOT NULL REFERENCES alert_rules (id),
    workitem_id TEXT COLLATE "C" NOT NULL REFERENCES workitems (id),
    about BIGINT NOT NULL,
    raised_at BIGINT NOT NULL,
    settled_at BIGINT,
    dismissed_by TEXT COLLATE "C" REFERENCES users (id),
    PRIMARY KEY (rule_id, workitem_id, about)
);
CREATE UNIQUE INDEX alerts_open ON alerts (workitem_id, rule_id) WHERE settled_at IS NULL;
CREATE INDEX alerts_workitem ON alerts (workitem_id);

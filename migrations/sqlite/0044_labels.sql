-- What workitems are labelled with: how one ended, and what it is about. Those that are switched off stay on the workitems
-- that have them.
CREATE TABLE labels (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('outcome', 'tag')),
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    team_id TEXT REFERENCES teams (id),
    active INTEGER NOT NULL DEFAULT 1,
    version INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX labels_name ON labels (kind, name_key, COALESCE(team_id, ''));
-- Team and beginning are the workitem's own: figures count from the index alone.
CREATE TABLE workitem_labels (
    workitem_id TEXT NOT NULL REFERENCES workitems (id),
    label_id TEXT NOT NULL REFERENCES labels (id),
    team_id TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    PRIMARY KEY (workitem_id, label_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX workitem_labels_figures ON workitem_labels (team_id, started_at, label_id);

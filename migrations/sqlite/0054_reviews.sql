-- Flags for review with their comments: between supervisors. Each workitem counts its own, and the last one alone can be open.
CREATE TABLE workitem_reviews (
    workitem_id TEXT NOT NULL REFERENCES workitems (id),
    number INTEGER NOT NULL,
    comment TEXT NOT NULL,
    flagged_by TEXT NOT NULL REFERENCES users (id),
    flagged_at INTEGER NOT NULL,
    reviewed_by TEXT REFERENCES users (id),
    reviewed_at INTEGER,
    PRIMARY KEY (workitem_id, number),
    CHECK ((reviewed_by IS NULL) = (reviewed_at IS NULL))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX workitem_reviews_open ON workitem_reviews (workitem_id) WHERE reviewed_at IS NULL;

-- Flags for review with their comments: between supervisors. Each workitem counts its own, and the last one alone can be open.
CREATE TABLE workitem_reviews (
    workitem_id TEXT COLLATE "C" NOT NULL REFERENCES workitems (id),
    number BIGINT NOT NULL,
    comment TEXT COLLATE "C" NOT NULL,
    flagged_by TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    flagged_at BIGINT NOT NULL,
    reviewed_by TEXT COLLATE "C" REFERENCES users (id),
    reviewed_at BIGINT,
    PRIMARY KEY (workitem_id, number),
    CHECK ((reviewed_by IS NULL) = (reviewed_at IS NULL))
);
CREATE UNIQUE INDEX workitem_reviews_open ON workitem_reviews (workitem_id) WHERE reviewed_at IS NULL;

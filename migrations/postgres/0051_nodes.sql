-- Several nodes on one database: which of them live, whose live connections they have, and which monitorings they hold.
CREATE TABLE nodes (
    id TEXT COLLATE "C" PRIMARY KEY,
    -- Rises as long as the node lives, so nobody compares clocks.
    beat BIGINT NOT NULL,
    -- Whether the node does what is done once for all of them.
    on_duty BIGINT NOT NULL
);

CREATE TABLE node_presences (
    node_id TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    PRIMARY KEY (node_id, user_id)
);

CREATE TABLE node_monitorings (
    workitem_id TEXT COLLATE "C" NOT NULL,
    supervisor_id TEXT COLLATE "C" NOT NULL,
    node_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (workitem_id, supervisor_id, node_id)
);

-- Who signed out is not waited for.
ALTER TABLE users ADD COLUMN absent_signed_out BIGINT NOT NULL DEFAULT 0;

-- Attempts to sign in, where several nodes count them together. A key is a hash: what is typed as a name may be a password.
CREATE TABLE attempts (
    key TEXT COLLATE "C" PRIMARY KEY,
    since BIGINT NOT NULL,
    count BIGINT NOT NULL
);
CREATE INDEX attempts_by_age ON attempts (since);

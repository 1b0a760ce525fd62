-- Several nodes on one database: which of them live, whose live connections they have, and which monitorings they hold.
CREATE TABLE nodes (
    id TEXT PRIMARY KEY,
    -- Rises as long as the node lives, so nobody compares clocks.
    beat INTEGER NOT NULL,
    -- Whether the node does what is done once for all of them.
    on_duty INTEGER NOT NULL
) STRICT;

CREATE TABLE node_presences (
    node_id TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id),
    PRIMARY KEY (node_id, user_id)
) STRICT;

CREATE TABLE node_monitorings (
    workitem_id TEXT NOT NULL,
    supervisor_id TEXT NOT NULL,
    node_id TEXT NOT NULL,
    PRIMARY KEY (workitem_id, supervisor_id, node_id)
) STRICT;

-- Who signed out is not waited for.
ALTER TABLE users ADD COLUMN absent_signed_out INTEGER NOT NULL DEFAULT 0;

-- Attempts to sign in, where several nodes count them together. A key is a hash: what is typed as a name may be a password.
CREATE TABLE attempts (
    key TEXT PRIMARY KEY,
    since INTEGER NOT NULL,
    count INTEGER NOT NULL
) STRICT;
CREATE INDEX attempts_by_age ON attempts (since);

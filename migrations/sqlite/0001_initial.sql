-- The first schema. `schema_version` is the program's own and made before this runs.
-- Ids are text, times are microseconds since 1970 (UTC), booleans are 0 or 1.
-- Tables that begin with "customer_" (and "channels") are all that a customer's page ever reads.

CREATE TABLE store (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    epoch TEXT NOT NULL
) STRICT;

CREATE TABLE users (
    id TEXT PRIMARY KEY,
    username TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    active INTEGER NOT NULL DEFAULT 1,
    presence TEXT NOT NULL DEFAULT 'available',
    pop_up INTEGER NOT NULL DEFAULT 1,
    own_seq INTEGER NOT NULL DEFAULT 0,
    assigned_at INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE user_roles (
    user_id TEXT NOT NULL REFERENCES users (id),
    role TEXT NOT NULL CHECK (role IN ('agent', 'supervisor', 'administrator')),
    place INTEGER NOT NULL,
    PRIMARY KEY (user_id, role)
) STRICT;

CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    created_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    idle_us INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE teams (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE team_members (
    team_id TEXT NOT NULL REFERENCES teams (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    PRIMARY KEY (team_id, user_id)
) STRICT;
CREATE INDEX team_members_user ON team_members (user_id);

CREATE TABLE team_supervisors (
    team_id TEXT NOT NULL REFERENCES teams (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    PRIMARY KEY (team_id, user_id)
) STRICT;
CREATE INDEX team_supervisors_user ON team_supervisors (user_id);

CREATE TABLE channels (
    key TEXT PRIMARY KEY,
    team_id TEXT NOT NULL REFERENCES teams (id),
    name TEXT NOT NULL,
    active INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE workitems (
    id TEXT PRIMARY KEY,
    channel TEXT NOT NULL CHECK (channel IN ('chat', 'social', 'sms', 'phone', 'email')),
    customer TEXT NOT NULL,
    subject TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'active', 'wrap_up', 'closed')),
    agent_id TEXT REFERENCES users (id),
    team_id TEXT NOT NULL REFERENCES teams (id),
    started_at INTEGER NOT NULL,
    last_activity_at INTEGER NOT NULL,
    waiting_since INTEGER,
    preview TEXT NOT NULL DEFAULT '',
    read_through INTEGER NOT NULL DEFAULT 0,
    unread INTEGER NOT NULL DEFAULT 0,
    -- The staff topic: the last revision given out, the last entry number, and the revision of this row.
    head INTEGER NOT NULL DEFAULT 0,
    last_entry INTEGER NOT NULL DEFAULT 0,
    rev INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX workitems_agent ON workitems (agent_id, state);
CREATE INDEX workitems_queue ON workitems (state, team_id, started_at);

-- The customer's own numbering and the customer's own view of the conversation.
CREATE TABLE customer_views (
    workitem_id TEXT PRIMARY KEY,
    head INTEGER NOT NULL DEFAULT 0,
    ended INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE customer_entries (
    workitem_id TEXT NOT NULL REFERENCES customer_views (workitem_id),
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('mine', 'theirs', 'ended')),
    name TEXT NOT NULL DEFAULT '',
    text TEXT NOT NULL DEFAULT '',
    key TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (workitem_id, seq)
) STRICT;

CREATE TABLE customer_visitors (
    channel_key TEXT NOT NULL REFERENCES channels (key),
    visitor TEXT NOT NULL,
    workitem_id TEXT NOT NULL REFERENCES customer_views (workitem_id),
    name TEXT NOT NULL,
    PRIMARY KEY (channel_key, visitor)
) STRICT;

-- The staff's conversation. A message's text stands in customer_entries; the row here points to it.
CREATE TABLE entries (
    workitem_id TEXT NOT NULL REFERENCES workitems (id),
    seq INTEGER NOT NULL,
    id TEXT NOT NULL UNIQUE,
    rev INTEGER NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('customer', 'agent', 'coaching', 'monitoring_started', 'monitoring_ended', 'notice')),
    author_id TEXT,
    name TEXT NOT NULL DEFAULT '',
    customer_seq INTEGER,
    reason TEXT CHECK (reason IN ('left', 'connection_lost', 'signed_out', 'authority_lost', 'workitem_closed')),
    PRIMARY KEY (workitem_id, seq)
) STRICT;
CREATE UNIQUE INDEX entries_rev ON entries (workitem_id, rev);

CREATE TABLE coaching (
    entry_id TEXT PRIMARY KEY REFERENCES entries (id),
    text TEXT NOT NULL,
    reaction TEXT CHECK (reaction IN ('thumbs_up', 'thumbs_down')),
    forwarded_at INTEGER,
    forwarded_entry TEXT REFERENCES entries (id)
) STRICT;

CREATE TABLE notices (
    entry_id TEXT PRIMARY KEY REFERENCES entries (id),
    text TEXT NOT NULL
) STRICT;

CREATE TABLE monitoring (
    workitem_id TEXT NOT NULL REFERENCES workitems (id),
    supervisor_id TEXT NOT NULL REFERENCES users (id),
    started_at INTEGER NOT NULL,
    PRIMARY KEY (workitem_id, supervisor_id)
) STRICT;

CREATE TABLE templates (
    id TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    active INTEGER NOT NULL,
    place INTEGER NOT NULL
) STRICT;

CREATE TABLE requests (
    id TEXT PRIMARY KEY,
    agent_id TEXT NOT NULL REFERENCES users (id),
    text TEXT NOT NULL,
    choice TEXT NOT NULL CHECK (choice IN ('all_available', 'all_signed_in', 'one')),
    workitem_id TEXT REFERENCES workitems (id),
    subject TEXT,
    at INTEGER NOT NULL,
    answered_at INTEGER,
    answered_by TEXT REFERENCES users (id)
) STRICT;
CREATE INDEX requests_open ON requests (agent_id) WHERE answered_at IS NULL;

-- A conversation of two people; "low" is the lesser of the two ids.
CREATE TABLE directory_conversations (
    low TEXT NOT NULL REFERENCES users (id),
    high TEXT NOT NULL REFERENCES users (id),
    head INTEGER NOT NULL DEFAULT 0,
    low_read INTEGER NOT NULL DEFAULT 0,
    high_read INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (low, high)
) STRICT;
CREATE INDEX directory_conversations_high ON directory_conversations (high);

CREATE TABLE directory_messages (
    low TEXT NOT NULL,
    high TEXT NOT NULL,
    seq INTEGER NOT NULL,
    id TEXT NOT NULL UNIQUE,
    at INTEGER NOT NULL,
    from_id TEXT NOT NULL REFERENCES users (id),
    text TEXT NOT NULL,
    request_id TEXT REFERENCES requests (id),
    PRIMARY KEY (low, high, seq),
    FOREIGN KEY (low, high) REFERENCES directory_conversations (low, high)
) STRICT;
CREATE INDEX directory_messages_request ON directory_messages (request_id);

-- What a user is told; pruned from the front, so a reader who was away too long begins anew.
CREATE TABLE own_log (
    user_id TEXT NOT NULL REFERENCES users (id),
    seq INTEGER NOT NULL,
    event TEXT NOT NULL,
    PRIMARY KEY (user_id, seq)
) STRICT;

-- Keys of commands that were carried out, with their answers; kept for two days. "sender" says who sent the
-- command and on which way, "kind" what it was: a key is good for one command.
CREATE TABLE commands (
    id INTEGER PRIMARY KEY,
    sender TEXT NOT NULL,
    key TEXT NOT NULL,
    kind TEXT NOT NULL,
    at INTEGER NOT NULL,
    answer TEXT NOT NULL,
    UNIQUE (sender, key)
) STRICT;
CREATE INDEX commands_at ON commands (at);

CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    actor_id TEXT,
    what TEXT NOT NULL,
    about TEXT NOT NULL
) STRICT;

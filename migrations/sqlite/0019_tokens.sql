-- Tokens of the HTTP API. "hash" is the SHA-256 of the secret in hex, "scopes" a list of codes. A token that was revoked stays, so
-- that the audit log's ids can be read.
CREATE TABLE api_tokens (
    id TEXT PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL CHECK (json_valid(scopes)),
    team_id TEXT REFERENCES teams (id),
    created_by TEXT NOT NULL REFERENCES users (id),
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    last_used_at INTEGER,
    revoked_at INTEGER
) STRICT;

-- Lists of the HTTP API are read in the order of time, of all teams or of one. They are for those statements alone, which say
-- that a time is one: the planner would take the order of others from them and read whole tables.
CREATE INDEX workitems_started ON workitems (started_at, id) WHERE started_at > 0;
CREATE INDEX workitems_team_started ON workitems (team_id, started_at, id) WHERE started_at > 0;
CREATE INDEX requests_at ON requests (at, id) WHERE at > 0;

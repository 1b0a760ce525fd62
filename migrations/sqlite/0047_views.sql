-- Views of the dashboard that people keep, for themselves or shared with a team. Those of a user or team that is deleted stay, as its
-- row does, and nobody is offered them.
CREATE TABLE dashboard_views (
    id TEXT PRIMARY KEY,
    owner_id TEXT NOT NULL REFERENCES users (id),
    team_id TEXT REFERENCES teams (id),
    name TEXT NOT NULL,
    filter TEXT NOT NULL,
    version INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX dashboard_views_owner ON dashboard_views (owner_id);
CREATE INDEX dashboard_views_team ON dashboard_views (team_id) WHERE team_id IS NOT NULL;

-- What the dashboard keeps for somebody: the view that they opened last, which may be gone, and the columns that are not shown.
CREATE TABLE dashboard_choices (
    user_id TEXT PRIMARY KEY REFERENCES users (id),
    view_id TEXT,
    hidden TEXT NOT NULL
) STRICT;

-- Links to walls: pages without words of customers for a screen that everybody sees. "hash" is the SHA-256 of the secret in hex,
-- "teams" a list of ids. One that was revoked stays, so that the audit log's ids can be read.
CREATE TABLE walls (
    id TEXT PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    teams TEXT NOT NULL CHECK (json_valid(teams)),
    created_by TEXT NOT NULL REFERENCES users (id),
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    revoked_at INTEGER
) STRICT;

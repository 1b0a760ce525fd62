-- Views of the dashboard that people keep, for themselves or shared with a team. Those of a user or team that is deleted stay, as its
-- row does, and nobody is offered them.
CREATE TABLE dashboard_views (
    id TEXT COLLATE "C" PRIMARY KEY,
    owner_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    team_id TEXT COLLATE "C" REFERENCES teams (id),
    name TEXT COLLATE "C" NOT NULL,
    filter TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX dashboard_views_owner ON dashboard_views (owner_id);
CREATE INDEX dashboard_views_team ON dashboard_views (team_id) WHERE team_id IS NOT NULL;

-- What the dashboard keeps for somebody: the view that they opened last, which may be gone, and the columns that are not shown.
CREATE TABLE dashboard_choices (
    user_id TEXT COLLATE "C" PRIMARY KEY REFERENCES users (id),
    view_id TEXT COLLATE "C",
    hidden TEXT COLLATE "C" NOT NULL
);

-- Links to walls: pages without words of customers for a screen that everybody sees. "hash" is the SHA-256 of the secret in hex,
-- "teams" a list of ids. One that was revoked stays, so that the audit log's ids can be read.
CREATE TABLE walls (
    id TEXT COLLATE "C" PRIMARY KEY,
    hash TEXT COLLATE "C" NOT NULL UNIQUE,
    name TEXT COLLATE "C" NOT NULL,
    teams TEXT COLLATE "C" NOT NULL CHECK (json_valid(teams)),
    created_by TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    revoked_at BIGINT
);

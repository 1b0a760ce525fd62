-- Roles that administrators build. Who holds one has it in place of what its kind has.
CREATE TABLE custom_roles (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('agent', 'supervisor', 'administrator')),
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    -- A JSON list of codes.
    permissions TEXT NOT NULL,
    version INTEGER NOT NULL,
    UNIQUE (kind, name_key)
) STRICT;

ALTER TABLE user_roles ADD COLUMN custom_id TEXT REFERENCES custom_roles (id);
CREATE INDEX user_roles_custom ON user_roles (custom_id) WHERE custom_id IS NOT NULL;

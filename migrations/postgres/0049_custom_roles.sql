-- Roles that administrators build. Who holds one has it in place of what its kind has.
CREATE TABLE custom_roles (
    id TEXT COLLATE "C" PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('agent', 'supervisor', 'administrator')),
    name TEXT COLLATE "C" NOT NULL,
    name_key TEXT COLLATE "C" NOT NULL,
    -- A JSON list of codes.
    permissions TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    UNIQUE (kind, name_key)
);

ALTER TABLE user_roles ADD COLUMN custom_id TEXT COLLATE "C" REFERENCES custom_roles (id);
CREATE INDEX user_roles_custom ON user_roles (custom_id) WHERE custom_id IS NOT NULL;

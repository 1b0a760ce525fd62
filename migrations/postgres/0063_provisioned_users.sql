-- Users of whom an identity provider has said something (SCIM): what it calls them, and its own id of them. No two have one name,
-- whose case does not matter. Whom it deletes is deactivated and marked: while they are, it finds nobody there.
CREATE TABLE provisioned_users (
    user_id TEXT COLLATE "C" PRIMARY KEY REFERENCES users (id),
    name TEXT COLLATE "C" NOT NULL,
    name_key TEXT COLLATE "C" NOT NULL UNIQUE,
    external_id TEXT COLLATE "C",
    removed_at BIGINT
);

-- Users of whom an identity provider has said something (SCIM): what it calls them, and its own id of them. No two have one name,
-- whose case does not matter. Whom it deletes is deactivated and marked: while they are, it finds nobody there.
CREATE TABLE provisioned_users (
    user_id TEXT PRIMARY KEY REFERENCES users (id),
    name TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE,
    external_id TEXT,
    removed_at INTEGER
) STRICT, WITHOUT ROWID;

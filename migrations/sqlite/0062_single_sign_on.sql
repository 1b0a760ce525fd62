-- Sign-in at a provider of OpenID Connect. One row, or none. The secret of the client is sealed with the key "key_id" and bound to
-- its place (`server/src/secrets/`). "settings" say who may come in by it, and as what.
CREATE TABLE sign_on (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    active INTEGER NOT NULL,
    name TEXT NOT NULL,
    issuer TEXT NOT NULL,
    client_id TEXT NOT NULL,
    key_id TEXT NOT NULL,
    sealed BLOB NOT NULL,
    settings TEXT NOT NULL CHECK (json_valid(settings)),
    version INTEGER NOT NULL
) STRICT;

-- Which user somebody is whom a provider knows. A provider calls nobody else by the same subject, whatever becomes of names.
CREATE TABLE user_identities (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id),
    linked_at INTEGER NOT NULL,
    PRIMARY KEY (issuer, subject)
) STRICT;
CREATE INDEX user_identities_user ON user_identities (user_id);

-- Messages of a provider that ended sessions. They count once; each is kept until it would not be taken any more.
CREATE TABLE logout_tokens (
    issuer TEXT NOT NULL,
    token TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (issuer, token)
) STRICT;
CREATE INDEX logout_tokens_expires ON logout_tokens (expires_at);

-- By which provider a session began, and what the provider calls its own session. Nothing: by a password or a passkey.
ALTER TABLE sessions ADD COLUMN issuer TEXT;
ALTER TABLE sessions ADD COLUMN provider_session TEXT;
CREATE INDEX sessions_provider ON sessions (provider_session) WHERE provider_session IS NOT NULL;

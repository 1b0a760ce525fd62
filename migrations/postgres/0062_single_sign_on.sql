-- Sign-in at a provider of OpenID Connect. One row, or none. The secret of the client is sealed with the key "key_id" and bound to
-- its place (`server/src/secrets/`). "settings" say who may come in by it, and as what.
CREATE TABLE sign_on (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    active BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    issuer TEXT COLLATE "C" NOT NULL,
    client_id TEXT COLLATE "C" NOT NULL,
    key_id TEXT COLLATE "C" NOT NULL,
    sealed BYTEA NOT NULL,
    settings TEXT COLLATE "C" NOT NULL CHECK (json_valid(settings)),
    version BIGINT NOT NULL
);

-- Which user somebody is whom a provider knows. A provider calls nobody else by the same subject, whatever becomes of names.
CREATE TABLE user_identities (
    issuer TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    linked_at BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX user_identities_user ON user_identities (user_id);

-- Messages of a provider that ended sessions. They count once; each is kept until it would not be taken any more.
CREATE TABLE logout_tokens (
    issuer TEXT COLLATE "C" NOT NULL,
    token TEXT COLLATE "C" NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (issuer, token)
);
CREATE INDEX logout_tokens_expires ON logout_tokens (expires_at);

-- By which provider a session began, and what the provider calls its own session. Nothing: by a password or a passkey.
ALTER TABLE sessions ADD COLUMN issuer TEXT COLLATE "C";
ALTER TABLE sessions ADD COLUMN provider_session TEXT COLLATE "C";
CREATE INDEX sessions_provider ON sessions (provider_session) WHERE provider_session IS NOT NULL;

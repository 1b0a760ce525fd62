-- Passkeys (WebAuthn): a second factor, or a sign-in without a password.

-- "credential_id" is what the authenticator calls it, in base64url; "host" is the name for which it was made, and it works for
-- no other. "credential" holds the public key and what was last said with it, as `webauthn-rs` reads it; "counter" is the
-- authenticator's own count of uses, which never goes back.
CREATE TABLE passkeys (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    credential_id TEXT NOT NULL UNIQUE,
    host TEXT NOT NULL,
    name TEXT NOT NULL,
    credential TEXT NOT NULL CHECK (json_valid(credential)),
    counter INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT;
CREATE INDEX passkeys_user ON passkeys (user_id, created_at);

-- What a browser was asked to sign, until it answers: at most one for each session, each sign-in that is under way and each
-- browser that signs in with a passkey alone. "id" is that of the session or sign-in, or the hash of the browser's token.
CREATE TABLE passkey_challenges (
    id TEXT PRIMARY KEY,
    state TEXT NOT NULL CHECK (json_valid(state)),
    options TEXT NOT NULL CHECK (json_valid(options)),
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX passkey_challenges_at ON passkey_challenges (created_at);

-- Signing in, in steps: the password, the second factor, a password of one's own.

-- Somebody else chose the password: at the next sign-in the user chooses another one.
ALTER TABLE users ADD COLUMN password_temporary INTEGER NOT NULL DEFAULT 0;

-- In which browser and on which system a session was begun, by their names; empty: not known.
ALTER TABLE sessions ADD COLUMN browser TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN system TEXT NOT NULL DEFAULT '';

-- Who has given the right password and not yet all that is asked for. It is no session: it opens nothing but the next
-- step. "verified" is the password hash that was verified; "wrong" counts wrong codes.
CREATE TABLE sign_ins (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    verified TEXT NOT NULL,
    factor INTEGER NOT NULL DEFAULT 0,
    wrong INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sign_ins_user ON sign_ins (user_id, created_at);

-- Codes of an authenticator app (RFC 6238). "secret" is the key that counts, in base32; "setup" is one that waits for its
-- first code. "last_step" is the time step of the last code that was taken: none before it is taken again.
CREATE TABLE second_factors (
    user_id TEXT PRIMARY KEY REFERENCES users (id),
    secret TEXT,
    setup TEXT,
    last_step INTEGER NOT NULL DEFAULT 0
) STRICT;

-- What takes the place of a code, once. "code" is a hash of the user and the code.
CREATE TABLE recovery_codes (
    user_id TEXT NOT NULL REFERENCES users (id),
    code TEXT NOT NULL,
    PRIMARY KEY (user_id, code)
) STRICT;

-- The schema that SQLite has after its migration 0045. A later migration has the same number in both folders, and changes the same.
--
-- Text compares bytewise, as SQLite's does: orders and pages rest on it. A truth value is 1 or 0. PostgreSQL 15 or later, in a database whose
-- encoding is UTF8.

-- ---- What SQLite has and PostgreSQL has not, so that statements have one text for both ----

CREATE FUNCTION max(a BIGINT, b BIGINT) RETURNS BIGINT LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT CASE WHEN a >= b THEN a WHEN a < b THEN b END $$;
CREATE FUNCTION min(a BIGINT, b BIGINT) RETURNS BIGINT LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT CASE WHEN a <= b THEN a WHEN a > b THEN b END $$;
CREATE FUNCTION instr(text TEXT, part TEXT) RETURNS BIGINT LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT strpos(text, part)::BIGINT $$;
CREATE FUNCTION hex(bytes BYTEA) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT upper(encode(bytes, 'hex')) $$;

-- An error for a text that is no JSON. (`json` is a word of PostgreSQL's own since 17, and no parameter's name.)
CREATE FUNCTION json_valid(document TEXT) RETURNS BOOLEAN LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT document::JSON IS NOT NULL $$;
-- The members of a list of texts.
CREATE FUNCTION json_each(list TEXT) RETURNS TABLE (value TEXT) LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 10
    AS $$ SELECT jsonb_array_elements_text(list::JSONB) $$;
CREATE FUNCTION json_of_group(members ANYCOMPATIBLEARRAY) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT to_json(members)::TEXT $$;
CREATE AGGREGATE json_group_array(ANYCOMPATIBLE) (
    SFUNC = array_append, STYPE = ANYCOMPATIBLEARRAY, INITCOND = '{}', FINALFUNC = json_of_group
);

-- $.a.b[1] as PostgreSQL has it: {a,b,1}.
CREATE FUNCTION json_path(path TEXT) RETURNS TEXT[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT string_to_array(trim(BOTH '.' FROM translate(substr(path, 2), '[]', '.')), '.') $$;
CREATE FUNCTION json_extract(document TEXT, path TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT document::JSONB #>> json_path(path) $$;
CREATE FUNCTION json_type(document TEXT, path TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT CASE jsonb_typeof(document::JSONB #> json_path(path)) WHEN 'string' THEN 'text' ELSE 'other' END $$;
-- Paths and what stands there then, in turn; a path that leads to nothing changes nothing.
CREATE FUNCTION json_replace(document TEXT, VARIADIC replaced TEXT[]) RETURNS TEXT LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    AS $$
DECLARE
    changed JSONB := document::JSONB;
BEGIN
    FOR i IN 1 .. array_length(replaced, 1) BY 2 LOOP
        IF changed #> json_path(replaced[i]) IS NOT NULL THEN
            changed := jsonb_set(changed, json_path(replaced[i]), to_jsonb(replaced[i + 1]), FALSE);
        END IF;
    END LOOP;
    RETURN changed::TEXT;
END
$$;

-- The words of a text that is searched, each with its places. Made here, because PostgreSQL's own parser has other ideas of a word.
CREATE FUNCTION word_places(words TEXT) RETURNS TSVECTOR LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT COALESCE(string_agg('''' || replace(replace(word, '\', '\\'), '''', '''''') || ''':' || place, ' '), '')::TSVECTOR
    FROM string_to_table(words, ' ') WITH ORDINALITY AS split (word, place) WHERE word <> ''
$$;

-- ---- The tables ----

CREATE TABLE store (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    epoch TEXT COLLATE "C" NOT NULL
);

CREATE TABLE users (
    id TEXT COLLATE "C" PRIMARY KEY,
    username TEXT COLLATE "C" NOT NULL UNIQUE,
    name TEXT COLLATE "C" NOT NULL,
    password_hash TEXT COLLATE "C" NOT NULL,
    active BIGINT NOT NULL DEFAULT 1,
    presence TEXT COLLATE "C" NOT NULL DEFAULT 'available',
    pop_up BIGINT NOT NULL DEFAULT 1,
    own_seq BIGINT NOT NULL DEFAULT 0,
    assigned_at BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    absent_since BIGINT,
    capacity TEXT COLLATE "C",
    version BIGINT NOT NULL DEFAULT 0,
    language TEXT COLLATE "C",
    password_temporary BIGINT NOT NULL DEFAULT 0,
    name_key TEXT COLLATE "C" NOT NULL DEFAULT '',
    deleted_at BIGINT,
    letter_keys BIGINT NOT NULL DEFAULT 1
);

CREATE TABLE user_roles (
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    role TEXT COLLATE "C" NOT NULL CHECK (role IN ('agent', 'supervisor', 'administrator')),
    place BIGINT NOT NULL,
    PRIMARY KEY (user_id, role)
);

CREATE TABLE sessions (
    id TEXT COLLATE "C" PRIMARY KEY,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    idle_us BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    proved_at BIGINT NOT NULL DEFAULT 0,
    browser TEXT COLLATE "C" NOT NULL DEFAULT '',
    system TEXT COLLATE "C" NOT NULL DEFAULT ''
);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE teams (
    id TEXT COLLATE "C" PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 0,
    name_key TEXT COLLATE "C" NOT NULL DEFAULT '',
    deleted_at BIGINT,
    priority TEXT COLLATE "C" NOT NULL DEFAULT 'normal' CHECK (priority IN ('high', 'normal', 'low'))
);

CREATE TABLE team_members (
    team_id TEXT COLLATE "C" NOT NULL REFERENCES teams (id),
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    PRIMARY KEY (team_id, user_id)
);
CREATE INDEX team_members_user ON team_members (user_id);

CREATE TABLE team_supervisors (
    team_id TEXT COLLATE "C" NOT NULL REFERENCES teams (id),
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    PRIMARY KEY (team_id, user_id)
);
CREATE INDEX team_supervisors_user ON team_supervisors (user_id);

CREATE TABLE channels (
    key TEXT COLLATE "C" PRIMARY KEY,
    team_id TEXT COLLATE "C" NOT NULL REFERENCES teams (id),
    name TEXT COLLATE "C" NOT NULL,
    active BIGINT NOT NULL DEFAULT 1,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 0,
    kind TEXT COLLATE "C" NOT NULL DEFAULT 'chat',
    address TEXT COLLATE "C" NOT NULL DEFAULT '',
    settings TEXT COLLATE "C" NOT NULL DEFAULT '{}' CHECK (json_valid(settings)),
    text_max BIGINT NOT NULL DEFAULT 4000,
    heard_at BIGINT,
    deleted_at BIGINT,
    text_in_bytes BIGINT NOT NULL DEFAULT 0,
    answer_window_us BIGINT
);

CREATE TABLE workitems (
    id TEXT COLLATE "C" PRIMARY KEY,
    channel TEXT COLLATE "C" NOT NULL CHECK (channel IN ('chat', 'social', 'sms', 'phone', 'email')),
    customer TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('queued', 'active', 'wrap_up', 'closed')),
    agent_id TEXT COLLATE "C" REFERENCES users (id),
    team_id TEXT COLLATE "C" NOT NULL REFERENCES teams (id),
    started_at BIGINT NOT NULL,
    last_activity_at BIGINT NOT NULL,
    waiting_since BIGINT,
    preview TEXT COLLATE "C" NOT NULL DEFAULT '',
    read_through BIGINT NOT NULL DEFAULT 0,
    unread BIGINT NOT NULL DEFAULT 0,
    -- The staff topic: the last revision given out, the last entry number, and the revision of this row.
    head BIGINT NOT NULL DEFAULT 0,
    last_entry BIGINT NOT NULL DEFAULT 0,
    rev BIGINT NOT NULL DEFAULT 0,
    given_at BIGINT NOT NULL DEFAULT 0,
    expiring BIGINT NOT NULL DEFAULT 0,
    erased_at BIGINT,
    customer_key TEXT COLLATE "C" NOT NULL DEFAULT '',
    events BIGINT NOT NULL DEFAULT 0,
    taken_from TEXT COLLATE "C" REFERENCES users (id),
    first_answer_at BIGINT
);
CREATE INDEX workitems_agent ON workitems (agent_id, state);
CREATE INDEX workitems_queue ON workitems (state, team_id, started_at);

CREATE TABLE customer_views (
    workitem_id TEXT COLLATE "C" PRIMARY KEY,
    head BIGINT NOT NULL DEFAULT 0,
    ended BIGINT NOT NULL DEFAULT 0,
    channel_key TEXT COLLATE "C" REFERENCES channels (key),
    visitor TEXT COLLATE "C"
);

CREATE TABLE customer_entries (
    workitem_id TEXT COLLATE "C" NOT NULL REFERENCES customer_views (workitem_id),
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('mine', 'theirs', 'ended')),
    name TEXT COLLATE "C" NOT NULL DEFAULT '',
    text TEXT COLLATE "C" NOT NULL DEFAULT '',
    key TEXT COLLATE "C" NOT NULL DEFAULT '',
    files BIGINT NOT NULL DEFAULT 0,
    resumed BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (workitem_id, seq)
);

CREATE TABLE customer_visitors (
    channel_key TEXT COLLATE "C" NOT NULL REFERENCES channels (key),
    visitor TEXT COLLATE "C" NOT NULL,
    workitem_id TEXT COLLATE "C" NOT NULL REFERENCES customer_views (workitem_id),
    name TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (channel_key, visitor)
);

CREATE TABLE entries (
    workitem_id TEXT COLLATE "C" NOT NULL REFERENCES workitems (id),
    seq BIGINT NOT NULL,
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    rev BIGINT NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('customer', 'agent', 'coaching', 'monitoring_started', 'monitoring_ended', 'notice')),
    author_id TEXT COLLATE "C",
    name TEXT COLLATE "C" NOT NULL DEFAULT '',
    customer_seq BIGINT,
    reason TEXT COLLATE "C" CHECK (reason IN ('left', 'connection_lost', 'signed_out', 'authority_lost', 'workitem_closed')),
    delivery TEXT COLLATE "C" CHECK (delivery IN ('queued', 'sent', 'failed', 'delivered', 'read')),
    delivery_reason TEXT COLLATE "C",
    delivery_code BIGINT,
    search_id BIGINT,
    by_supervisor BIGINT NOT NULL DEFAULT 0 CHECK (by_supervisor IN (0, 1)),
    PRIMARY KEY (workitem_id, seq)
);
CREATE UNIQUE INDEX entries_rev ON entries (workitem_id, rev);

CREATE TABLE coaching (
    entry_id TEXT COLLATE "C" PRIMARY KEY REFERENCES entries (id),
    text TEXT COLLATE "C" NOT NULL,
    reaction TEXT COLLATE "C" CHECK (reaction IN ('thumbs_up', 'thumbs_down')),
    forwarded_at BIGINT,
    forwarded_entry TEXT COLLATE "C" REFERENCES entries (id),
    seen_at BIGINT,
    dismissed_at BIGINT,
    sealed_team TEXT COLLATE "C" REFERENCES teams (id),
    by_agent BIGINT NOT NULL DEFAULT 0 CHECK (by_agent IN (0, 1))
);

CREATE TABLE monitoring (
    workitem_id TEXT COLLATE "C" NOT NULL REFERENCES workitems (id),
    supervisor_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    started_at BIGINT NOT NULL,
    PRIMARY KEY (workitem_id, supervisor_id)
);

CREATE TABLE templates (
    id TEXT COLLATE "C" PRIMARY KEY,
    title TEXT COLLATE "C" NOT NULL,
    text TEXT COLLATE "C" NOT NULL,
    active BIGINT NOT NULL,
    place BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 0,
    target_min BIGINT
);

CREATE TABLE requests (
    id TEXT COLLATE "C" PRIMARY KEY,
    agent_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    text TEXT COLLATE "C" NOT NULL,
    choice TEXT COLLATE "C" NOT NULL CHECK (choice IN ('all_available', 'all_signed_in', 'one')),
    workitem_id TEXT COLLATE "C" REFERENCES workitems (id),
    subject TEXT COLLATE "C",
    at BIGINT NOT NULL,
    answered_at BIGINT,
    answered_by TEXT COLLATE "C" REFERENCES users (id),
    settled_how TEXT COLLATE "C",
    claimed_at BIGINT,
    claimed_by TEXT COLLATE "C" REFERENCES users (id),
    target_min BIGINT
);
CREATE INDEX requests_open ON requests (agent_id) WHERE answered_at IS NULL;

CREATE TABLE directory_conversations (
    low TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    high TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    head BIGINT NOT NULL DEFAULT 0,
    low_read BIGINT NOT NULL DEFAULT 0,
    high_read BIGINT NOT NULL DEFAULT 0,
    pruned BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (low, high)
);
CREATE INDEX directory_conversations_high ON directory_conversations (high);

CREATE TABLE directory_messages (
    low TEXT COLLATE "C" NOT NULL,
    high TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL,
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    at BIGINT NOT NULL,
    from_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    text TEXT COLLATE "C" NOT NULL,
    request_id TEXT COLLATE "C" REFERENCES requests (id),
    PRIMARY KEY (low, high, seq),
    FOREIGN KEY (low, high) REFERENCES directory_conversations (low, high)
);
CREATE INDEX directory_messages_request ON directory_messages (request_id);

CREATE TABLE own_log (
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    seq BIGINT NOT NULL,
    event TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (user_id, seq)
);

CREATE TABLE commands (
    id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    sender TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    answer TEXT COLLATE "C" NOT NULL,
    digest BYTEA,
    UNIQUE (sender, key)
);

CREATE TABLE audit (
    id BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    actor_id TEXT COLLATE "C",
    what TEXT COLLATE "C" NOT NULL,
    about TEXT COLLATE "C" NOT NULL,
    outcome TEXT COLLATE "C" NOT NULL DEFAULT 'done' CHECK (outcome IN ('done', 'refused')),
    changes TEXT COLLATE "C" NOT NULL DEFAULT '[]' CHECK (json_valid(changes)),
    skipped BIGINT NOT NULL DEFAULT 0,
    digest BYTEA NOT NULL DEFAULT ''
);

CREATE TABLE organisation (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    settings TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL
);
CREATE INDEX requests_open_workitem ON requests (workitem_id) WHERE answered_at IS NULL;

CREATE TABLE dismissals (
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    message_id TEXT COLLATE "C" NOT NULL REFERENCES directory_messages (id),
    at BIGINT NOT NULL,
    PRIMARY KEY (user_id, message_id)
);
CREATE INDEX entries_coaching ON entries (workitem_id, seq) WHERE kind = 'coaching';

CREATE TABLE organisation_changes (
    version BIGINT PRIMARY KEY,
    settings TEXT COLLATE "C" NOT NULL,
    by_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    at BIGINT NOT NULL
);
CREATE INDEX users_absent ON users (absent_since) WHERE absent_since IS NOT NULL;

CREATE TABLE known_browsers (
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    browser TEXT COLLATE "C" NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, browser)
);
CREATE INDEX known_browsers_seen ON known_browsers (user_id, seen_at);

CREATE TABLE probe (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    count BIGINT NOT NULL,
    room BYTEA
);
CREATE INDEX user_roles_role ON user_roles (role, user_id);
CREATE INDEX channels_team ON channels (team_id);
CREATE INDEX workitems_queued ON workitems (started_at, id) WHERE state = 'queued';
CREATE INDEX customer_visitors_visitor ON customer_visitors (visitor);
CREATE INDEX sessions_latest ON sessions (user_id, created_at);
CREATE INDEX audit_about ON audit (about, what);
CREATE INDEX customer_visitors_workitem ON customer_visitors (workitem_id);

CREATE TABLE notices (
    entry_id TEXT COLLATE "C" PRIMARY KEY REFERENCES entries (id),
    notice TEXT COLLATE "C" NOT NULL CHECK (json_valid(notice))
);

CREATE TABLE sign_ins (
    id TEXT COLLATE "C" PRIMARY KEY,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    verified TEXT COLLATE "C" NOT NULL,
    factor BIGINT NOT NULL DEFAULT 0,
    wrong BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL
);
CREATE INDEX sign_ins_user ON sign_ins (user_id, created_at);

CREATE TABLE second_factors (
    user_id TEXT COLLATE "C" PRIMARY KEY REFERENCES users (id),
    secret TEXT COLLATE "C",
    setup TEXT COLLATE "C",
    last_step BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE recovery_codes (
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    code TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (user_id, code)
);

CREATE TABLE audit_anchor (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    last_id BIGINT NOT NULL,
    digest BYTEA NOT NULL
);
CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_actor ON audit (actor_id, at);
CREATE INDEX audit_what ON audit (what, at);
CREATE INDEX audit_object ON audit (about, at);
CREATE INDEX audit_outcome ON audit (outcome, at);
CREATE INDEX workitems_closed ON workitems (last_activity_at) WHERE state = 'closed';
CREATE INDEX directory_messages_at ON directory_messages (at);
CREATE INDEX requests_workitem ON requests (workitem_id);
CREATE INDEX dismissals_message ON dismissals (message_id);
CREATE INDEX coaching_forwarded ON coaching (forwarded_entry) WHERE forwarded_entry IS NOT NULL;
CREATE INDEX customer_views_visitor ON customer_views (visitor);
CREATE INDEX users_name ON users (name_key);
CREATE INDEX workitems_customer ON workitems (customer_key, started_at);
CREATE UNIQUE INDEX channels_address ON channels (kind, address) WHERE kind <> 'chat';

CREATE TABLE channel_secrets (
    channel_key TEXT COLLATE "C" NOT NULL REFERENCES channels (key),
    name TEXT COLLATE "C" NOT NULL,
    key_id TEXT COLLATE "C" NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (channel_key, name)
);

CREATE TABLE customer_identities (
    id TEXT COLLATE "C" PRIMARY KEY,
    channel_key TEXT COLLATE "C" NOT NULL REFERENCES channels (key),
    address TEXT COLLATE "C" NOT NULL,
    sent BIGINT NOT NULL DEFAULT 0,
    stopped_at BIGINT,
    heard_at BIGINT,
    user_id TEXT COLLATE "C",
    UNIQUE (channel_key, address)
);

CREATE TABLE deliveries (
    entry_id TEXT COLLATE "C" PRIMARY KEY REFERENCES entries (id),
    identity_id TEXT COLLATE "C" NOT NULL REFERENCES customer_identities (id),
    number BIGINT NOT NULL,
    provider_id TEXT COLLATE "C",
    handed_at BIGINT,
    unsettled_since BIGINT,
    UNIQUE (identity_id, number)
);
CREATE INDEX deliveries_provider ON deliveries (provider_id) WHERE provider_id IS NOT NULL;

CREATE TABLE jobs (
    id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL,
    about TEXT COLLATE "C" NOT NULL UNIQUE,
    lane TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    run_after BIGINT NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    lease TEXT COLLATE "C",
    unsettled BIGINT NOT NULL DEFAULT 0,
    queue TEXT COLLATE "C" NOT NULL DEFAULT ''
);
CREATE INDEX jobs_lane ON jobs (lane, id);

CREATE TABLE api_tokens (
    id TEXT COLLATE "C" PRIMARY KEY,
    hash TEXT COLLATE "C" NOT NULL UNIQUE,
    name TEXT COLLATE "C" NOT NULL,
    scopes TEXT COLLATE "C" NOT NULL CHECK (json_valid(scopes)),
    team_id TEXT COLLATE "C" REFERENCES teams (id),
    created_by TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    last_used_at BIGINT,
    revoked_at BIGINT
);
CREATE INDEX workitems_started ON workitems (started_at, id) WHERE started_at > 0;
CREATE INDEX workitems_team_started ON workitems (team_id, started_at, id) WHERE started_at > 0;
CREATE INDEX requests_at ON requests (at, id) WHERE at > 0;
CREATE INDEX workitems_closed_of ON workitems (agent_id, last_activity_at, id) WHERE state = 'closed';

CREATE TABLE name_words (
    workitem_id TEXT COLLATE "C" NOT NULL REFERENCES workitems (id),
    word TEXT COLLATE "C" NOT NULL,
    started_at BIGINT NOT NULL,
    PRIMARY KEY (workitem_id, word)
);

CREATE TABLE webhook_receivers (
    id TEXT COLLATE "C" PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    place TEXT COLLATE "C" NOT NULL,
    events TEXT COLLATE "C" NOT NULL CHECK (json_valid(events)),
    active BIGINT NOT NULL DEFAULT 1,
    version BIGINT NOT NULL DEFAULT 0,
    created_by TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL,
    succeeded_at BIGINT,
    failing_since BIGINT,
    failures BIGINT NOT NULL DEFAULT 0,
    paused_until BIGINT NOT NULL DEFAULT 0,
    off_reason TEXT COLLATE "C" CHECK (off_reason IN ('gone', 'failing')),
    off_at BIGINT,
    deleted_at BIGINT,
    teams TEXT COLLATE "C" CHECK (json_valid(teams))
);

CREATE TABLE webhook_secrets (
    receiver_id TEXT COLLATE "C" NOT NULL REFERENCES webhook_receivers (id),
    name TEXT COLLATE "C" NOT NULL,
    key_id TEXT COLLATE "C" NOT NULL,
    sealed BYTEA NOT NULL,
    expires_at BIGINT,
    PRIMARY KEY (receiver_id, name)
);

CREATE TABLE webhook_events (
    number BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    receiver_id TEXT COLLATE "C" NOT NULL REFERENCES webhook_receivers (id),
    kind TEXT COLLATE "C" NOT NULL,
    facts TEXT COLLATE "C" NOT NULL CHECK (json_valid(facts)),
    sequence BIGINT,
    at BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'failed', 'dropped')),
    attempts BIGINT NOT NULL DEFAULT 0,
    tried_at BIGINT,
    status BIGINT,
    reason TEXT COLLATE "C"
);
CREATE INDEX webhook_events_receiver ON webhook_events (receiver_id, number);
CREATE INDEX webhook_events_at ON webhook_events (at);
CREATE INDEX webhook_events_failed ON webhook_events (receiver_id, at) WHERE state = 'failed';
CREATE INDEX jobs_queue ON jobs (kind, queue, run_after, id);

CREATE TABLE passkeys (
    id TEXT COLLATE "C" PRIMARY KEY,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    credential_id TEXT COLLATE "C" NOT NULL UNIQUE,
    host TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    credential TEXT COLLATE "C" NOT NULL CHECK (json_valid(credential)),
    counter BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX passkeys_user ON passkeys (user_id, created_at);

CREATE TABLE passkey_challenges (
    id TEXT COLLATE "C" PRIMARY KEY,
    state TEXT COLLATE "C" NOT NULL CHECK (json_valid(state)),
    options TEXT COLLATE "C" NOT NULL CHECK (json_valid(options)),
    created_at BIGINT NOT NULL
);
CREATE INDEX passkey_challenges_at ON passkey_challenges (created_at);

CREATE TABLE former_deliveries (
    hash BYTEA PRIMARY KEY,
    entry_id TEXT COLLATE "C" NOT NULL REFERENCES entries (id)
);
CREATE INDEX former_deliveries_entry ON former_deliveries (entry_id);
CREATE INDEX jobs_due ON jobs (kind, run_after, id);

CREATE TABLE customer_files (
    workitem_id TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL,
    position BIGINT NOT NULL,
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    name TEXT COLLATE "C" NOT NULL,
    media_type TEXT COLLATE "C" NOT NULL,
    size BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL DEFAULT 'ready' CHECK (state IN ('ready', 'coming', 'refused', 'too_large', 'no_room', 'gone', 'no_answer', 'not_set_up')),
    PRIMARY KEY (workitem_id, seq, position),
    FOREIGN KEY (workitem_id, seq) REFERENCES customer_entries (workitem_id, seq)
);

CREATE TABLE customer_file_contents (
    file_id TEXT COLLATE "C" PRIMARY KEY REFERENCES customer_files (id),
    content BYTEA NOT NULL
);

CREATE TABLE file_sources (
    file_id TEXT COLLATE "C" PRIMARY KEY REFERENCES customer_files (id),
    entry_id TEXT COLLATE "C" NOT NULL REFERENCES entries (id),
    channel_key TEXT COLLATE "C" NOT NULL REFERENCES channels (key),
    source TEXT COLLATE "C" NOT NULL
);
CREATE INDEX file_sources_entry ON file_sources (entry_id);
CREATE INDEX requests_claimed ON requests (claimed_by) WHERE claimed_by IS NOT NULL AND answered_at IS NULL;

CREATE TABLE coaching_readers (
    entry_id TEXT COLLATE "C" NOT NULL REFERENCES entries (id) ON DELETE CASCADE,
    supervisor_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    seen_at BIGINT,
    PRIMARY KEY (entry_id, supervisor_id)
);
CREATE INDEX coaching_readers_unseen ON coaching_readers (supervisor_id) WHERE seen_at IS NULL;
CREATE UNIQUE INDEX entries_search ON entries (search_id) WHERE search_id IS NOT NULL;
CREATE UNIQUE INDEX customer_identities_user ON customer_identities (channel_key, user_id) WHERE user_id IS NOT NULL;
CREATE INDEX workitems_figures ON workitems (team_id, started_at, channel, first_answer_at, last_activity_at, state)
    WHERE state = 'closed';
CREATE INDEX entries_coached_at ON entries (at) WHERE kind = 'coaching';

CREATE TABLE saved_texts (
    id TEXT COLLATE "C" PRIMARY KEY,
    written_for TEXT COLLATE "C" NOT NULL CHECK (written_for IN ('customer', 'coaching')),
    owner_id TEXT COLLATE "C" REFERENCES users (id),
    team_id TEXT COLLATE "C" REFERENCES teams (id),
    title TEXT COLLATE "C" NOT NULL,
    text TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL DEFAULT 0,
    CHECK ((owner_id IS NULL) <> (team_id IS NULL))
);
CREATE INDEX saved_texts_owner ON saved_texts (owner_id) WHERE owner_id IS NOT NULL;
CREATE INDEX saved_texts_team ON saved_texts (team_id) WHERE team_id IS NOT NULL;

CREATE TABLE labels (
    id TEXT COLLATE "C" PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('outcome', 'tag')),
    name TEXT COLLATE "C" NOT NULL,
    name_key TEXT COLLATE "C" NOT NULL,
    team_id TEXT COLLATE "C" REFERENCES teams (id),
    active BIGINT NOT NULL DEFAULT 1,
    version BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX labels_name ON labels (kind, name_key, COALESCE(team_id, ''));

CREATE TABLE workitem_labels (
    workitem_id TEXT COLLATE "C" NOT NULL REFERENCES workitems (id),
    label_id TEXT COLLATE "C" NOT NULL REFERENCES labels (id),
    team_id TEXT COLLATE "C" NOT NULL,
    started_at BIGINT NOT NULL,
    PRIMARY KEY (workitem_id, label_id)
);
CREATE INDEX workitem_labels_figures ON workitem_labels (team_id, started_at, label_id);
CREATE INDEX coaching_helped ON coaching (entry_id) WHERE reaction = 'thumbs_up' OR forwarded_at IS NOT NULL;

-- The row of an entry has the number `entries.search_id`.
CREATE TABLE message_words (
    rowid BIGINT PRIMARY KEY,
    words TEXT COLLATE "C" NOT NULL,
    found TSVECTOR NOT NULL GENERATED ALWAYS AS (word_places(words)) STORED
);
CREATE INDEX message_words_found ON message_words USING gin (found);

CREATE TABLE coaching_words (
    rowid BIGINT PRIMARY KEY,
    words TEXT COLLATE "C" NOT NULL,
    found TSVECTOR NOT NULL GENERATED ALWAYS AS (word_places(words)) STORED
);
CREATE INDEX coaching_words_found ON coaching_words USING gin (found);

INSERT INTO organisation (one, settings, version) VALUES (1, '{}', 0);
INSERT INTO probe (one, count) VALUES (1, 0);
INSERT INTO audit_anchor (one, last_id, digest) VALUES (1, 0, decode(repeat('00', 32), 'hex'));

-- Conversations that are over, counted by team and day of their beginning in UTC: figures of a year read these rows in place of millions.
-- `figures` is what `store/sql/conversation_counts.rs` makes of one channel; nothing in it is a word of anybody's.
CREATE TABLE conversation_days (
    team_id TEXT COLLATE "C" NOT NULL,
    day BIGINT NOT NULL,
    channel TEXT COLLATE "C" NOT NULL,
    figures BYTEA NOT NULL,
    PRIMARY KEY (team_id, day, channel)
);

-- The same of their labels, and of those of conversations that are open.
CREATE TABLE label_days (
    team_id TEXT COLLATE "C" NOT NULL,
    day BIGINT NOT NULL,
    label_id TEXT COLLATE "C" NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (team_id, day, label_id)
);

-- What has changed since a day was counted. A day with a row here is read from the workitems and their labels, so what is kept
-- is never wrong. A row with the workitem '' stands for all of the day. `mark` is another one with each change, so that who has counted takes back
-- what it has seen and nothing else. Without references: those would lock what the workitem points to. The name stands behind `workitems`,
-- because a copy of everything fills tables in the order of their names, and what the triggers write meanwhile is replaced by what is copied.
CREATE TABLE workitems_changed (
    day BIGINT NOT NULL,
    team_id TEXT COLLATE "C" NOT NULL,
    workitem_id TEXT COLLATE "C" NOT NULL,
    mark BIGINT NOT NULL,
    PRIMARY KEY (day, team_id, workitem_id)
);

-- Triggers, because a release before this one closes workitems and deletes them as well. Each workitem has a row of its own, so two
-- transactions meet here only where they meet at the workitem.
CREATE FUNCTION workitem_has_changed() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        IF OLD.state = 'closed' THEN
            INSERT INTO workitems_changed (day, team_id, workitem_id, mark)
                VALUES (OLD.started_at / 86400000000, OLD.team_id, OLD.id, (random() * 9007199254740991)::BIGINT)
                ON CONFLICT (day, team_id, workitem_id) DO UPDATE SET mark = excluded.mark;
        END IF;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        IF NEW.state = 'closed' THEN
            INSERT INTO workitems_changed (day, team_id, workitem_id, mark)
                VALUES (NEW.started_at / 86400000000, NEW.team_id, NEW.id, (random() * 9007199254740991)::BIGINT)
                ON CONFLICT (day, team_id, workitem_id) DO UPDATE SET mark = excluded.mark;
        END IF;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER workitems_changed_new AFTER INSERT ON workitems FOR EACH ROW WHEN (NEW.state = 'closed')
    EXECUTE FUNCTION workitem_has_changed();
CREATE TRIGGER workitems_changed_is AFTER UPDATE ON workitems FOR EACH ROW
    WHEN ((OLD.state = 'closed' OR NEW.state = 'closed')
        AND (OLD.state, OLD.team_id, OLD.channel, OLD.started_at, OLD.first_answer_at, OLD.first_given_at, OLD.last_activity_at, OLD.shut_at)
            IS DISTINCT FROM
            (NEW.state, NEW.team_id, NEW.channel, NEW.started_at, NEW.first_answer_at, NEW.first_given_at, NEW.last_activity_at, NEW.shut_at))
    EXECUTE FUNCTION workitem_has_changed();
CREATE TRIGGER workitems_changed_gone AFTER DELETE ON workitems FOR EACH ROW WHEN (OLD.state = 'closed')
    EXECUTE FUNCTION workitem_has_changed();
CREATE FUNCTION workitem_labels_have_changed() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO workitems_changed (day, team_id, workitem_id, mark)
            VALUES (OLD.started_at / 86400000000, OLD.team_id, OLD.workitem_id, (random() * 9007199254740991)::BIGINT)
            ON CONFLICT (day, team_id, workitem_id) DO UPDATE SET mark = excluded.mark;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO workitems_changed (day, team_id, workitem_id, mark)
            VALUES (NEW.started_at / 86400000000, NEW.team_id, NEW.workitem_id, (random() * 9007199254740991)::BIGINT)
            ON CONFLICT (day, team_id, workitem_id) DO UPDATE SET mark = excluded.mark;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER workitems_changed_labels AFTER INSERT OR UPDATE OR DELETE ON workitem_labels FOR EACH ROW
    EXECUTE FUNCTION workitem_labels_have_changed();

-- All days are to be counted. Behind the triggers, whose locks nodes of the release before wait for: what they wrote until then is seen
-- here, and what they write afterwards is marked.
INSERT INTO workitems_changed (day, team_id, workitem_id, mark)
    SELECT DISTINCT started_at / 86400000000, team_id, '', 0 FROM workitems WHERE state = 'closed'
    UNION SELECT DISTINCT started_at / 86400000000, team_id, '', 0 FROM workitem_labels;

-- An agent's closed conversations by when they began: those of the weeks around the first coaching, and no others.
CREATE INDEX workitems_begun_of ON workitems (agent_id, started_at, team_id, first_answer_at, closed_at, state) WHERE state = 'closed';

-- The HTTP API lists ratings and flags for review, the newest first.
CREATE INDEX customer_ratings_at ON customer_ratings (at, workitem_id);
CREATE INDEX workitem_reviews_at ON workitem_reviews (flagged_at, workitem_id);

-- Conversations that are over, counted by team and day of their beginning in UTC: figures of a year read these rows in place of millions.
-- `figures` is what `store/sql/conversation_counts.rs` makes of one channel; nothing in it is a word of anybody's.
CREATE TABLE conversation_days (
    team_id TEXT NOT NULL,
    day INTEGER NOT NULL,
    channel TEXT NOT NULL,
    figures BLOB NOT NULL,
    PRIMARY KEY (team_id, day, channel)
) STRICT;

-- The same of their labels, and of those of conversations that are open.
CREATE TABLE label_days (
    team_id TEXT NOT NULL,
    day INTEGER NOT NULL,
    label_id TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (team_id, day, label_id)
) STRICT, WITHOUT ROWID;

-- What has changed since a day was counted. A day with a row here is read from the workitems and their labels, so what is kept
-- is never wrong. A row with the workitem '' stands for all of the day. `mark` is another one with each change, so that who has counted takes back
-- what it has seen and nothing else. Without references: those would lock what the workitem points to. The name stands behind `workitems`,
-- because a copy of everything fills tables in the order of their names, and what the triggers write meanwhile is replaced by what is copied.
CREATE TABLE workitems_changed (
    day INTEGER NOT NULL,
    team_id TEXT NOT NULL,
    workitem_id TEXT NOT NULL,
    mark INTEGER NOT NULL,
    PRIMARY KEY (day, team_id, workitem_id)
) STRICT, WITHOUT ROWID;
INSERT INTO workitems_changed (day, team_id, workitem_id, mark)
    SELECT DISTINCT started_at / 86400000000, team_id, '', 0 FROM workitems WHERE state = 'closed'
    UNION SELECT DISTINCT started_at / 86400000000, team_id, '', 0 FROM workitem_labels;

-- Triggers, because a release before this one closes workitems and deletes them as well.
CREATE TRIGGER workitems_changed_new AFTER INSERT ON workitems WHEN NEW.state = 'closed' BEGIN
    INSERT INTO workitems_changed (day, team_id, workitem_id, mark)
        VALUES (NEW.started_at / 86400000000, NEW.team_id, NEW.id, random())
        ON CONFLICT (day, team_id, workitem_id) DO UPDATE SET mark = excluded.mark;
END;
CREATE TRIGGER workitems_changed_is AFTER UPDATE OF state, team_id, channel, started_at, first_answer_at, first_given_at,
    last_activity_at, shut_at ON workitems WHEN NEW.state = 'closed' BEGIN
    INSERT INTO workitems_changed (day, team_id, workitem_id, mark)
        VALUES (NEW.started_at / 86400000000, NEW.team_id, NEW.id, random())
        ON CONFLICT (day, team_id, workitem_id) DO UPDATE SET mark = excluded.mark;
END;
CREATE TRIGGER workitems_changed_was AFTER UPDATE OF state, team_id, started_at ON workitems WHEN OLD.state = 'closed'
    AND (NEW.state <> 'closed' OR NEW.team_id <> OLD.team_id OR NEW.started_at <> OLD.started_at) BEGIN
    INSERT INTO workitems_changed (day, team_id, workitem_id, mark)
        VALUES (OLD.started_at / 86400000000, OLD.team_id, OLD.id, random())
        ON CONFLICT (day, team_id, workitem_id) DO UPDATE SET mark = excluded.mark;
END;
CREATE TRIGGER workitems_changed_gone AFTER DELETE ON workitems WHEN OLD.state = 'closed' BEGIN
    INSERT INTO workitems_changed (day, team_id, workitem_id, mark)
        VALUES (OLD.started_at / 86400000000, OLD.team_id, OLD.id, random())
        ON CONFLICT (day, team_id, workitem_id) DO UPDATE SET mark = excluded.mark;
END;
CREATE TRIGGER workitems_changed_labelled AFTER INSERT ON workitem_labels BEGIN
    INSERT INTO workitems_changed (day, team_id, workitem_id, mark)
        VALUES (NEW.started_at / 86400000000, NEW.team_id, NEW.workitem_id, random())
        ON CONFLICT (day, team_id, workitem_id) DO UPDATE SET mark = excluded.mark;
END;
CREATE TRIGGER workitems_changed_moved AFTER UPDATE ON workitem_labels BEGIN
    INSERT INTO workitems_changed (day, team_id, workitem_id, mark)
        VALUES (OLD.started_at / 86400000000, OLD.team_id, OLD.workitem_id, random())
        ON CONFLICT (day, team_id, workitem_id) DO UPDATE SET mark = excluded.mark;
    INSERT INTO workitems_changed (day, team_id, workitem_id, mark)
        VALUES (NEW.started_at / 86400000000, NEW.team_id, NEW.workitem_id, random())
        ON CONFLICT (day, team_id, workitem_id) DO UPDATE SET mark = excluded.mark;
END;
CREATE TRIGGER workitems_changed_unlabelled AFTER DELETE ON workitem_labels BEGIN
    INSERT INTO workitems_changed (day, team_id, workitem_id, mark)
        VALUES (OLD.started_at / 86400000000, OLD.team_id, OLD.workitem_id, random())
        ON CONFLICT (day, team_id, workitem_id) DO UPDATE SET mark = excluded.mark;
END;

-- An agent's closed conversations by when they began: those of the weeks around the first coaching, and no others.
CREATE INDEX workitems_begun_of ON workitems (agent_id, started_at, team_id, first_answer_at, last_activity_at, state) WHERE state = 'closed';

-- The HTTP API lists ratings and flags for review, the newest first.
CREATE INDEX customer_ratings_at ON customer_ratings (at, workitem_id);
CREATE INDEX workitem_reviews_at ON workitem_reviews (flagged_at, workitem_id);

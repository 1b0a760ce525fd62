-- What an administrator deletes is offered nowhere any more. Its row stays, because conversations and the audit log name it,
-- and so do its username, its name or its address: nothing else is ever called so.

ALTER TABLE users ADD COLUMN deleted_at INTEGER;
ALTER TABLE teams ADD COLUMN deleted_at INTEGER;
ALTER TABLE channels ADD COLUMN deleted_at INTEGER;

-- What an agent closed last.
CREATE INDEX workitems_closed_of ON workitems (agent_id, last_activity_at, id) WHERE state = 'closed';

-- The words of customers' names, as they are compared (`shared::fold`), so that each of them is found. The program fills them
-- in for the workitems that are here.
CREATE TABLE name_words (
    workitem_id TEXT NOT NULL REFERENCES workitems (id),
    word TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    PRIMARY KEY (workitem_id, word)
) STRICT, WITHOUT ROWID;
CREATE INDEX name_words_word ON name_words (word, started_at);

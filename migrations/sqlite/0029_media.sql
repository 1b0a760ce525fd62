-- Files that providers have: they are fetched after their messages were taken.

-- Whether the content is here ('ready'), is being fetched ('coming'), or why it is not.
ALTER TABLE customer_files ADD COLUMN state TEXT NOT NULL DEFAULT 'ready' CHECK (state IN ('ready', 'coming', 'refused',
    'too_large', 'no_room', 'gone', 'no_answer', 'not_set_up'));

-- Where the provider of a channel has a file that is coming: an address or a name of the provider's, which nobody needs afterwards.
CREATE TABLE file_sources (
    file_id TEXT PRIMARY KEY REFERENCES customer_files (id),
    entry_id TEXT NOT NULL REFERENCES entries (id),
    channel_key TEXT NOT NULL REFERENCES channels (key),
    source TEXT NOT NULL
) STRICT;
CREATE INDEX file_sources_entry ON file_sources (entry_id);

-- Files that came with customers' messages. What a message says of them stands apart from their content, which is read only
-- when somebody opens the file: conversations and lists never touch it.

-- How many files came with the line.
ALTER TABLE customer_entries ADD COLUMN files INTEGER NOT NULL DEFAULT 0;

CREATE TABLE customer_files (
    workitem_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    position INTEGER NOT NULL,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size INTEGER NOT NULL,
    PRIMARY KEY (workitem_id, seq, position),
    FOREIGN KEY (workitem_id, seq) REFERENCES customer_entries (workitem_id, seq)
) STRICT;

CREATE TABLE customer_file_contents (
    file_id TEXT PRIMARY KEY REFERENCES customer_files (id),
    content BLOB NOT NULL
) STRICT;

-- What was said can be searched: by the words of each entry as they are compared (`shared::search`). Messages and coaching have an
-- index each, so that nobody finds by coaching that they may not read. The program fills them in for the entries that are here.

-- Where an entry stands in its index: when it was written, in milliseconds times 2^20, and its place among the entries of that
-- moment. So the order of the index is the order of time. Nothing for an entry without words.
ALTER TABLE entries ADD COLUMN search_id INTEGER;
CREATE UNIQUE INDEX entries_search ON entries (search_id) WHERE search_id IS NOT NULL;

CREATE VIRTUAL TABLE message_words USING fts5 (words, columnsize = 0,
    tokenize = "unicode61 remove_diacritics 0 categories 'L* N* Co M*'");
CREATE VIRTUAL TABLE coaching_words USING fts5 (words, columnsize = 0,
    tokenize = "unicode61 remove_diacritics 0 categories 'L* N* Co M*'");
-- What is deleted leaves the index at once, and not when its parts are merged one day.
INSERT INTO message_words (message_words, rank) VALUES ('secure-delete', 1);
INSERT INTO coaching_words (coaching_words, rank) VALUES ('secure-delete', 1);

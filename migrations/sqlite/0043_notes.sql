-- Notes are searched like messages: the program adds those that are there to the index of messages
-- (server/src/store/sqlite/history.rs). Nothing else changes, so this migration holds no statement of its own but one that
-- does nothing.
SELECT 1;

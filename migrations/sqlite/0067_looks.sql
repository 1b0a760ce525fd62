-- Two users whose names differ in letters that look alike are told apart: i, l and 1 count as one here, and so do o and 0. The statements
-- that compare names in this way spell it as this index does (`server/src/store/sql/names.rs`). `name_key` stays the order of names.
CREATE INDEX users_looks ON users (replace(replace(replace(name_key, 'i', 'l'), '1', 'l'), '0', 'o'));

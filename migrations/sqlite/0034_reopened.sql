-- Conversations that their agents reopen after they ended.

-- Whether a line of the kind 'ended' says that the conversation goes on again. The release before shows one more end there.
ALTER TABLE customer_entries ADD COLUMN resumed INTEGER NOT NULL DEFAULT 0;

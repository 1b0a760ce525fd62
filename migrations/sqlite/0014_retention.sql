-- What is too old is deleted, as the organisation wants it.

-- A long conversation is deleted in several steps, from its end.
ALTER TABLE workitems ADD COLUMN expiring INTEGER NOT NULL DEFAULT 0;
CREATE INDEX workitems_closed ON workitems (last_activity_at) WHERE state = 'closed';

-- How many messages were deleted from the front of the conversation.
ALTER TABLE directory_conversations ADD COLUMN pruned INTEGER NOT NULL DEFAULT 0;
CREATE INDEX directory_messages_at ON directory_messages (at);

-- What points to rows that are deleted.
CREATE INDEX requests_workitem ON requests (workitem_id);
CREATE INDEX dismissals_message ON dismissals (message_id);
CREATE INDEX coaching_forwarded ON coaching (forwarded_entry) WHERE forwarded_entry IS NOT NULL;

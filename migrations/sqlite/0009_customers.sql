-- On which chat page a conversation was begun, so that the queue of each channel has a length of its own. Conversations
-- that the previous release begins have none and are not counted.
ALTER TABLE customer_views ADD COLUMN channel_key TEXT REFERENCES channels (key);
UPDATE customer_views SET channel_key = (SELECT MIN(v.channel_key) FROM customer_visitors v
    WHERE v.workitem_id = customer_views.workitem_id)
    WHERE workitem_id IN (SELECT workitem_id FROM customer_visitors);

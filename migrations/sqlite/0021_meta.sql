-- What providers ask of messages beyond their length, and what they report of several at once.

-- Whether "text_max" counts bytes. "answer_window_us": for how long after a customer's message they can be answered; NULL: for
-- ever. It is the window of WhatsApp.
ALTER TABLE channels ADD COLUMN text_in_bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE channels ADD COLUMN answer_window_us INTEGER;
UPDATE channels SET answer_window_us = 86400000000 WHERE kind = 'twilio_whatsapp';

-- When the customer last wrote.
ALTER TABLE customer_identities ADD COLUMN heard_at INTEGER;
UPDATE customer_identities SET heard_at = (SELECT MAX(e.at) FROM customer_views v
    JOIN customer_entries e ON e.workitem_id = v.workitem_id AND e.kind = 'mine'
    WHERE v.visitor = customer_identities.id);

-- When the attempt began by which the provider took it.
ALTER TABLE deliveries ADD COLUMN handed_at INTEGER;

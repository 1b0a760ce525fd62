-- Customers whom a provider calls by another name beside their address: WhatsApp by an id, also where it withholds the number.

ALTER TABLE customer_identities ADD COLUMN user_id TEXT;
CREATE UNIQUE INDEX customer_identities_user ON customer_identities (channel_key, user_id) WHERE user_id IS NOT NULL;

-- Coaching that helped: what the agent liked or forwarded is offered again in similar conversations.
CREATE INDEX coaching_helped ON coaching (entry_id) WHERE reaction = 'thumbs_up' OR forwarded_at IS NOT NULL;

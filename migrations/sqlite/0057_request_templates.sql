-- The template of a request, so that figures find it when its words have changed since. It stays when the template is deleted.
-- Nobody noted it before: a request has the template that says the same today.
ALTER TABLE requests ADD COLUMN template_id TEXT;
UPDATE requests SET template_id = (SELECT t.id FROM templates t WHERE t.text = requests.text ORDER BY t.id LIMIT 1);

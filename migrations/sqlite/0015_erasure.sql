-- A customer can be erased.

-- When the words of it were erased.
ALTER TABLE workitems ADD COLUMN erased_at INTEGER;
CREATE INDEX workitems_customer ON workitems (customer COLLATE NOCASE, started_at);

-- The visitor who began it: the hash of their token, or, once they were forgotten, a word that leads nowhere.
ALTER TABLE customer_views ADD COLUMN visitor TEXT;
CREATE INDEX customer_views_visitor ON customer_views (visitor);
UPDATE customer_views SET visitor = begun.visitor
FROM (SELECT json_extract(answer, '$[0]') AS workitem_id,
        MIN(substr(sender, length('visitor/') + instr(substr(sender, length('visitor/') + 1), '/') + 1)) AS visitor
    FROM commands WHERE kind = 'customer_append' AND sender GLOB 'visitor/*/*' AND json_valid(answer)
    GROUP BY 1) AS begun
WHERE begun.workitem_id = customer_views.workitem_id;
UPDATE customer_views SET visitor = (SELECT MIN(v.visitor) FROM customer_visitors v
    WHERE v.workitem_id = customer_views.workitem_id)
WHERE workitem_id IN (SELECT workitem_id FROM customer_visitors);

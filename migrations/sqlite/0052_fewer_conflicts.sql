-- For PostgreSQL alone, where transactions run beside each other.
SELECT 1;

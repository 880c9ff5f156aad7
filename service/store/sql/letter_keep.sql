INSERT INTO device_letters (mailbox, step, content, ends_at)
SELECT $1, $2, $3, coalesce(min(ends_at), $4::bigint) FROM device_letters WHERE mailbox = $1
HAVING ($2 = 'commitment') = (count(*) = 0)
ON CONFLICT DO NOTHING;

SELECT notification_id, state FROM stored_events
WHERE notification_id > $1 AND notification_id <= $2 AND topic = ANY ($3::text[])
ORDER BY notification_id LIMIT $4;

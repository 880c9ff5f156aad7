SELECT notification_id, originator_id, originator_version, topic, state FROM stored_events
WHERE notification_id >= $1 AND notification_id <= $2 AND ($3::text[] IS NULL OR topic = ANY ($3))
ORDER BY notification_id LIMIT $4;

INSERT INTO roster_channels (reader, channel) SELECT * FROM unnest($1::bytea[], $2::uuid[]) ON CONFLICT DO NOTHING;

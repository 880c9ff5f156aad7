INSERT INTO attachments (channel, file, upload, thread, device, pieces, size, stored_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT DO NOTHING;

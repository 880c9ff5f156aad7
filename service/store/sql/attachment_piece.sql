INSERT INTO attachment_pieces (channel, file, upload, piece, data) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING;

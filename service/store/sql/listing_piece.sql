INSERT INTO listing_pieces (organisation, piece, data)
SELECT $1, $3, $4 FROM listing_stages WHERE organisation = $1 AND head = $2
ON CONFLICT (organisation, piece) DO UPDATE SET data = EXCLUDED.data RETURNING 1;

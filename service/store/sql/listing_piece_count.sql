SELECT count(*) FROM listing_pieces JOIN listing_stages USING (organisation) WHERE organisation = $1 AND head = $2;

SELECT data FROM attachment_pieces WHERE channel = $1 AND file = $2 AND upload = $3 AND piece = $4;

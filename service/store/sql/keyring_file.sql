SELECT file FROM keyrings WHERE person = $1 AND hash = $2 ORDER BY generation DESC LIMIT 1;

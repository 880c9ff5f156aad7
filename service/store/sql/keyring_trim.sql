DELETE FROM keyrings WHERE person = $1 AND generation <= $2;

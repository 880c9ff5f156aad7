SELECT n, before, encoded, head FROM security_log WHERE n > $1 ORDER BY n LIMIT $2;

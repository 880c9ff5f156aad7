SELECT n, before, encoded, head FROM security_log ORDER BY n DESC LIMIT 1;

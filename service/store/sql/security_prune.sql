DELETE FROM security_log WHERE recorded_at < $1;

DELETE FROM device_letters WHERE mailbox = $1 OR ends_at <= $2;

SELECT content FROM device_letters WHERE mailbox = $1 AND step = $2 AND ends_at > $3;

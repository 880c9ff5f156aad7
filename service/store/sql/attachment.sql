SELECT upload, thread, device, pieces, size FROM attachments a
WHERE a.channel = $1 AND a.file = $2
    AND NOT EXISTS (SELECT FROM file_erasures e WHERE e.channel = a.channel AND e.file = a.file);

SELECT upload, thread, device, pieces, size FROM attachments WHERE channel = $1 AND file = $2;

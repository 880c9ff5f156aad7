SELECT generation, hash, file FROM inbox_files WHERE inbox = $1 ORDER BY generation DESC LIMIT 1;

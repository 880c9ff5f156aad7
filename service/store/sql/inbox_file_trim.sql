DELETE FROM inbox_files WHERE inbox = $1 AND generation <= $2;

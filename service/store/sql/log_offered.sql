SELECT size, note, offered_at FROM log_candidates ORDER BY size DESC LIMIT $1;

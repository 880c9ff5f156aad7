SELECT decided_by_stream, decided_by_version FROM erasures
EXCEPT SELECT decided_by_stream, decided_by_version FROM erasures_scrubbed;

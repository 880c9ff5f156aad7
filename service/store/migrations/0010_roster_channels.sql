-- In which channels somebody has been on a roster. No record: read out of it, and made anew if it is lost.
CREATE TABLE roster_channels (
    reader bytea NOT NULL CHECK (octet_length(reader) = 16),
    channel uuid NOT NULL,
    CONSTRAINT roster_channels_pkey PRIMARY KEY (reader, channel)
);

-- How far the record has been read for it: one row.
CREATE TABLE roster_channels_read (
    one boolean NOT NULL DEFAULT true CHECK (one),
    upto bigint NOT NULL,
    CONSTRAINT roster_channels_read_pkey PRIMARY KEY (one)
);
INSERT INTO roster_channels_read (upto) VALUES (0);

GRANT SELECT, INSERT ON roster_channels TO samsnakk_service;
GRANT SELECT, UPDATE ON roster_channels_read TO samsnakk_service;

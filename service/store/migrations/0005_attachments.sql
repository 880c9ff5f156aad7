-- Sealed files beside a channel. Pieces come first, the row that makes the file exist comes last: half a file is none.
CREATE TABLE attachment_pieces (
    channel uuid NOT NULL,
    file bytea NOT NULL CHECK (octet_length(file) = 16),
    upload bytea NOT NULL CHECK (octet_length(upload) = 16),
    piece int NOT NULL CHECK (piece >= 0),
    data bytea NOT NULL,
    CONSTRAINT attachment_pieces_pkey PRIMARY KEY (channel, file, upload, piece)
);
ALTER TABLE attachment_pieces ALTER COLUMN data SET STORAGE EXTERNAL;

CREATE TABLE attachments (
    channel uuid NOT NULL,
    file bytea NOT NULL CHECK (octet_length(file) = 16),
    upload bytea NOT NULL CHECK (octet_length(upload) = 16),
    thread bigint NOT NULL,
    device bytea NOT NULL CHECK (octet_length(device) = 16),
    pieces int NOT NULL,
    size bigint NOT NULL,
    stored_at bigint NOT NULL,
    CONSTRAINT attachments_pkey PRIMARY KEY (channel, file)
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON attachments
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE attachments ENABLE ALWAYS TRIGGER append_only;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON attachment_pieces
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE attachment_pieces ENABLE ALWAYS TRIGGER append_only;

GRANT SELECT, INSERT ON attachments, attachment_pieces TO samsnakk_service;

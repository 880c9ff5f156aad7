-- Mailboxes for the user's arrival. No record: what was taken, cancelled or has expired is gone, and only what became
-- of the invitation stays for a while, so that whoever holds its link can be told. All messages are sealed with a key
-- that only the link gives.
CREATE TABLE invitations (
    id bytea NOT NULL CHECK (octet_length(id) = 16),
    channel uuid NOT NULL,
    device bytea NOT NULL CHECK (octet_length(device) = 16),
    expires_at bigint NOT NULL,
    state text NOT NULL CHECK (state IN ('open', 'answered', 'confirmed', 'cancelled', 'expired')),
    opening bytea CHECK (octet_length(opening) <= 131072),
    answer bytea CHECK (octet_length(answer) <= 8192),
    answer_hash bytea CHECK (octet_length(answer_hash) = 32),
    confirmation bytea CHECK (octet_length(confirmation) <= 256),
    CONSTRAINT invitations_pkey PRIMARY KEY (id),
    CONSTRAINT open_has_opening CHECK ((state = 'open') = (opening IS NOT NULL)),
    CONSTRAINT answered_has_answer CHECK ((state = 'answered') = (answer IS NOT NULL)),
    CONSTRAINT confirmed_has_confirmation CHECK ((state = 'confirmed') = (confirmation IS NOT NULL))
);
CREATE INDEX invitations_of_channel ON invitations (channel);
CREATE INDEX invitations_by_end ON invitations (expires_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON invitations TO samsnakk_service;

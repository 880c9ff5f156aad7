-- How a position is made: these two functions, and nothing else, know. A sharded log replaces them.
--
-- hold_order() must stand as a statement of its own before anything is read: the snapshot of the next statement is
-- then taken under the lock and sees every earlier commit. The lock lasts to the end of the transaction, so positions
-- are without gaps and in commit order, over all nodes.
CREATE FUNCTION hold_order() RETURNS void LANGUAGE sql VOLATILE AS $$
    SELECT pg_advisory_xact_lock(7236837)
$$;

CREATE FUNCTION last_position() RETURNS bigint LANGUAGE sql VOLATILE AS $$
    SELECT COALESCE((SELECT notification_id FROM stored_events ORDER BY notification_id DESC LIMIT 1), 0)
$$;

-- One batch, one call, one transaction, one flush.
--
-- heads_*   one row for each stream of the batch: the version on which the batch builds, and the stream's group.
--           A group is a set of units that share streams: it stands or falls together.
-- *         one row for each event; body, blind and command columns are null where there are none.
-- streams_* new streams. tracking_* positions followed.
--
-- Returns the position before the first new event, and the streams (as numbers into heads_*) whose head is another
-- than expected, with the actual head. Groups of those streams are not written, all others are.
-- A stream that does not exist has head 0; the library's own callers may also start one at version 0 (head -1).
CREATE FUNCTION append_batch(
    heads_stream uuid[], heads_expected bigint[], heads_group int[],
    stream uuid[], version bigint[], topic text[], state bytea[], inner_hash bytea[], head bytea[],
    body bytea[], blind bytea[], device bytea[], command_id bytea[], digest bytea[],
    streams_group int[], streams_id uuid[], streams_kind text[], streams_channel uuid[], streams_name bytea[],
    streams_created bigint[],
    tracking_group int[], tracking_name text[], tracking_id bigint[],
    OUT after bigint, OUT moved int[], OUT actual bigint[]
) LANGUAGE plpgsql VOLATILE
-- The plans are cached while the tables may still be empty; a sequential scan must not be what is remembered.
SET enable_seqscan = off
AS $$
DECLARE
    refused int[];
    refused_streams uuid[];
BEGIN
    PERFORM hold_order();
    after := last_position();

    SELECT array_agg(h.o), array_agg(COALESCE(h.tip, 0)), array_agg(h.g)
    INTO moved, actual, refused
    FROM (
        SELECT u.o::int AS o, u.g, u.e, (
            SELECT s.originator_version FROM stored_events s
            WHERE s.originator_id = u.s ORDER BY s.originator_version DESC LIMIT 1
        ) AS tip
        FROM unnest(heads_stream, heads_expected, heads_group) WITH ORDINALITY AS u (s, e, g, o)
        OFFSET 0  -- a fence: without it the head is looked up again for each mention
    ) h
    WHERE h.e <> COALESCE(h.tip, LEAST(h.e, 0));
    refused := COALESCE(refused, '{}');
    refused_streams := ARRAY(SELECT u.s FROM unnest(heads_stream, heads_group) AS u (s, g) WHERE u.g = ANY (refused));

    INSERT INTO stored_events (originator_id, originator_version, topic, state, notification_id, inner_hash, head)
    SELECT u.s, u.v, u.t, u.d, after + row_number() OVER (ORDER BY u.o), u.i, u.h
    FROM unnest(stream, version, topic, state, inner_hash, append_batch.head)
        WITH ORDINALITY AS u (s, v, t, d, i, h, o)
    WHERE u.s <> ALL (refused_streams);

    INSERT INTO bodies (originator_id, originator_version, body, blind)
    SELECT u.s, u.v, u.b, u.r FROM unnest(stream, version, body, blind) AS u (s, v, b, r)
    WHERE u.s <> ALL (refused_streams) AND (u.b IS NOT NULL OR u.r IS NOT NULL);

    INSERT INTO commands (device, command_id, digest, originator_id, originator_version)
    SELECT u.d, u.c, u.h, u.s, u.v
    FROM unnest(stream, version, device, command_id, digest) AS u (s, v, d, c, h)
    WHERE u.s <> ALL (refused_streams) AND u.d IS NOT NULL;

    IF cardinality(streams_id) > 0 THEN
        INSERT INTO streams (stream, kind, channel, name, created_at)
        SELECT u.s, u.k, u.c, u.n, u.t
        FROM unnest(streams_group, streams_id, streams_kind, streams_channel, streams_name, streams_created)
            AS u (g, s, k, c, n, t)
        WHERE u.g <> ALL (refused);
    END IF;

    IF cardinality(tracking_name) > 0 THEN
        INSERT INTO tracking (application_name, notification_id)
        SELECT u.n, u.p FROM unnest(tracking_group, tracking_name, tracking_id) AS u (g, n, p)
        WHERE u.g <> ALL (refused);
    END IF;

    -- Once for each batch: it only wakes, readers read by position.
    PERFORM pg_notify('samsnakk_events', '');
END $$;

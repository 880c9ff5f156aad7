"""Every explicit limit of the four packages: where it stands, how much it is, and what for."""

from importlib import import_module

KIB, MIB = 1024, 1024 * 1024
SECOND, MINUTE, HOUR = 1000, 60_000, 3_600_000
UNITS: dict[str, tuple[tuple[int, str], ...]] = {
    "bytes": ((MIB, "MiB"), (KIB, "KiB"), (1, "bytes")),
    "ms": ((HOUR, "h"), (MINUTE, "min"), (SECOND, "s")),
}

LIMITS: tuple[tuple[str, str, str, str], ...] = (
    ("protocol.frames", "MAX_FRAME", "bytes", "one WebSocket frame, either way; more closes the connection (1009)"),
    ("protocol.frames", "MAX_UNIT", "acts", "acts in one unit"),
    ("protocol.acts", "MAX_HEADER", "bytes", "an act's header"),
    ("protocol.acts", "MAX_BODY", "bytes", "an act's body"),
    ("crypto.chain", "MAX_RECORD", "bytes", "a record without its body"),
    ("crypto.chain", "MAX_KIND", "characters", "a kind class or the kind of a stream"),
    ("crypto.cbor", "MAX_DEPTH", "levels", "arrays and maps inside each other"),
    ("crypto.cbor", "MAX_INT", "", "the largest integer, and its negative the smallest"),
    ("crypto.log_tree", "MAX_LOG", "events", "events of the global log"),
    ("crypto.log_tree", "MAX_LOG_PROOF", "hashes", "hashes in a proof about the log"),
    ("crypto.log_entries", "MAX_LOG_ENTRY", "bytes", "one leaf of the log"),
    ("crypto.notes", "MAX_NOTE", "characters", "a signed note, with its signatures"),
    ("crypto.notes", "MAX_NOTE_SIGNATURES", "lines", "signatures under a note"),
    ("crypto.notes", "MAX_NOTE_NAME", "characters", "the name of a log or a witness"),
    ("protocol.contents", "MAX_TEXT", "bytes", "one text, as UTF-8"),
    ("protocol.contents", "MAX_CONTENT", "bytes", "the content of one message, before sealing"),
    ("crypto.messages", "MAX_CONTENT", "bytes", "the same, where it is sealed"),
    ("crypto.messages", "MAX_BODY", "bytes", "a sealed message: the longest content, padded, and its frame"),
    ("domain.channel.terms", "MAX_MEMBERS", "principals", "people, inboxes and vaults on one roster"),
    ("domain.channel.terms", "MAX_THREADS", "threads", "threads of a channel"),
    ("crypto.grants", "MAX_CONTENT", "bytes", "keys in one grant; as a body it is bounded by `MAX_BODY` first"),
    ("crypto.grants", "MAX_SEALED", "bytes", "the same, sealed for a vault"),
    ("crypto.attachments", "CHUNK_LENGTH", "bytes", "one chunk of a file, before sealing"),
    ("crypto.attachments", "MAX_CHUNKS", "chunks", "chunks of a file"),
    ("crypto.attachments", "MAX_LENGTH", "bytes", "a file, before sealing"),
    ("service.http.attachments", "MAX_SEALED", "bytes", "a sealed file, as the hub takes it"),
    ("crypto.key_statements", "MAX_STATEMENT", "bytes", "one statement of a key stream"),
    (
        "crypto.root_facts",
        "MAX_SUPPORT",
        "organisations",
        "other organisations named where a root is replaced",
    ),
    ("protocol.node_requests", "MAX_NODE_REQUEST", "bytes", "one wish of a device to its organisation's node"),
    ("samsnakk.node.issuing", "MAX_AGE", "ms", "how old a wish to a node may be, either side of its clock"),
    ("protocol.published_keys", "MAX_KEY_STREAM", "bytes", "a key stream sent to the hub"),
    ("crypto.keyrings", "MAX_CONTENT", "bytes", "what is inside a keyring"),
    ("crypto.keyrings", "MAX_FILE", "bytes", "a keyring file"),
    ("crypto.keyrings", "MAX_SLOTS", "slots", "ways into a keyring"),
    ("crypto.keyrings", "MAX_PIN_NAME", "characters", "the name of a pin"),
    ("crypto.keyring_slots", "MAX_CREDENTIAL", "bytes", "a passkey's credential id"),
    ("crypto.officer_shares", "MAX_OFFICERS", "people", "key officers in one group of a vault"),
    ("crypto.officer_shares", "MAX_SEEDS", "seeds", "seeds a group keeps, one for each time an officer left"),
    ("crypto.officer_shares", "MAX_OFFICER_NAME", "characters", "the name on a key officer's card"),
    ("crypto.officer_shares", "MAX_GROUP", "bytes", "the file of a group of key officers"),
    ("protocol.vault_case", "MAX_CASE", "bytes", "a case at a vault, with the records of its period"),
    ("protocol.vault_case", "MAX_CASE_NUMBER", "characters", "the number of a case"),
    ("protocol.vault_case", "MAX_CASE_THREADS", "threads", "threads of one case"),
    ("protocol.vault_opening", "MAX_HALF_OPENED", "bytes", "what the first group hands to the second"),
    ("protocol.vault_opening", "MAX_RELEASE", "bytes", "what the second group hands to the auditor"),
    ("crypto.case_keys", "MAX_CASE_KEYS", "bytes", "message keys in one release"),
    ("protocol.listings.entries", "MAX_ENTRY", "bytes", "one entry of a listing"),
    ("protocol.listings.entries", "MAX_NAMES", "names", "names of one entry"),
    ("protocol.listings.entries", "MAX_NAME", "characters", "a name, place or title in a listing"),
    ("protocol.listings.entries", "MAX_PHONE", "characters", "a telephone number in a listing"),
    ("protocol.listings.heads", "MAX_HEAD", "bytes", "the head of a listing"),
    ("protocol.listings.heads", "MAX_SIGNED_HEAD", "bytes", "the same with its signature"),
    ("protocol.listings.heads", "MAX_ENTRIES", "entries", "entries of one listing"),
    ("protocol.listings.heads", "MAX_VALIDITY", "ms", "how long a version of a listing may be good for"),
    ("protocol.listings.tree", "MAX_PROOF", "hashes", "hashes in the proof of an entry"),
    ("protocol.own_channels", "MAX_LIST", "bytes", "one answer with own channels"),
    ("protocol.listings.answers", "MAX_QUESTION", "bytes", "a question to the directory"),
    ("protocol.listings.answers", "MAX_QUERY", "characters", "what is searched for in the directory"),
    ("protocol.listings.answers", "MAX_HITS", "entries", "entries that one search finds"),
    ("protocol.listings.answers", "MAX_ASKED", "entries", "entries asked for by their ids at once"),
    ("protocol.listings.answers", "MAX_ANSWER", "bytes", "an answer of the directory"),
    ("protocol.listings.answers", "MAX_PAGE", "entries", "entries in one page of a whole listing"),
    ("protocol.listings.answers", "MAX_PUBLICATION", "bytes", "what a new version of a listing changes"),
    ("protocol.listings.answers", "MAX_PIECE", "bytes", "one piece of a version that is sent in pieces"),
    ("protocol.listings.answers", "MAX_PIECES", "pieces", "pieces of such a version"),
    ("samsnakk.importing.json_objects", "MAX_NESTING", "levels", "objects and lists inside each other in a bundle"),
    ("samsnakk.importing.assembling", "MAX_FILE", "bytes", "a file that is imported into the directory"),
    ("samsnakk.importing.drafts", "MAX_THINGS", "things", "rows or resources of such a file"),
    ("samsnakk.importing.tables", "MAX_CELL", "characters", "a cell of such a table"),
    ("samsnakk.importing.values", "MAX_DAYS", "days", "a period that one row names"),
    ("domain.duty.rules", "MAX_SPANS", "times", "weekly times in one plan"),
    ("domain.duty.rules", "MAX_EXCEPTIONS", "days", "days in one plan that differ"),
    ("domain.duty.rules", "MAX_PEOPLE", "people", "people who share one shift"),
    ("domain.duty.rules", "MAX_WEEKS", "weeks", "weeks after which a rotation begins again"),
    ("crypto.keyring_deposits", "MAX_LOCATORS", "recovery codes", "recovery codes that find one keyring"),
    ("crypto.keyring_deposits", "MAX_DEPOSIT", "bytes", "a keyring file as it goes to the hub"),
    ("service.store.keyrings", "KEPT", "generations", "generations of a keyring that the hub keeps"),
    ("crypto.device_approvals", "MAX_LETTER", "bytes", "one letter between a new device and an old one"),
    ("service.http.sessions", "MAX_SESSION_BODY", "bytes", "what is said to the doors of sessions"),
    ("service.http.device_mailboxes", "MAILBOX_LIFE", "ms", "the life of a mailbox between two devices"),
    ("protocol.requests", "MAX_REQUEST", "bytes", "a signed request"),
    ("protocol.requests", "MAX_AGE", "ms", "how far a request's time may be from the hub's, either side"),
    ("protocol.session_binding", "MAX_BINDING", "bytes", "a device's statement whose session it is"),
    ("service.identity.sessions", "ABSOLUTE", "ms", "the longest session"),
    ("service.identity.sessions", "FRESH", "ms", "the oldest login that a sensitive act takes"),
    ("service.identity.tickets", "TICKET_LIFE", "ms", "a one-time ticket"),
    ("protocol.sign_in.json_values", "MAX_ANSWER", "bytes", "an identity provider's answer, and any token"),
    ("protocol.sign_in.configuration", "MAX_FILE", "bytes", "the file of identity providers"),
    ("protocol.sign_in.pending", "MAX_WAIT", "seconds", "how long a person may take at the identity provider"),
    ("protocol.sign_in.id_tokens", "MAX_TOKEN_AGE", "seconds", "the oldest ID token that signs somebody in"),
    ("protocol.sign_in.logout_tokens", "MAX_NOTICE_AGE", "seconds", "the oldest logout token that ends a session"),
    ("samsnakk.node.sign_in.waiting", "MAX_WAITING", "", "sign-ins, or tickets, that wait at a node at once"),
    ("samsnakk.node.sign_in.sign_ins", "MAX_ANSWER_TIME", "ms", "how long a node waits for the codes to be compared"),
    ("protocol.arrival.link", "MAX_LINK", "characters", "an invitation link"),
    ("protocol.arrival.card", "MAX_CARD", "bytes", "what an invitation is for"),
    ("protocol.arrival.card", "MAX_VALIDITY", "ms", "the longest an invitation may stay open"),
    ("protocol.arrival.messages", "MAX_OPENING", "bytes", "what the user is shown before she says yes, sealed"),
    ("protocol.arrival.messages", "MAX_ANSWER", "bytes", "the user's first keys, sealed"),
    ("protocol.arrival.messages", "MAX_CONFIRMATION", "bytes", "the inviter's code, sealed"),
    ("protocol.arrival.messages", "MAX_TEAM", "rows", "members, or threads, named in an invitation"),
    ("protocol.arrival.messages", "MAX_NAME", "characters", "a name or title in an invitation"),
    ("domain.access.events", "MAX_LEASE", "ms", "the longest interval of the access log; then a new line"),
    ("service.handle.channel", "RECENT", "records", "records of a channel kept in memory for readers a little behind"),
    ("service.handle.channel", "PAGE", "records", "records read from the store at once"),
    ("service.handle.channel", "SNAPSHOT_EVERY", "records", "records between two snapshots of a channel's state"),
    ("service.handle.channel", "ATTEMPTS", "times", "how often a unit is decided again when others wrote in between"),
    ("service.push.pump", "PAGE", "records", "records in one page of history"),
    ("service.handle.chained", "PAGE_BYTES", "bytes", "the same in bytes; one larger record travels alone"),
    ("service.push.pump", "PATIENCE", "seconds", "how long a reader may take for one page"),
    ("service.push.hub", "SWEEP", "seconds", "how late delivery may stop after a term ran out"),
)


def limits_table() -> str:
    """The limits as a Markdown table."""
    lines = ["| limit | how much | constant |", "|---|---|---|"]
    for module, name, unit, meaning in LIMITS:
        value = getattr(import_module(module), name)
        lines.append(f"| {meaning} | {_told(value, unit)} | `{name}` in `{module.replace('.', '/')}.py` |")
    return "\n".join(lines) + "\n"


def _told(value: float, unit: str) -> str:
    for size, name in UNITS.get(unit, ()):
        if value >= size and value % size == 0:
            return f"{int(value) // size:,} {name}"
    return f"{value:,} {unit}".rstrip()

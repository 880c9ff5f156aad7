"""Domain labels: no hash, signature, sealing or derivation of one purpose can stand in for another.

Every label is used as ``label ‖ 0x00 ‖ data``. Labels hold no 0x00 themselves, so no labelled input of
one purpose is ever equal to one of another purpose, not even where a label is the start of a longer label.
A new protocol version takes a new prefix, so nothing sealed or signed under one version passes under the next.
"""

from typing import Final, NewType

Label = NewType("Label", bytes)

PREFIX: Final = b"samsnakk/1 "


def _label(what: bytes) -> Label:
    return Label(PREFIX + what)


# Signatures
ACT: Final = _label(b"act")
HUB_ACT: Final = _label(b"hub-act")
READ_REQUEST: Final = _label(b"read-request")
NODE_READ_REQUEST: Final = _label(b"node-read-request")
NODE_ERASED: Final = _label(b"node-erased")
CHALLENGE: Final = _label(b"challenge")
KEY_STATEMENT: Final = _label(b"key-statement")
DEVICE_HANDOVER_SIGNATURE: Final = _label(b"device-handover-signature")
NODE_REQUEST: Final = _label(b"node-request")
SESSION_BINDING: Final = _label(b"session-binding")
LOG_PROMISE: Final = _label(b"log-promise")
LISTING_HEAD: Final = _label(b"listing-head")
ROOT_REPLACEMENT: Final = _label(b"root-replacement")

# Hashes
BODY: Final = _label(b"body")
COMMAND: Final = _label(b"command")
RECORD: Final = _label(b"record")
LEAF: Final = _label(b"leaf")
HEAD: Final = _label(b"head")
GENESIS: Final = _label(b"genesis")
STREAM_NAME: Final = _label(b"stream-name")
ACCESS_STREAM: Final = _label(b"access-stream")
KEM_KEY: Final = _label(b"kem-key")
ROSTER: Final = _label(b"roster")
KEY_STREAM: Final = _label(b"key-stream")
KEY_STREAM_GENESIS: Final = _label(b"key-stream-genesis")
ATTACHMENT_CHUNK: Final = _label(b"attachment-chunk")
ATTACHMENT_CONTENT: Final = _label(b"attachment-content")
KEYRING_FILE: Final = _label(b"keyring-file")
KEYRING_SLOTS: Final = _label(b"keyring-slots")
KEYRING_DEPOSIT: Final = _label(b"keyring-deposit")
KEYRING_LOCATOR_HASH: Final = _label(b"keyring-locator-hash")
INBOX_FILE: Final = _label(b"inbox-file")
INBOX_READERS: Final = _label(b"inbox-readers")
DEVICE_OFFER: Final = _label(b"device-offer")
DEVICE_CODE: Final = _label(b"device-code")
DEVICE_MAILBOX: Final = _label(b"device-mailbox")
SESSION_TOKEN: Final = _label(b"session-token")
SIGN_IN_TOKEN: Final = _label(b"sign-in-token")
PASSKEY_TOKEN: Final = _label(b"passkey-token")
TICKET: Final = _label(b"ticket")
TICKET_CHALLENGE: Final = _label(b"ticket-challenge")
NODE_SIGN_IN: Final = _label(b"node-sign-in")
NODE_TICKET: Final = _label(b"node-ticket")
NODE_TICKET_CHALLENGE: Final = _label(b"node-ticket-challenge")
LOGOUT_NOTICE: Final = _label(b"logout-notice")
VAULT_CASE: Final = _label(b"vault-case")
ROOT_PLEA: Final = _label(b"root-plea")
LISTING_LEAF: Final = _label(b"listing-leaf")
LISTING_NODE: Final = _label(b"listing-node")
LISTING_HEAD_HASH: Final = _label(b"listing-head-hash")
LISTING_GENESIS: Final = _label(b"listing-genesis")
LISTING_ENTRY_ID: Final = _label(b"listing-entry-id")
LISTING_QUESTION: Final = _label(b"listing-question")
OWN_ROOT: Final = _label(b"own-root")
SECURITY_ROW: Final = _label(b"security-row")
SECURITY_HEAD: Final = _label(b"security-head")
LOG_ENTRY: Final = _label(b"log-entry")
HEADS_LEAF: Final = _label(b"heads-leaf")
HEADS_NODE: Final = _label(b"heads-node")
LOG_PROMISE_LEAF: Final = _label(b"log-promise-leaf")
LOG_PROMISE_NODE: Final = _label(b"log-promise-node")
BROWSER_CODE: Final = _label(b"browser-code")
INVITATION_CARD: Final = _label(b"invitation-card")
INVITATION_CHECK: Final = _label(b"invitation-check")
INVITATION_ANCHORS: Final = _label(b"invitation-anchors")
ARRIVAL_TRANSCRIPT: Final = _label(b"arrival-transcript")

# HPKE info
EPOCH_WRAP: Final = _label(b"epoch-wrap")
GRANT_WRAP: Final = _label(b"grant-wrap")
KEYRING_DEVICE: Final = _label(b"keyring-device")
DEVICE_HANDOVER: Final = _label(b"device-handover")
INBOX_SEAT: Final = _label(b"inbox-seat")
OFFICER_SHARE: Final = _label(b"officer-share")
CASE_KEYS: Final = _label(b"case-keys")

# Key derivation
MESSAGE_KEY: Final = _label(b"message-key")
MESSAGE_CONTENT: Final = _label(b"message-content")
MESSAGE_COMMITMENT: Final = _label(b"message-commitment")
EPOCH_CONFIRMATION: Final = _label(b"epoch-confirmation")
KEYRING_PASSPHRASE: Final = _label(b"keyring-passphrase")
KEYRING_PRF: Final = _label(b"keyring-prf")
KEYRING_RECOVERY: Final = _label(b"keyring-recovery")
BROWSER_HANDOVER: Final = _label(b"browser-handover")
KEYRING_LOCATOR: Final = _label(b"keyring-locator")
SECURITY_LOG: Final = _label(b"security-log")
SUBJECT: Final = _label(b"subject")
PROVIDER_SESSION: Final = _label(b"provider-session")
PASSKEY_CHALLENGE: Final = _label(b"passkey-challenge")
PASSKEY_HANDLE: Final = _label(b"passkey-handle")
SESSION_BOX: Final = _label(b"session-box")
SIGN_IN_BOX: Final = _label(b"sign-in-box")
INVITATION_ID: Final = _label(b"invitation-id")
ARRIVAL_OPENING: Final = _label(b"arrival-opening")
ARRIVAL_ANSWER: Final = _label(b"arrival-answer")
ARRIVAL_CONFIRMATION: Final = _label(b"arrival-confirmation")
ARRIVAL_USER_MAC: Final = _label(b"arrival-user-mac")
ARRIVAL_INVITER_MAC: Final = _label(b"arrival-inviter-mac")
SAFETY_CODE: Final = _label(b"safety-code")

# Associated data of AES-GCM
GRANT_CONTENT: Final = _label(b"grant-content")
ATTACHMENT: Final = _label(b"attachment")
KEYRING: Final = _label(b"keyring")
INBOX_SEEDS: Final = _label(b"inbox-seeds")
CASE_CONTENT: Final = _label(b"case-content")


def labelled(label: Label, data: bytes) -> bytes:
    """``label ‖ 0x00 ‖ data``: what is really hashed, signed or bound under this label."""
    return label + b"\x00" + data

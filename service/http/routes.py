"""Every HTTP route in one place, and its description (OpenAPI 3.1) made from the same list."""

from aiohttp import web

from service.http import (
    arrivals,
    attachments,
    device_mailboxes,
    directory,
    erased_copies,
    health,
    inbox_files,
    keyrings,
    keys,
    log,
    own_channels,
    passkeys,
    security,
    sessions,
    sign_in,
    unkept,
    velkommen_page,
)
from service.http.problems import Handler

_MAILBOX = "/api/v1/invitations/{invitation}"

ROUTES: tuple[tuple[str, str, Handler, str], ...] = (
    ("GET", "/healthz", health.healthz, "The process lives."),
    ("GET", "/readyz", health.readyz, "The hub can serve: the store answers and it is not draining."),
    ("GET", "/metrics", health.metrics_page, "Numbers for Prometheus."),
    ("GET", "/api/v1/key-streams/{principal}", keys.get_key_stream, "A principal's signed key stream (CBOR)."),
    ("POST", "/api/v1/key-streams/{principal}", keys.post_key_stream, "Publish new statements of a key stream."),
    (
        "GET",
        "/api/v1/organisations/{organisation}/unkept",
        unkept.get_unkept,
        "Principals in whose streams an organisation's newest root has yet to speak (CBOR).",
    ),
    (
        "POST",
        "/api/v1/directory",
        directory.ask,
        "Ask the directory (CBOR); signed request in the Samsnakk-Request header.",
    ),
    (
        "POST",
        "/api/v1/directory/{organisation}",
        directory.publish,
        "Publish a new version of a listing; its signed head in the Samsnakk-Listing-Head header.",
    ),
    (
        "GET",
        "/api/v1/channels",
        own_channels.list_channels,
        "One's own channels that moved behind position `after` (CBOR); signed request in the header.",
    ),
    (
        "GET",
        "/api/v1/security-log",
        security.security_log,
        "For a node: what was refused behind row `after` (CBOR); signed request in the header.",
    ),
    (
        "PUT",
        "/api/v1/directory/{organisation}/pieces/{piece}",
        directory.put_piece,
        "Keep a piece of a large new version; its signed head in the same header.",
    ),
    (
        "POST",
        "/api/v1/directory/{organisation}/finish",
        directory.finish,
        "Go on with taking in a version of `pieces` pieces; ask again until it is finished.",
    ),
    (
        "PUT",
        "/api/v1/channels/{channel}/attachments/{file}",
        attachments.put_attachment,
        "Store a sealed file; signed request in the Samsnakk-Request header.",
    ),
    (
        "GET",
        "/api/v1/channels/{channel}/attachments/{file}",
        attachments.get_attachment,
        "Read a sealed file; its access line comes in the Samsnakk-Line header.",
    ),
    ("POST", "/api/v1/erased-copies", erased_copies.post_word, "A node's signed word that its copy is clean (CBOR)."),
    (
        "PUT",
        "/api/v1/keyrings/{person}",
        keyrings.put_keyring,
        "Store the next generation of one's sealed keyring (CBOR deposit); signed request in the header.",
    ),
    (
        "GET",
        "/api/v1/keyrings/{person}",
        keyrings.get_keyring,
        "One's sealed keyring; `hash` asks for an earlier one; signed request in the header.",
    ),
    (
        "GET",
        "/api/v1/keyring",
        keyrings.get_own_keyring,
        "The sealed keyring of who is signed in (CBOR); `hash` asks for an earlier one.",
    ),
    (
        "GET",
        "/api/v1/located-keyring",
        keyrings.get_located_keyring,
        "The sealed keyring that a recovery code's locator finds (Samsnakk-Locator header).",
    ),
    (
        "PUT",
        "/api/v1/inbox-files/{inbox}",
        inbox_files.put_inbox_file,
        "Store the next file of a service inbox's sealed seeds (CBOR); signed request in the header.",
    ),
    (
        "GET",
        "/api/v1/inbox-files/{inbox}",
        inbox_files.get_inbox_file,
        "A service inbox's sealed seeds, for whoever is eligible; signed request in the header.",
    ),
    (
        "PUT",
        "/api/v1/device-mailboxes/{mailbox}/{step}",
        device_mailboxes.put_letter,
        "Leave a letter for a new or an old device: commitment, answer, offer or handover.",
    ),
    ("GET", "/api/v1/device-mailboxes/{mailbox}/{step}", device_mailboxes.get_letter, "Such a letter, once it came."),
    ("DELETE", "/api/v1/device-mailboxes/{mailbox}", device_mailboxes.delete_mailbox, "End a mailbox."),
    ("GET", "/log/checkpoint", log.checkpoint, "The log's newest checkpoint (C2SP signed note)."),
    ("GET", "/log/cosigned", log.cosigned, "The newest checkpoint that enough organisations have cosigned."),
    ("GET", "/log/candidate", log.candidate, "The checkpoint that witnesses are asked to cosign now."),
    ("POST", "/log/cosignatures", log.cosign, "A witness' cosignature of that checkpoint (C2SP signed note)."),
    ("GET", "/log/tile/{tile:.+}", log.tile, "A tile or entry bundle of the log (C2SP tlog-tiles)."),
    ("GET", "/log/heads/{name}", log.newest_head, "A stream's newest head with its proof (CBOR)."),
    ("GET", "/api/v1/session", sessions.get_session, "Who is signed in here."),
    (
        "DELETE",
        "/api/v1/session",
        sessions.delete_session,
        "Sign out; `redirect` is where to do so at the provider.",
    ),
    ("DELETE", "/api/v1/session/others", sessions.delete_others, "End all other sessions of the same person."),
    ("POST", "/api/v1/session/binding", sessions.post_binding, "Bind who is signed in to a device's principal."),
    ("POST", "/api/v1/session/tickets", sessions.post_ticket, "A one-time ticket for a program on this machine."),
    ("POST", "/api/v1/session/native", sessions.post_native, "A program takes a ticket and gets its own session."),
    ("GET", "/api/v1/passkeys", passkeys.get_passkeys, "One's passkeys."),
    ("POST", "/api/v1/passkeys", passkeys.post_passkey, "Register the passkey that the browser made."),
    ("DELETE", "/api/v1/passkeys/{passkey}", passkeys.delete_passkey, "Remove a passkey; its sessions end."),
    (
        "POST",
        "/api/v1/passkeys/registration",
        passkeys.post_registration,
        "What a new passkey is made from (WebAuthn creation options).",
    ),
    (
        "POST",
        "/api/v1/passkeys/challenge",
        passkeys.post_challenge,
        "What to sign in with (WebAuthn request options).",
    ),
    ("POST", "/api/v1/passkeys/session", passkeys.post_session, "Sign in with the passkey's answer."),
    ("GET", "/passkey", passkeys.page, "The page for passkeys."),
    ("GET", "/keyring", passkeys.keyring_page, "The page on which a passkey opens one's keyring."),
    ("GET", "/sign-in", sign_in.home, "The page to sign in on."),
    ("GET", "/sign-in/signed-out", sign_in.signed_out, "The page after signing out."),
    ("GET", "/sign-in/program", sign_in.program, "The page on which a person lets a program in."),
    ("GET", "/sign-in/assets/{file_name}", sign_in.asset, "Style and script of these pages."),
    (
        "GET",
        "/sign-in/{provider}/start",
        sign_in.start,
        "Go to a provider; `then`: our page, `max_age`: seconds.",
    ),
    ("GET", "/sign-in/{provider}/callback", sign_in.callback, "Come back from a provider."),
    ("POST", "/sign-in/{provider}/ended", sign_in.ended, "A provider's logout token (back channel)."),
    ("GET", "/sign-in/{provider}/ended-in-front", sign_in.ended_in_front, "A provider's logout frame (front channel)."),
    ("PUT", _MAILBOX, arrivals.open_invitation, "Open an invitation's mailbox; signed by the inviter; `?expires=`."),
    ("GET", _MAILBOX, arrivals.get_invitation, "The sealed opening, until somebody has answered."),
    ("DELETE", _MAILBOX, arrivals.cancel_invitation, "Take an invitation back; signed."),
    ("PUT", _MAILBOX + "/answer", arrivals.put_answer, "The user's sealed answer, once."),
    (
        "GET",
        _MAILBOX + "/answer",
        arrivals.take_answer,
        "The answer, for the inviter; signed; 204 while there is none.",
    ),
    ("PUT", _MAILBOX + "/confirmation", arrivals.put_confirmation, "The inviter's sealed code; signed."),
    ("GET", _MAILBOX + "/confirmation", arrivals.get_confirmation, "The same, for the user; 204 while there is none."),
)


def add_routes(app: web.Application) -> None:
    """Open the HTTP doors."""
    for method, path, handler, _ in ROUTES:
        app.router.add_route(method, path, handler)
    app.router.add_route("GET", "/api/v1/openapi.json", _openapi)
    app.router.add_route("GET", "/velkommen", velkommen_page.get_page)
    app.router.add_route("GET", "/velkommen/{part}", velkommen_page.get_part)


async def _openapi(_: web.Request) -> web.Response:
    return web.json_response(openapi())


def openapi() -> dict[str, object]:
    """The description of the HTTP doors. The WebSocket at `/ws` is described in docs/protocol.md §8."""
    paths: dict[str, dict[str, object]] = {}
    for method, path, _, summary in ROUTES:
        names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
        parameters = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string", "pattern": _pattern(name)}}
            for name in names
        ]
        responses = {"2XX": {"description": summary}, "default": {"$ref": "#/components/responses/Problem"}}
        paths.setdefault(path, {})[method.lower()] = {
            "summary": summary,
            "parameters": parameters,
            "responses": responses,
        }
    fields = {name: {"type": "string"} for name in ("code", "detail", "advice", "retry")}
    problem = {"type": "object", "required": list(fields), "properties": fields}
    answer = {"description": "What went wrong.", "content": {"application/json": {"schema": problem}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Samsnakk hub", "version": "1"},
        "paths": paths,
        "components": {"responses": {"Problem": answer}},
    }


def _pattern(name: str) -> str:
    return {"provider": "^[a-z][a-z0-9-]*$", "file_name": "^[a-z.-]+$", "piece": "^[0-9]+$"}.get(name, "^[0-9a-f]{32}$")

"""The WebSocket and sessions: whose device may speak, from which pages, and for how long."""

from base64 import b64encode
from dataclasses import replace
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from crypto import labels
from crypto.random import new_id
from domain.ids import DeploymentId, Digest, Millis
from protocol import frames
from protocol.session_binding import SessionBinding, sign_binding
from samsnakk.demo.authority import Person
from samsnakk.demo.world import World
from service.identity.tokens import new_token
from tests.conftest import HubProcess
from tests.service.hub.raw_client import Socket, now
from tests.service.identity.rows import change_session, execute
from tests.service.identity.visitor import Json, Visitor, socket_of


@pytest.fixture
def kari(world: World) -> Person:
    return world.person("Kari")


def statement(world: World, session: Json, person: Person, /, **changes: Any) -> Json:
    session_id = Digest(bytes.fromhex(session["session"]))
    binding = SessionBinding(world.deployment, session_id, person.id, person.device, Millis(now()))
    return {"statement": b64encode(sign_binding(replace(binding, **changes), person.signing_key)).decode()}


async def bind(visitor: Visitor, world: World, person: Person, /, **changes: Any) -> tuple[int, Json]:
    body = statement(world, await visitor.session(), person, **changes)
    return await visitor.call("POST", "/api/v1/session/binding", body)


async def welcomed(socket: Socket, person: Person) -> str:
    """Answer the challenge; the code of the hub's goodbye, empty where it says welcome."""
    await socket.send(frames.Hello(1, person.device, "test"))
    challenge = await socket.expect(frames.Challenge)
    proof = person.signing_key.sign(labels.CHALLENGE, frames.challenge_bytes(challenge, person.device))
    await socket.send(frames.Prove(proof))
    answer = await socket.next()
    assert isinstance(answer, frames.Welcome | frames.Bye), answer
    return answer.code if isinstance(answer, frames.Bye) else ""


async def goodbye(socket: Socket) -> str:
    """The hub's last word before it hangs up."""
    said = ""
    try:
        while True:
            frame = await socket.next()
            said = frame.code if isinstance(frame, frames.Bye) else said
    except ConnectionClosed:
        return said


async def test_the_first_device_that_says_so_binds_and_every_later_session_is_the_same_persons(
    visitor: Visitor, another: Visitor, world: World, kari: Person
) -> None:
    await visitor.sign_in("kari")
    assert await bind(visitor, world, kari) == (200, {"principal": kari.id.hex()})
    assert (await visitor.session())["principal"] == kari.id.hex()
    await another.sign_in("kari")
    assert (await another.session())["principal"] == kari.id.hex()


async def test_another_principal_is_refused_by_name(visitor: Visitor, world: World, kari: Person) -> None:
    await visitor.sign_in("kari")
    await bind(visitor, world, kari)
    status, told = await bind(visitor, world, world.person("Jon"))
    assert (status, told["code"]) == (403, "somebody_else")
    assert (await visitor.session())["principal"] == kari.id.hex()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"session": Digest(bytes(32))}, "stale_request"),
        ({"deployment": DeploymentId(bytes(16))}, "stale_request"),
        ({"made_at": Millis(1)}, "stale_request"),
        ({"person": new_id()}, "device_not_valid"),
    ],
)
async def test_a_statement_made_for_something_else_binds_nothing(
    visitor: Visitor, world: World, changes: Json, code: str
) -> None:
    await visitor.sign_in("jon")
    status, told = await bind(visitor, world, world.person("Jon"), **changes)
    assert (status >= 400, told["code"]) == (True, code)
    assert (await visitor.session())["principal"] is None


async def test_a_statement_signed_by_somebody_else_binds_nothing(visitor: Visitor, world: World) -> None:
    await visitor.sign_in("jon")
    jon = world.person("Jon")
    forged = replace(jon, device_seed=bytes(32))
    assert (await bind(visitor, world, forged))[1]["code"] == "forged_record"
    unknown = replace(jon, device=new_id())  # type: ignore[arg-type]
    assert (await bind(visitor, world, unknown))[1]["code"] == "unknown_device"
    for nonsense in ("", "!", "AAAA"):
        status, told = await visitor.call("POST", "/api/v1/session/binding", {"statement": nonsense})
        assert (status, told["code"]) == (400, "malformed_frame")


async def test_a_users_device_does_not_go_with_a_staff_login_nor_the_other_way_round(
    visitor: Visitor, another: Visitor, world: World
) -> None:
    cases = ((visitor, "jon", "helseid", "Elle"), (another, "elle", "idporten", "Jon"))
    for browser, account, provider, name in cases:
        await browser.sign_in(account, provider)
        assert (await bind(browser, world, world.person(name)))[1]["code"] == "somebody_else"
        assert (await browser.session())["principal"] is None


async def test_a_first_binding_asks_for_a_login_of_the_last_minutes(visitor: Visitor, world: World) -> None:
    await visitor.sign_in("tired")
    assert (await bind(visitor, world, world.person("Ola")))[1]["code"] == "step_up_needed"


async def test_a_page_connects_with_session_and_device_and_is_hung_up_on_when_the_session_ends(
    visitor: Visitor, world: World, kari: Person
) -> None:
    await visitor.sign_in("kari")
    await bind(visitor, world, kari)
    async with socket_of(visitor.hub, visitor.cookie(), visitor.hub) as ws:
        socket = Socket(ws)
        assert await welcomed(socket, kari) == ""
        assert (await visitor.call("DELETE", "/api/v1/session"))[0] == 200
        assert await goodbye(socket) == "no_session"


async def test_a_program_connects_with_its_session_and_is_hung_up_on_when_that_ends(
    visitor: Visitor, world: World, kari: Person
) -> None:
    await visitor.sign_in("kari")
    await bind(visitor, world, kari)
    async with socket_of(visitor.hub, await visitor.native_session(), None) as ws:
        socket = Socket(ws)
        assert await welcomed(socket, kari) == ""
        await visitor.call("DELETE", "/api/v1/session/others")
        assert await goodbye(socket) == "no_session"


async def test_ending_other_sessions_hangs_up_on_their_connections_and_on_no_others(
    visitor: Visitor, another: Visitor, world: World, kari: Person
) -> None:
    for browser in (visitor, another):
        await browser.sign_in("kari")
    await bind(visitor, world, kari)
    async with (
        socket_of(visitor.hub, visitor.cookie(), visitor.hub) as mine,
        socket_of(visitor.hub, another.cookie(), visitor.hub) as other,
    ):
        sockets = Socket(mine), Socket(other)
        assert [await welcomed(socket, kari) for socket in sockets] == ["", ""]
        await visitor.call("DELETE", "/api/v1/session/others")
        assert await goodbye(sockets[1]) == "no_session"
        await sockets[0].send(frames.Ping(1))
        await sockets[0].expect(frames.Pong)


async def test_a_session_that_runs_out_by_itself_takes_its_connection_along(
    visitor: Visitor, world: World, kari: Person, signing_hub: HubProcess
) -> None:
    await visitor.sign_in("kari")
    await bind(visitor, world, kari)
    session = (await visitor.session())["session"]
    async with socket_of(visitor.hub, visitor.cookie(), visitor.hub) as ws:
        socket = Socket(ws)
        assert await welcomed(socket, kari) == ""
        await change_session(signing_hub, session, "ends_at = 1")
        assert await goodbye(socket) == "no_session"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost", "http://127.0.0.1"])
async def test_a_page_of_another_origin_does_not_connect_even_with_a_session(visitor: Visitor, origin: str) -> None:
    await visitor.sign_in("kari")
    with pytest.raises(InvalidStatus) as refused:
        await socket_of(visitor.hub, visitor.cookie(), origin)
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize("token", [None, "", "A" * 43])
async def test_a_page_without_a_session_does_not_connect(visitor: Visitor, token: str | None) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await socket_of(visitor.hub, token, visitor.hub)
    assert refused.value.response.status_code == 401


async def test_a_session_that_was_ended_opens_no_connection(visitor: Visitor) -> None:
    await visitor.sign_in("kari")
    token = visitor.cookie()
    await visitor.call("DELETE", "/api/v1/session")
    for origin in (visitor.hub, None):
        with pytest.raises(InvalidStatus) as refused:
            await socket_of(visitor.hub, token, origin)
        assert refused.value.response.status_code == 401


async def test_a_session_carries_no_device_of_somebody_else(visitor: Visitor, world: World, kari: Person) -> None:
    await visitor.sign_in("kari")
    await bind(visitor, world, kari)
    async with socket_of(visitor.hub, visitor.cookie(), visitor.hub) as ws:
        assert await welcomed(Socket(ws), world.person("Berit")) == "somebody_else"


async def test_a_session_that_nobody_has_claimed_carries_no_device(visitor: Visitor, world: World) -> None:
    await visitor.sign_in("elle", "idporten")
    async with socket_of(visitor.hub, visitor.cookie(), visitor.hub) as ws:
        assert await welcomed(Socket(ws), world.person("Elle")) == "session_not_bound"


async def test_a_session_alone_opens_nothing(visitor: Visitor, world: World, kari: Person) -> None:
    await visitor.sign_in("kari")
    await bind(visitor, world, kari)
    async with socket_of(visitor.hub, visitor.cookie(), visitor.hub) as ws:
        socket = Socket(ws)
        await socket.send(frames.Hello(1, kari.device, "test"))
        await socket.expect(frames.Challenge)
        await socket.send(frames.Prove(bytes(64)))
        assert await goodbye(socket) == "not_signed_in"


async def test_a_ticket_gives_a_program_a_session_of_its_own_once(visitor: Visitor, world: World, kari: Person) -> None:
    await visitor.sign_in("kari")
    await bind(visitor, world, kari)
    verifier = new_token()
    body = {"ticket": await visitor.ticket(verifier), "verifier": verifier}
    status, told = await visitor.call("POST", "/api/v1/session/native", body)
    assert status == 200
    assert told["token"] not in {visitor.cookie(), body["ticket"]}
    assert (await visitor.call("POST", "/api/v1/session/native", body))[1]["code"] == "ticket_refused"
    bearer = {"Authorization": f"Bearer {told['token']}"}
    status, session = await visitor.call("GET", "/api/v1/session", None, **bearer)
    assert (session["native"], session["principal"]) == (True, kari.id.hex())
    # The program's session outlives the browser's, and is ended with the others.
    await visitor.call("DELETE", "/api/v1/session")
    assert (await visitor.call("GET", "/api/v1/session", None, **bearer))[0] == 200


async def test_a_ticket_is_worth_nothing_to_who_did_not_ask_for_it(visitor: Visitor) -> None:
    await visitor.sign_in("kari")
    verifier = new_token()
    stolen = {"ticket": await visitor.ticket(verifier), "verifier": new_token()}
    assert (await visitor.call("POST", "/api/v1/session/native", stolen))[1]["code"] == "ticket_refused"
    mine = {**stolen, "verifier": verifier}  # the attempt has used it up
    assert (await visitor.call("POST", "/api/v1/session/native", mine))[1]["code"] == "ticket_refused"
    for ticket in ("", "x", "A" * 43):
        body = {"ticket": ticket, "verifier": verifier}
        assert (await visitor.call("POST", "/api/v1/session/native", body))[1]["code"] == "ticket_refused"


async def test_a_ticket_lives_a_minute_and_no_longer_than_its_session(
    visitor: Visitor, signing_hub: HubProcess
) -> None:
    await visitor.sign_in("kari")
    verifier = new_token()
    body = {"ticket": await visitor.ticket(verifier), "verifier": verifier}
    late = f"UPDATE tickets SET expires_at = 1 WHERE expires_at <= {now() + 60_000}"  # noqa: S608 - a number
    assert await execute(signing_hub, late) == "UPDATE 1"
    assert (await visitor.call("POST", "/api/v1/session/native", body))[1]["code"] == "ticket_refused"
    body["ticket"] = await visitor.ticket(verifier)
    await visitor.call("DELETE", "/api/v1/session")
    assert (await visitor.call("POST", "/api/v1/session/native", body))[1]["code"] == "ticket_refused"

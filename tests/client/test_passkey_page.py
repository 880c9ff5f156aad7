"""The port at which a program waits for what the page hands over: what is sealed to it counts, all else is noise."""

import asyncio
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import cbor
from crypto.browser_handovers import ProgramKey, SlotHandover, program_code, seal_handover
from domain.ids import PrincipalId
from samsnakk.errors import Disconnected, KeyringNotCurrent, NotInTime, Refused
from samsnakk.passkey_page import MAX_FORM, PasskeyPage
from tests.crypto.fixed import some_bytes, some_digest, some_id, some_secret

PERSON = PrincipalId(some_id("Kari"))
FOUND: list[cbor.CborInput] = [PERSON, 3, some_digest("newest"), [], b"file"]


def wish_of(page: PasskeyPage) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.address).fragment).items()}


def sealed_for(page: PasskeyPage, salt: bytes | None = None) -> bytes:
    wish = wish_of(page)
    used = salt or bytes.fromhex(wish.get("salt", "00" * 32))
    what = SlotHandover(PERSON, b"credential", used, "Nøkkel", some_secret("slot"))
    return seal_handover(what, bytes.fromhex(wish["key"]), ProgramKey(some_bytes("ephemeral")))


def form(**fields: bytes) -> bytes:
    return b"&".join(name.encode() + b"=" + urlsafe_b64encode(data).rstrip(b"=") for name, data in fields.items())


async def said_to(page: PasskeyPage, request: bytes) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", page.port)
    writer.write(request)
    await writer.drain()
    writer.write_eof()
    answer = (await reader.read()).decode()
    writer.close()
    return answer


async def posted(page: PasskeyPage, body: bytes) -> str:
    return await said_to(page, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))


@asynccontextmanager
async def waiting(page: PasskeyPage) -> AsyncIterator[PasskeyPage]:
    async with asyncio.timeout(60), page:
        yield page


async def test_the_program_at_its_port_takes_only_what_is_sealed_to_it() -> None:
    async with waiting(PasskeyPage.to_add("http://hub/", PERSON)) as page, PasskeyPage.to_open("http://hub") as other:
        good = sealed_for(page)
        body = form(sealed=good)
        noise = [
            b"GET / HTTP/1.1\r\n\r\n",
            b"GET /?ticket=" + b"A" * 43 + b" HTTP/1.1\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: x\r\n\r\n" + body,
            b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (MAX_FORM + 1),
            b"POST / HTTP/1.1\r\nContent-Length: 9999\r\n\r\n" + body,
            b"POST /other HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body),
            b"x" * 10_000,
            b"",
        ]
        for request in noise:
            assert "Ferdig" not in await said_to(page, request)
        for bad in (
            b"",
            "sealed=ø".encode(),
            b"sealed=!",
            b"sealed=A",
            form(sealed=good[:-1]),
            form(sealed=good) + b"&" + form(sealed=good),
            form(sealed=sealed_for(other)),
            form(sealed=sealed_for(page, some_bytes("an older salt"))),
        ):
            assert "Det gikk ikke" in await posted(page, bad)
        with pytest.raises(NotInTime):
            await page.outcome(0.01)


async def test_what_was_sealed_to_it_ends_its_waiting_and_a_second_one_changes_nothing() -> None:
    async with waiting(PasskeyPage.to_add("http://hub", PERSON)) as page:
        assert "Ferdig" in await posted(page, form(sealed=sealed_for(page)))
        assert "Det gikk ikke" in await posted(page, form(sealed=sealed_for(page)))
        handed = await page.outcome(30)
        assert (handed.slot.person, handed.slot.name, handed.found) == (PERSON, "Nøkkel", None)
        assert handed.slot.salt.hex() == wish_of(page)["salt"]
        assert some_secret("slot").hex() not in repr(handed)


async def test_where_a_keyring_was_to_be_opened_it_comes_along_or_the_waiting_ends_with_a_name() -> None:
    async with waiting(PasskeyPage.to_open("http://hub")) as page:
        assert "Ferdig" in await posted(page, form(sealed=sealed_for(page), found=cbor.encode(FOUND)))
        found = (await page.outcome(30)).found
        assert found is not None
        assert (found.person, found.generation, found.file) == (PERSON, 3, b"file")
    for bad in (form(), form(found=b""), form(found=cbor.encode(FOUND[:-1])), b"found=!"):
        async with waiting(PasskeyPage.to_open("http://hub")) as page:
            assert "Det gikk ikke" in await posted(page, form(sealed=sealed_for(page)) + b"&" + bad)
            with pytest.raises(KeyringNotCurrent):
                await page.outcome(30)


async def test_the_link_holds_nothing_secret_and_no_two_are_alike() -> None:
    async with waiting(PasskeyPage.to_add("http://hub/", PERSON)) as page, PasskeyPage.to_open("http://hub") as other:
        wish = wish_of(page)
        assert page.address.startswith("http://hub/keyring#")
        assert set(wish) == {"do", "person", "salt", "key", "port"}
        assert set(wish_of(other)) == {"do", "key", "port"}
        assert page.code == program_code(bytes.fromhex(wish["key"]))
        assert page.code != other.code
        assert (wish["person"], int(wish["port"])) == (PERSON.hex(), page.port)
    with pytest.raises(Disconnected):
        await PasskeyPage.to_open("http://hub").outcome(1)


@given(st.text(max_size=300) | st.binary(max_size=200).map(lambda data: form(sealed=data, found=data).decode()))
async def test_whatever_is_posted_is_refused_with_an_error_of_ours(told: str) -> None:
    for page in (PasskeyPage.to_add("http://hub", PERSON), PasskeyPage.to_open("http://hub")):
        with pytest.raises(Refused):
            await page.take(told)

"""Any text arrives as it was written, byte for byte, at every reader, now and from the disk; what cannot is refused."""

import asyncio
from collections.abc import Callable
from unicodedata import normalize

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.ids import Version
from protocol.contents import KnownContent
from protocol.errors import BadContent, NulInText, TextTooLong
from samsnakk import Agreement, Channel, Files, Question, Reason, Summary, Task, Terms, Text, Title
from tests.client.conftest import Connect, opened

LIMIT = 64 * 1024
TEXTS = {
    "Norwegian and Sámi letters": "blåbærsyltetøy čđŋšŧž ČĐŊŠŦŽ áÁ Njárgajávri",
    "emoji": "🫶🏽 👍🏿",
    "families joined by zero-width joiners": "👨‍👩‍👧‍👦 👩🏽‍⚕️ 🏳️‍🌈 👩🏻‍🤝‍👨🏿",
    "flags and keycaps": "🇳🇴🇸🇯 1️⃣ #️⃣",
    "right to left": "שלום עולם مرحبا بالعالم",
    "directions that override each other": "abc \u202edef\u202c \u2067ghi\u2069 \u200fjkl\u200e",
    "composed": normalize("NFC", "Ánne čáppa åæø"),
    "decomposed": normalize("NFD", "Ánne čáppa åæø"),
    "marks upon marks": "Z\u0351\u036b\u0343a\u030a\u0323\u0331l\u0334g\u0321o\u0337",
    "zero width": "\u200b\u200c\u200d\u2060\ufeffa\ufeff\u00ad",
    "line ends of three kinds": "en\r\nto\nto og en halv\rtre\u0085fire\u2028fem\u2029",
    "blanks at both ends": " \t\u00a0\u3000 tekst \u3000\u00a0\t ",
    "only blanks": "   ",
    "empty": "",
    "control characters": "".join(map(chr, [*range(1, 32), 127, *range(128, 160)])),
    "noncharacters and the last code point": "\ufffe\uffff\U0001fffe\U0010ffff",
    "private use": "\ue000\uf8ff\U000f0000",
    "markup and escapes": "</script><b>&amp;%00\\0\\x00 ${x} {{y}} '; DROP TABLE records; --",
    "60 KiB": "x" * 60 * 1024,
    "exactly 64 KiB": "y" * LIMIT,
    "exactly 64 KiB of four-byte signs": "🌿" * (LIMIT // 4),
}


def texts_of(channel: Channel) -> list[str]:
    contents = [channel.event(Version(v)).content for v in range(1, channel.version + 1)]
    return [content.text for content in contents if isinstance(content, Text)]


def same_bytes(ours: list[str], theirs: list[str]) -> bool:
    return [text.encode() for text in ours] == [text.encode() for text in theirs]


@pytest.fixture
async def pair(connect: Connect, terms: Callable[..., Terms]) -> tuple[Channel, Channel]:
    """A writer's and a reader's end of one channel."""
    channel = await (await connect("Kari")).open_channel()
    await channel.join(0, terms("Jon"))
    return channel, await opened(await connect("Jon"), channel)


async def test_every_difficult_text_arrives_as_written_and_stays_so_on_the_disk(
    pair: tuple[Channel, Channel], connect: Connect
) -> None:
    channel, theirs = pair
    sent = await asyncio.gather(*(channel.post(0, Text(text)) for text in TEXTS.values()))
    await theirs.reached(sent[-1].version)
    assert same_bytes(texts_of(theirs), list(TEXTS.values()))
    assert same_bytes(texts_of(channel), list(TEXTS.values()))
    assert TEXTS["composed"] != TEXTS["decomposed"]
    again = await opened(await connect("Jon"), channel)
    assert same_bytes(texts_of(again), list(TEXTS.values()))
    for text in TEXTS.values():
        await theirs.save_draft(0, text)
        assert same_bytes([await theirs.draft(0)], [text])


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=1, max_size=12))
async def test_any_text_arrives_as_written(pair: tuple[Channel, Channel], texts: list[str]) -> None:
    channel, theirs = pair
    before = len(texts_of(theirs))
    sent = await asyncio.gather(*(channel.post(0, Text(text)) for text in texts))
    await theirs.reached(sent[-1].version)
    assert same_bytes(texts_of(theirs)[before:], texts)


async def test_titles_reasons_and_names_of_files_arrive_as_written_too(pair: tuple[Channel, Channel]) -> None:
    channel, theirs = pair
    for text in (text for text in TEXTS.values() if len(text) < LIMIT // 8):
        file = await channel.upload(0, text.encode(), text)
        contents: list[KnownContent] = [
            Title(text),
            Reason(text),
            Question(text),
            Agreement((text, ""), text, (Task(text, text),)),
            Summary(text, text),
            Files((file,), text),
        ]
        sent = await asyncio.gather(*(channel.post(0, content) for content in contents))
        await theirs.reached(sent[-1].version)
        assert [theirs.event(found.version).content for found in sent] == contents
        assert await theirs.download(0, file) == text.encode()


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("a\0b", NulInText),
        ("\0", NulInText),
        ("halv \ud83e emoji", BadContent),
        ("\udfff", BadContent),
        ("z" * (LIMIT + 1), TextTooLong),
        ("å" * (LIMIT // 2) + "x", TextTooLong),
    ],
    ids=["NUL", "only NUL", "half a pair", "the other half", "a byte too long", "too long in bytes, not in letters"],
)
async def test_what_cannot_arrive_as_written_is_refused_by_name_before_anything_is_sent(
    pair: tuple[Channel, Channel], text: str, error: type[BadContent]
) -> None:
    channel, theirs = pair
    before = channel.version
    for content in (Text(text), Title(text), Question(text), Agreement(("vi",), "dette", (Task("hun", text),))):
        with pytest.raises(error) as refused:
            await channel.post(0, content)
        assert type(refused.value) is error
        assert text not in str(refused.value) or len(text) == 1
    sent = await channel.post(0, Text("og dette kommer frem"))
    await theirs.reached(sent.version)
    authored = [v for v in range(before + 1, sent.version + 1) if channel.event(Version(v)).author is not None]
    assert authored == [sent.version]

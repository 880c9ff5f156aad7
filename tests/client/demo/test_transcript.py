from dataclasses import replace

import pytest
from rich.cells import cell_len

from domain.channel import events as e
from domain.channel.kinds import KINDS
from domain.channel.terms import KindClass
from domain.ids import DeviceId, Digest, Millis, ThreadNo, Version
from protocol.contents import Agreement, KnownContent, Question, Task, Text, Unknown
from samsnakk.channel_events import ChannelEvent, State
from samsnakk.cli.people import Names, Threads
from samsnakk.cli.texts import BOKMAL
from samsnakk.cli.transcript import Transcript
from samsnakk.demo.world import World

NOON = Millis(1_795_345_200_000)


@pytest.fixture
def event(world: World) -> ChannelEvent:
    kari = world.person("Kari")
    return ChannelEvent(
        version=Version(7),
        recorded_at=NOON,
        thread=ThreadNo(0),
        kind_class=KindClass.CONTENT,
        kind="message-posted/1",
        author=kari.id,
        device=DeviceId(kari.device),
        organisation=kari.organisation,
        role=None,
        facts=e.MessagePosted(),
        content=Text("Hei"),
        state=State.READABLE,
        head=Digest(bytes(32)),
    )


@pytest.fixture
def transcript(world: World) -> Transcript:
    names = Names(world.trust, world.person("Elle").id, BOKMAL)
    return Transcript(names, Threads(BOKMAL), 80)


def shown(transcript: Transcript, event: ChannelEvent) -> str:
    return "\n".join(line.plain for line in transcript.render(event))


def test_a_message_names_author_organisation_number_and_day(transcript: Transcript, event: ChannelEvent) -> None:
    text = shown(transcript, event)
    assert "Kari Lindmoen · Fjellheim DPS" in text
    assert "#7" in text
    assert "2026 ─" in text


def test_each_day_is_marked_once(transcript: Transcript, event: ChannelEvent) -> None:
    shown(transcript, event)
    assert "──" not in shown(transcript, event)


@pytest.mark.parametrize(
    "content",
    [
        Text("å" * 500),
        Text("ord " * 200),
        Text("a\r\n\r\nb"),
        Question("👩\u200d⚕️" * 60),
        Agreement(("Elle", "Kari"), "x" * 300, (Task("Kari", "y" * 200, NOON),)),
    ],
)
def test_nothing_is_wider_than_the_terminal(transcript: Transcript, event: ChannelEvent, content: KnownContent) -> None:
    lines = transcript.render(replace(event, content=content))
    assert max(cell_len(line.plain) for line in lines) <= 80


def test_a_message_cannot_steer_the_terminal(transcript: Transcript, event: ChannelEvent) -> None:
    assert "\x1b" not in shown(transcript, replace(event, content=Text("\x1b[2J\x07")))


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.ON_ITS_WAY, "nøkkelen er på vei"),
        (State.RETRACTED, "trukket tilbake"),
        (State.ERASED, "Slettet etter vedtak"),
        (State.HIDDEN, "ikke for deg"),
    ],
)
def test_what_cannot_be_read_is_said_in_words(
    transcript: Transcript, event: ChannelEvent, state: State, words: str
) -> None:
    assert words in shown(transcript, replace(event, content=None, state=state))


def test_content_of_a_newer_program_is_not_dropped(transcript: Transcript, event: ChannelEvent) -> None:
    assert "trenger en nyere versjon" in shown(transcript, replace(event, content=Unknown("hologram")))


def test_the_reader_is_addressed_as_you(transcript: Transcript, event: ChannelEvent, world: World) -> None:
    taken = replace(event, facts=e.QuestionTaken(Version(3), None), kind="question-taken/1", content=None)
    assert "Kari Lindmoen tok spørsmålet #3" in shown(transcript, taken)
    mine = replace(taken, author=world.person("Elle").id)
    assert "Du tok spørsmålet #3" in shown(transcript, mine)


def test_every_kind_of_act_has_its_words() -> None:

    assert {kind.name for kind in KINDS} <= BOKMAL.facts.keys()

"""Who has read what, through a real hub: asked by the user, by members, in the terminal, and checked by a stranger."""

import asyncio
import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from domain.access.events import Reach
from domain.ids import Version
from protocol.trust import encode_trust
from samsnakk import ALL_HISTORY, Channel, Files, Standing, Terms, Text
from samsnakk.cli.arguments import main
from samsnakk.demo.profiles import UNLOCK_FILE
from samsnakk.demo.world import World
from samsnakk.report.as_json import FORMAT
from samsnakk.report.proof import BadProof, check_proof, make_proof
from samsnakk.who_read import WhoRead
from tests.client.conftest import KEY, Connect, opened
from tests.conftest import HubProcess

Conversation = tuple[Channel, Channel, dict[str, Version]]


@pytest.fixture
async def conversation(connect: Connect, terms: Callable[..., Terms], world: World) -> Conversation:
    """Kari and Jon talk, Jon says what he has seen; Elle arrives; Ingrid comes later, from then on."""
    kari, jon, elle = [await connect(name) for name in ("Kari", "Jon", "Elle")]
    channel = await kari.open_channel(title="Om Elle")
    await channel.join(0, terms("Jon"))
    first = await channel.post(0, Text("Kommer du i morgen?"))
    theirs = await opened(jon, channel)
    await theirs.reached(first.version)
    seen = await theirs.seen(0, first.version)
    await channel.reached(seen.version)
    await channel.user_arrived(world.person("Elle").id)
    hers = await opened(elle, channel)
    await channel.join(0, terms("Ingrid"))
    second = await channel.post(0, Text("Ja, klokka ett."))
    later = await opened(await connect("Ingrid"), channel)
    await later.reached(second.version)
    await hers.reached(second.version)
    return channel, hers, {"first": first.version, "second": second.version}


def _people(read: WhoRead, version: Version, world: World) -> dict[str, bool]:
    """Whose access is known, and whether the message was shown to them."""
    return {world.trust.name_of(a.person): a.shown_at is not None for a in read.of_message(version)}


async def test_the_user_learns_who_could_read_each_message_and_who_has_seen_it(
    conversation: Conversation, world: World
) -> None:
    _, hers, sent = conversation
    read = await hers.who_read()
    name = {short: world.person(short).name for short in ("Kari", "Jon", "Elle", "Ingrid")}
    assert _people(read, sent["first"], world) == {name["Kari"]: False, name["Jon"]: True, name["Elle"]: False}
    assert set(_people(read, sent["second"], world)) == set(name.values())
    assert read.leaves == 0
    assert read.unlogged == []
    assert all(reading.proven for reading in read.readings)


async def test_a_member_learns_about_own_readings_and_that_there_are_others(
    conversation: Conversation, world: World
) -> None:
    channel, _, sent = conversation
    read = await channel.who_read()
    assert set(_people(read, sent["second"], world)) == {world.person("Kari").name}
    assert read.leaves > 0
    assert read.unlogged == []


async def test_an_own_interval_that_is_over_is_known_to_be_over(
    connect: Connect, terms: Callable[..., Terms], world: World
) -> None:
    channel = await (await connect("Kari")).open_channel()
    await channel.join(0, terms("Jon"))
    jon = await connect("Jon")
    theirs = await opened(jon, channel)
    await channel.remove_from_thread(0, world.person("Jon").id)
    async with asyncio.timeout(20):
        await theirs._held.pulse.wait_for(lambda: theirs.ended)
    await channel.join(0, terms("Jon"))
    await theirs.resume()
    await theirs.caught_up()
    ends = [(r.ending, r.closed_at is not None) for r in (await theirs.who_read()).readings if r.reach is None]
    assert ends == [("not_a_participant", True), (None, False)]


async def test_a_file_and_older_history_that_were_fetched_are_found_at_their_message(
    connect: Connect, terms: Callable[..., Terms], world: World
) -> None:
    kari, elle = await connect("Kari"), await connect("Elle")
    channel = await kari.open_channel()
    file = await channel.upload(0, b"tegning", "tegning.png")
    sent = await channel.post(0, Files((file,)))
    await channel.user_arrived(world.person("Elle").id)
    await channel.join(0, terms("Jon", history=ALL_HISTORY))
    theirs = await opened(await connect("Jon"), channel)
    await theirs.download(0, file)
    hers = await opened(elle, channel)
    read = await hers.who_read()
    jons = [d.reading.reach for d in read.disclosures if d.reading.person == world.person("Jon").id]
    assert Reach.ATTACHMENT in jons
    assert world.person("Jon").id in {a.person for a in read.of_message(sent.version)}


async def test_an_inbox_is_named_with_the_person_behind_it(connect: Connect, world: World) -> None:
    channel = await (await connect("Kari")).open_channel()
    inbox, organisation = world.organisation("nordvik").inbox, world.organisation("nordvik").id
    await channel.join(0, Terms(inbox.id, Standing.INBOX, organisation))
    sent = await channel.post(0, Text("til dere på vakt"))
    ingrid = await connect("Ingrid", inbox_of="nordvik")
    theirs = await ingrid.channel(channel.id, role=inbox.id)
    await theirs.caught_up()
    await channel.user_arrived(world.person("Elle").id)
    hers = await opened(await connect("Elle"), channel)
    (found,) = [a for a in (await hers.who_read()).of_message(sent.version) if a.role == inbox.id]
    assert found.person == world.person("Ingrid").id


# ── handed on ────────────────────────────────────────────────────────────────────────────────────────────────────────
async def test_a_stranger_with_the_trust_file_checks_an_exported_log(conversation: Conversation, world: World) -> None:
    read = await conversation[1].who_read()
    log = check_proof(json.loads(json.dumps(make_proof(read))), world.trust)
    assert log.head == read.head
    assert [line.event for line in log.lines] == [line.event for line in read.lines]


def _without_last(proof: dict[str, Any]) -> None:
    del proof["lines"][-1]


def _without_first(proof: dict[str, Any]) -> None:
    del proof["lines"][0]


def _swapped(proof: dict[str, Any]) -> None:
    proof["lines"][0], proof["lines"][1] = proof["lines"][1], proof["lines"][0]


def _changed(proof: dict[str, Any]) -> None:
    line = proof["lines"][0]
    proof["lines"][0] = line[:-12] + ("A" if line[-12] != "A" else "B") + line[-11:]


def _elsewhere(proof: dict[str, Any]) -> None:
    proof["channel"] = "00" * 16


def _other_head(proof: dict[str, Any]) -> None:
    proof["access_head"] = "00" * 32


@pytest.mark.parametrize(
    "tamper", [_without_last, _without_first, _swapped, _changed, _elsewhere, _other_head, dict.clear]
)
async def test_an_exported_log_that_was_changed_is_refused(
    conversation: Conversation, world: World, tamper: Callable[[dict[str, Any]], None]
) -> None:
    proof = make_proof(await conversation[1].who_read())
    tamper(proof)
    with pytest.raises(BadProof):
        check_proof(proof, world.trust)


# ── in the terminal ──────────────────────────────────────────────────────────────────────────────────────────────────
Typed = Callable[..., Any]


@pytest.fixture
def typed(tmp_path: Path, hub: HubProcess, capsys: pytest.CaptureFixture[str]) -> Typed:
    async def typed(channel: Channel, *words: str, command: str = "access") -> tuple[int, str]:
        (tmp_path / "Elle" / UNLOCK_FILE).write_bytes(KEY)
        there = ["--as", "Elle", "--data", str(tmp_path / "Elle"), "--url", hub.url]
        code = await asyncio.to_thread(main, [command, channel.id.hex(), *there, *words])
        shown = capsys.readouterr()
        return code, shown.out + shown.err

    return typed


async def test_the_terminal_says_in_plain_words_who_has_read_a_message(
    conversation: Conversation, typed: Typed, world: World
) -> None:
    _, hers, sent = conversation
    code, said = await typed(hers, "--message", str(sent["first"]))
    assert code == 0, said
    text = " ".join(said.split())
    assert f"{world.person('Kari').name} skrev meldingen" in text
    assert f"{world.person('Jon').name}" in text
    assert "og fikk den vist" in text
    assert "Formål: samarbeid. Grunnlag: behandling." in text
    assert world.person("Ingrid").name not in text.split("Innsynslogg, linje for linje")[0]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (["--day", "01.01.2020"], "Det er ikke lest noe."),
        (["--who", "Jon"], "Hva har Jon"),
        (["--organisation", "Nordvik kommune"], "Hva har Nordvik kommune lest?"),
        (["--language", "en"], "Who has read anything here?"),
        (["--message", "1"], "nothing that was written has that number"),
        (["--day", "i går"], "write a day as"),
        (["--out", "logg.doc"], "the name ends in"),
    ],
)
async def test_the_terminal_answers_about_days_people_and_organisations(
    conversation: Conversation, typed: Typed, question: list[str], answer: str
) -> None:
    code, said = await typed(conversation[1], *question)
    assert answer in said
    assert code == (2 if answer[0].islower() else 0)


async def test_the_log_is_exported_in_every_form_and_checked_again(
    conversation: Conversation, typed: Typed, tmp_path: Path, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {kind: tmp_path / f"logg.{kind}" for kind in ("html", "csv", "json")}
    code, said = await typed(conversation[1], *(word for path in files.values() for word in ("--out", str(path))))
    assert (code, said) == (0, "")
    page = files["html"].read_text(encoding="utf-8")
    assert "<script" not in page
    assert world.person("Jon").name in page
    rows = list(csv.reader(io.StringIO(files["csv"].read_text(encoding="utf-8-sig"))))
    assert ["#", "readings", "Innsynslogg, linje for linje"] in rows
    assert json.loads(files["json"].read_text(encoding="utf-8"))["format"] == FORMAT
    trust = tmp_path / "trust.json"
    trust.write_bytes(encode_trust(world.trust))
    check = ["access", "--check", str(files["json"]), "--trust", str(trust)]
    assert await asyncio.to_thread(main, check) == 0
    assert "kontrollert uten hub" in capsys.readouterr().out
    files["json"].write_text(files["json"].read_text(encoding="utf-8").replace('"access_head": "', '"access_head": "0'))
    assert await asyncio.to_thread(main, check) == 1


# ── the whole report ─────────────────────────────────────────────────────────────────────────────────────────────────
async def test_the_whole_report_is_made_from_a_real_channel_in_both_languages(
    conversation: Conversation, typed: Typed, tmp_path: Path, world: World
) -> None:
    for language, sentence in (("nb", "Innsynsloggen er hel"), ("en", "The access log is whole")):
        page = tmp_path / f"rapport-{language}.html"
        code, said = await typed(
            conversation[1], "--language", language, "--out", str(page), "--thread", "0", command="report"
        )
        assert (code, said) == (0, "")
        text = page.read_text(encoding="utf-8")
        assert sentence in text
        assert world.person("Jon").name in text
        assert "Kommer du i morgen?" not in text


async def test_a_report_is_narrowed_to_a_period_and_says_who_had_access_at_its_end(
    conversation: Conversation, typed: Typed
) -> None:
    code, said = await typed(
        conversation[1], "--until", "01.01.2020", "--on", "2020-01-01", "--language", "en", command="report"
    )
    assert code == 0, said
    assert "0 had access on 1 January 2020, 23:59." in said
    assert "0 acts, in the order" in said

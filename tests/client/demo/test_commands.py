import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ids import Millis
from protocol.trust import HubPin, OrganisationPin, PersonPin, Trust
from samsnakk.cli import commands as c
from samsnakk.cli import rights_commands as r
from samsnakk.cli.error_texts import Unclear
from samsnakk.cli.known_names import Known
from samsnakk.cli.texts import BOKMAL


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("Hei, Elle!", c.Say("Hei, Elle!")),
        ("  to blanke foran", c.Say("  to blanke foran")),
        ("//dev/null er en fil", c.Say("/dev/null er en fil")),
        ("/spør Hvem henter nøkkelen?", c.Ask("Hvem henter nøkkelen?")),
        ("/ask Who?", c.Ask("Who?")),
        ("/ta 12", c.Take(12, None)),
        ("/TA #12 4t", c.Take(12, Millis(4 * 3_600_000))),
        ("/take 12 2 d", c.Take(12, Millis(2 * 86_400_000))),
        ("/ferdig 12", c.Done(12)),
        ("/trekk #3", c.Retract(3)),
        ("/fil ~/Mine bilder/tegning.png", c.SendFile("~/Mine bilder/tegning.png")),
        ("/lagre #12", c.SaveFiles(12, None)),
        ("/save 12 /tmp/to ord", c.SaveFiles(12, "/tmp/to ord")),
        ("/tråd", c.SwitchThread(None)),
        ("/tråd 1", c.SwitchThread(1)),
        ("/hvem", c.Who()),
        ("/hjelp", c.Help()),
        ("/slutt", c.Quit()),
        ("   ", None),
    ],
)
def test_a_line_is_understood(line: str, command: c.Command | None) -> None:
    assert c.parse(line) == command


@pytest.mark.parametrize(
    ("line", "usage"),
    [
        ("/danse", None),
        ("/", None),
        ("/spør", "ask"),
        ("/ta", "take"),
        ("/ta snart", "take"),
        ("/ta 1 uke", "take"),
        ("/ferdig x", "done"),
        ("/fil", "file"),
        ("/lagre", "save"),
        ("/lagre bildet", "save"),
        ("/tråd ²", "thread"),
    ],
)
def test_what_is_not_understood_is_answered_with_its_usage(line: str, usage: str | None) -> None:
    with pytest.raises(c.NotUnderstood) as caught:
        c.parse(line)
    assert caught.value.usage == usage


@given(st.text())
def test_any_line_is_a_command_or_not_understood(line: str) -> None:
    try:
        c.parse(line)
    except c.NotUnderstood:
        assert line.startswith("/")


@given(st.text(min_size=1).filter(str.strip))
def test_any_message_can_be_said(text: str) -> None:
    assert c.parse("/" + text if text.startswith("/") else text) == c.Say(text)


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("/samtykke", r.ShowConsents()),
        ("/samtykke NAV Nordvik 30d", r.GiveConsent("NAV Nordvik 30d")),
        ("/begrens NAV fra-nå", r.LimitConsent("NAV fra-nå")),
        ("/trekk NAV", r.WithdrawConsent("NAV")),
        ("/trekk #12", c.Retract(12)),
        ("/sperr Jon", r.BlockSomebody("Jon")),
        ("/skjerm", r.Shield(up=True)),
        ("/skjerm av", r.Shield(up=False)),
        ("/meld Jon noe", r.ReportSomething("Jon noe")),
        ("/inviter Jon behandling alt", r.BringIn("Jon behandling alt")),
        ("/ut Jon feil", r.PutOut("Jon feil")),
        ("/historikk Jon fra #2", r.OpenHistory("Jon fra #2")),
        ("/virksomhet NAV nav", r.StateKind("NAV nav")),
        ("/ja #7", r.AnswerProposal(7, yes=True)),
        ("/nei 7", r.AnswerProposal(7, yes=False)),
    ],
)
def test_a_line_about_who_takes_part_is_understood(line: str, command: c.Command) -> None:
    assert c.parse(line) == command


@pytest.mark.parametrize("name", ["begrens", "trekk", "sperr", "skjerm nå", "meld", "inviter", "ut", "ja", "nei snart"])
def test_what_lacks_its_words_is_answered_with_how_it_is_written(name: str) -> None:
    with pytest.raises(c.NotUnderstood) as caught:
        c.parse(f"/{name}")
    assert caught.value.usage in BOKMAL.usage


def test_every_command_stands_in_the_help() -> None:
    words = {usage.split()[0].rstrip(",") for usage in BOKMAL.usage.values()}
    assert {word for word in words if word not in BOKMAL.help} <= {"/virksomhet"}


def test_names_are_found_whole_by_one_word_and_never_by_guessing() -> None:
    people = (("Kari Lindmoen", None), ("Kari Nilsen", None), ("Jon Berg", b"o" * 16))
    pins = tuple(PersonPin(bytes([n]) * 16, name, "", house) for n, (name, house) in enumerate(people))
    houses = (OrganisationPin(b"o" * 16, "Nord kommune", "", bytes(32), bytes(16)),)
    known = Known(Trust(1, bytes(16), HubPin(bytes(16), bytes(32)), houses, pins))
    assert known.person("kari nilsen alt").rest == ["alt"]
    assert known.person("Berg 30d").id == pins[2].id
    assert known.organisation("NORD kommune").id == b"o" * 16
    for words in ("Kari alt", "Per", "Nord kommune alt"):
        with pytest.raises(Unclear):
            known.person(words)

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ids import Millis
from samsnakk.cli import commands as c


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

import json
import re
import tomllib
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.channel.terms import Standing
from samsnakk.demo import script as s
from samsnakk.demo.positions import Path, find_positions
from samsnakk.demo.reading import read_script
from samsnakk.demo.tables import ScriptError

HEAD = """\
title = "Prøve"
[organisations.dps]
name = "DPS"
[participants.Elle]
name = "Elle"
[participants.Kari]
organisation = "dps"
function = "psychologist"
legal_basis = "treatment"
[channel]
name = "elle"
user = "Elle"
opened_by = "Kari"
[threads.stab]
audience = "staff_only"
title = "Stab"
reason = "Fordi"
review = "30 d"
"""
FIRST = HEAD.count("\n") + 1


def script(*steps: str) -> bytes:
    return (HEAD + "".join(f"[[step]]\n{step}\n" for step in steps)).encode()


def as_toml(text: str) -> str:
    """A TOML basic string; JSON's escapes are a subset of TOML's but for the surrogates and DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


ANY_TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


@given(ANY_TEXT)
@example("")
@example("\r\n\r\nč đ ŋ š ŧ ž å æ ø 🙂 \u202eאבג\u202c a\u0301 \u200b\ufeff\r")
@example("å" * 30 * 1024)
def test_any_text_comes_through_unchanged(text: str) -> None:
    step = read_script(script(f'do="message"\nby="Kari"\ntext={as_toml(text)}')).steps[0]
    assert isinstance(step, s.Post)
    assert step.content == s.TextPlan(text=text)


MISTAKES = [
    (['do="message"\nby="Ola"\ntext=""'], 2, "participant 'Ola' is not declared; declared: Elle, Kari"),
    (['do="message"\nby="Kari"\n\ntext=3'], 4, "'text' must be a text"),
    (['do="message"\nby="Kari"'], 0, "'text' is missing"),
    (['do="message"\nby="Kari"\ntxt="hei"\ntext=""'], 3, "unknown key 'txt'; did you mean 'text'?"),
    (['by="Kari"\ndo="shout"'], 2, "unknown step 'shout'"),
    (['do="message"\nby="Kari"\ntext="a\\u0000b"'], 3, "NUL"),
    (['do="message"\nby="Kari"\ntext="a\0b"'], 3, "NUL"),
    (['do="message"\nby="Kari"\ntext="""\n' + "x" * 70000 + '"""'], 3, "70000 bytes"),
    (['do="message"\nby="Kari"\nthread="stab"\ntext=""'], 3, "no step has opened it yet"),
    (['do="message"\nby="Kari"\nthread="stb"\ntext=""'], 3, "it is not declared"),
    (['do="thread"\nby="Kari"\nthread="stab"\nmembers=[\n"Kari",\n"Ola"]'], 6, "participant 'Ola'"),
    (['do="take"\nby="Kari"\ntarget="x"'], 3, "no earlier question is labelled 'x'"),
    (['do="message"\nby="Kari"\ntext=""\nlabel="a"'] * 2, 4, "already labels the step on line"),
    (['do="question"\nby="Kari"\ntext=""\ndue="soon"'], 4, "must be a length of time"),
    (['do="join"\nby="Kari"\nwho="Elle"'], 3, "'Elle' is the user"),
    (['do="message"\nby="Kari"\ntext=""\nrefused="because"'], 4, "unknown error code"),
    (['do="message"\nby="Kari\ntext=""'], 2, "Illegal character"),
]


@pytest.mark.parametrize(("steps", "line", "problem"), MISTAKES)
def test_a_mistake_is_reported_on_its_line(steps: list[str], line: int, problem: str) -> None:
    before = sum(step.count("\n") + 2 for step in steps[:-1])
    with pytest.raises(ScriptError, match=re.escape(problem)) as caught:
        read_script(script(*steps))
    assert caught.value.line == FIRST + before + line
    assert str(caught.value).startswith(f"line {FIRST + before + line}: ")


HOUSES = [
    ('do="kill-node"\norganisation="nav"', "organisation 'nav' is not declared; declared: dps"),
    ('do="start-node"\norganisation="nav"', "organisation 'nav' is not declared"),
    ('do="depart"\nwho="Elle"', "'Elle' works for no organisation"),
    ('do="depart"\nwho="Kari"\nby="Kari"', "by"),
]


@pytest.mark.parametrize(("step", "problem"), HOUSES)
def test_a_mistake_about_nodes_and_registers_is_reported(step: str, problem: str) -> None:
    with pytest.raises(ScriptError, match=re.escape(problem)):
        read_script(script(step))


def test_an_organisation_is_served_by_a_node_that_is_there() -> None:
    source = script('do="arrive"\nby="Kari"')
    house = b'[organisations.lege]\nname = "Legen"\nnode = "%b"\n'
    assert [o.node for o in read_script(source + house % b"dps").organisations] == ["", "dps"]
    with pytest.raises(ScriptError, match="'nav' has no node of its own; there are dps"):
        read_script(source + house % b"nav")
    with pytest.raises(ScriptError, match="'lege' has no node of its own; there are dps"):
        read_script(source + house % b"dps" + house.replace(b"lege]", b"to]") % b"lege")


def test_an_expectation_names_everybody_else_as_kept_out() -> None:
    source = script('do="message"\nby="Kari"\ntext=""\nlabel="a"') + b'[[expect]]\nmessage="a"\nreadable_by=["Kari"]\n'
    assert read_script(source).expectations[0].not_by == ("Elle",)


def test_an_expectation_about_an_unknown_message_is_a_mistake_on_its_line() -> None:
    source = script('do="message"\nby="Kari"\ntext=""\nlabel="a"') + b'[[expect]]\nmessage="b"\nreadable_by=["Kari"]\n'
    with pytest.raises(ScriptError, match=rf"line {FIRST + 6}: no message is labelled 'b'; labelled: a"):
        read_script(source)


def test_bytes_that_are_not_utf8_are_reported_on_their_line() -> None:
    with pytest.raises(ScriptError, match="line 2: not UTF-8"):
        read_script(b'title = "a"\nx = "\xe6"\n')


def test_a_staff_only_thread_needs_its_reason() -> None:
    source = script('do="arrive"\nby="Kari"').replace(b'reason = "Fordi"\n', b"")
    with pytest.raises(ScriptError, match=r"line 14: a thread 'staff_only' needs 'reason'"):
        read_script(source)


INBOX = b'[participants.%b]\norganisation="dps"\nfunction="reception"\nlegal_basis="treatment"\ninbox=true\n'


def test_a_service_inbox_takes_part_through_whoever_has_duty_there() -> None:
    read = read_script(script('do="arrive"\nby="Kari"') + INBOX % b"Vakta")
    assert read.participants["Vakta"].standing is Standing.INBOX
    assert read.participants["Kari"].standing is Standing.STAFF


def test_a_second_participant_for_one_inbox_is_a_mistake_on_its_line() -> None:
    with pytest.raises(ScriptError, match=rf"line {FIRST + 12}: 'Vakta' acts for the inbox of 'dps' already"):
        read_script(script('do="arrive"\nby="Kari"') + INBOX % b"Vakta" + INBOX % b"Mer")


def test_an_inbox_belongs_to_an_organisation_and_opens_no_channel() -> None:
    with pytest.raises(ScriptError, match="line 5: a service inbox belongs to an organisation"):
        read_script(script('do="arrive"\nby="Kari"').replace(b'name = "Elle"\n', b"inbox = true\n", 1))
    opened = script('do="arrive"\nby="Kari"').replace(b'opened_by = "Kari"', b'opened_by = "Vakta"')
    with pytest.raises(ScriptError, match="line 13: only staff open a channel, and 'Vakta' acts for an inbox"):
        read_script(opened + INBOX % b"Vakta")


KEYS = st.text("abcå-_ .\"'\\\n#=[]{}", min_size=1, max_size=4)
SCALARS = st.one_of(
    st.integers(0, 99).map(str),
    st.sampled_from(["true", "1979-05-27 07:32:00", "0.5", "'''a\n'b'\n'''", '"""""', '"""\n""x"""""', '"#]}"']),
    st.text("a\"'\\\n#[]{}=,", max_size=8).map(as_toml),
)


def arrays(items: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(items, max_size=3).map(lambda found: "[" + " # ,\n".join(f"{item}," for item in found) + "\n]")


VALUES = st.recursive(
    SCALARS.filter(lambda v: v != '"""""'),
    lambda inner: (
        arrays(inner)
        | st.dictionaries(KEYS, inner.filter(lambda v: "\n" not in v), max_size=2).map(
            lambda d: "{" + ", ".join(f"{as_toml(k)} = {v}" for k, v in d.items()) + "}"
        )
    ),
    max_leaves=6,
)


@given(st.lists(st.tuples(KEYS, st.dictionaries(KEYS, VALUES, max_size=3), st.booleans()), max_size=4))
def test_every_key_of_any_source_is_found_on_its_line(parts: list[tuple[str, dict[str, str], bool]]) -> None:
    lines: dict[Path, int] = {}
    source = ""
    for number, (name, values, several) in enumerate(parts):
        header, prefix = as_toml(f"{number}{name}"), f"{number}{name}"
        path: Path = (prefix, 0) if several else (prefix,)
        lines[path] = source.count("\n") + 1
        source += f"[[{header}]]\r\n" if several else f"[ {header} ] # ]\n"
        for key, value in values.items():
            lines[(*path, key)] = source.count("\n") + 1
            source += f'{as_toml(key)}={value} # "\n\n'
    found = find_positions(source)
    assert {path: found.get(path) for path in lines} == lines
    assert set(_paths(tomllib.loads(source), ())) <= found.keys()


def _paths(value: Any, path: Path) -> list[Path]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(p for key, child in children for p in _paths(child, (*path, key)))]

"""Writes the parts of docs/ that are made from the code: `python tests/docs/generate.py [--check]`.

A part stands between `<!-- made: name -->` and `<!-- end -->`; PARTS says what makes it. With --check nothing is
written; it exits with 1 if any file is not as it would be written.
"""

import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, get_args

# Beside this file when it is run as a script, below tests/ when pytest reads it.
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from domain.access.events import ACCESS_KINDS, ThreadBasis  # noqa: E402
from domain.channel.events import AttachmentRef  # noqa: E402
from domain.channel.kinds import KINDS, Kind  # noqa: E402
from domain.channel.permissions import ALLOWED_WHEN_CLOSED, TABLE, Rule  # noqa: E402
from domain.channel.terms import KeyRef, RosterEntry, VaultRef  # noqa: E402
from protocol import contents, frames  # noqa: E402
from protocol.facts import KIND_OF  # noqa: E402
from protocol.table import TABLE as ERRORS  # noqa: E402
from service.http.routes import ROUTES  # noqa: E402
from service.push.subscription import Ended  # noqa: E402
from service.settings import settings_reference  # noqa: E402
from tests.docs.fields import fields_of, sentence_of  # noqa: E402
from tests.docs.limits import limits_table  # noqa: E402
from tests.docs.permission_pages import permission_pages  # noqa: E402

MARKED = re.compile(r"(<!-- made: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def table(header: str, rows: Sequence[tuple[str, ...]]) -> str:
    """A Markdown table; `header` holds the column names, separated by " | "."""
    names = header.split(" | ")
    lines = [f"| {header} |", "|" + "---|" * len(names), *(f"| {' | '.join(row)} |" for row in rows)]
    return "\n".join(lines) + "\n"


def kinds() -> str:
    """Every kind of act."""
    return table("kind | class | thread in the header | body | facts | meaning", [_kind(kind) for kind in KINDS])


def access_kinds() -> str:
    """Every kind of line in the access log."""
    return table("kind | facts | meaning", [(*_kind(kind)[:1], *_kind(kind)[4:]) for kind in ACCESS_KINDS])


def _kind(kind: Kind) -> tuple[str, ...]:
    thread = "yes" if kind.in_thread else "null"
    return (f"`{kind.name}`", kind.kind_class, thread, kind.body, fields_of(kind.event), sentence_of(kind.event))


def fact_parts() -> str:
    """The maps that stand inside facts."""
    parts = (KeyRef, VaultRef, RosterEntry, AttachmentRef, ThreadBasis)
    return table("map | fields | meaning", [(part.__name__, fields_of(part), sentence_of(part)) for part in parts])


def client_frames() -> str:
    """Frames that clients send."""
    return _frames(get_args(frames.ClientFrame))


def hub_frames() -> str:
    """Frames that the hub sends."""
    return _frames(get_args(frames.HubFrame))


def _frames(classes: tuple[Any, ...]) -> str:
    rows = [(f"`{c.__struct_config__.tag}`", fields_of(c), sentence_of(c).split(": ", 1)[-1]) for c in classes]
    return table("frame | fields, in order | meaning", rows)


def content_kinds() -> str:
    """What can be sealed inside a message."""
    classes = (*get_args(contents.KnownContent), contents.Task, contents.SealedFile)
    tags = [c.__struct_config__.tag for c in classes]
    names = [f"`{tag}`" if tag else f"({c.__name__})" for tag, c in zip(tags, classes, strict=True)]
    return table(
        "kind | fields | meaning", [(n, fields_of(c), sentence_of(c)) for n, c in zip(names, classes, strict=True)]
    )


def error_codes() -> str:
    """The one table of error codes."""
    rows = [
        (f"`{row.code}`", str(row.status), row.retry.value, row.advice.replace("\n", " ")) for row in ERRORS.values()
    ]
    return table("code | HTTP | trying again | meaning, or what to do", rows)


def http_doors() -> str:
    """Every HTTP route."""
    return table("method | path | what it does", [(method, f"`{path}`", text) for method, path, _, text in ROUTES])


def decision_table() -> str:
    """Who may record what, on which conditions, with whose approval."""
    rows = [_rule(event, rule) for event, rules in TABLE.items() for rule in rules]
    return table("act | who | if all of this holds | approved by", rows)


def _rule(event: type, rule: Rule) -> tuple[str, ...]:
    conditions = ", ".join(condition.replace("_", " ") for condition in rule.conditions)
    return (f"`{KIND_OF[event].name}`", rule.actor.value, conditions or "always", " or ".join(rule.approvers) or "–")


def when_closed() -> str:
    """What a closed channel still allows."""
    return ", ".join(sorted(f"`{KIND_OF[event].name}`" for event in ALLOWED_WHEN_CLOSED)) + "\n"


def endings() -> str:
    """Why a subscription or an interval ends."""
    return ", ".join(f"`{why.value}`" for why in Ended) + "\n"


PARTS: dict[str, Callable[[], str]] = {
    "kinds": kinds,
    "access-kinds": access_kinds,
    "fact-parts": fact_parts,
    "client-frames": client_frames,
    "hub-frames": hub_frames,
    "content-kinds": content_kinds,
    "endings": endings,
    "error-codes": error_codes,
    "http-doors": http_doors,
    "decision-table": decision_table,
    "when-closed": when_closed,
    "limits": limits_table,
    "settings": settings_reference,
    **permission_pages(),
}


def made(text: str) -> str:
    """The text with every marked part made anew."""
    return MARKED.sub(lambda found: f"{found[1]}{PARTS[found[2]]()}{found[3]}", text)


def main(arguments: list[str]) -> int:
    """Write or check every page, and say which ones changed."""
    checking = arguments == ["--check"]
    stale = 0
    for path in sorted((ROOT / "docs").rglob("*.md")):
        text = path.read_text("utf-8")
        if made(text) == text:
            continue
        stale += 1
        print(f"{'stale' if checking else 'written'}: {path.relative_to(ROOT)}")
        if not checking:
            path.write_text(made(text), "utf-8")
    return 1 if checking and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

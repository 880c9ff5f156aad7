"""What the sentences about audit cases are filled in with."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from domain.access.events import CaseLookedUp
from domain.channel import events as e
from domain.channel.audits import CaseTerms
from samsnakk.cli import audit_texts as texts

if TYPE_CHECKING:
    from samsnakk.cli.people import Names

Name = Callable[[bytes | None], str]


def audit_facts(facts: object, names: Name) -> Mapping[str, str]:
    """Of an act of a case; nothing for any other act."""
    match facts:
        case e.CaseOpened(terms=terms):
            return terms_in_words(terms)
        case e.CaseApproved(ref=ref, auditor=auditor, terms=terms):
            return {**terms_in_words(terms), "ref": str(ref), "auditor": names(auditor)}
        case e.CaseRefused(ref=ref) | e.CaseClosed(ref=ref):
            return {"ref": str(ref)}
        case e.ContentAsked(ref=ref, start=start, last=last):
            return {"ref": str(ref), "start": str(start), "last": str(last)}
        case _:
            return {}


def terms_in_words(terms: CaseTerms) -> Mapping[str, str]:
    """What a case asks for."""
    return {
        "number": terms.number,
        "purpose": texts.PURPOSES.get(terms.purpose, terms.purpose),
        "basis": texts.BASES.get(terms.legal_basis, terms.legal_basis),
        "kind": texts.KINDS[terms.kind.value],
        "threads": ", ".join(map(str, terms.threads)),
        "since": moment(terms.since),
        "before": texts.THEN if terms.until is None else moment(terms.until),
        "begins": moment(terms.begins),
        "ends": moment(terms.ends),
    }


def looked_up(line: CaseLookedUp, reader: str, approver: str) -> str:
    """A line of the access log about an auditor's look."""
    return texts.LOOKED.format(
        reader=reader,
        approver=approver,
        what=texts.SHOWN[line.shows.value],
        number=line.number,
        purpose=texts.PURPOSES.get(line.purpose, line.purpose),
        start=line.start,
        last=line.last,
    )


def audited(line: CaseLookedUp, names: "Names") -> str:
    """The same for who reads the channel and knows people by these names."""
    organisation = names.organisation(line.organisation)
    reader = names.full(line.reader) + (f" ({organisation})" if organisation else "")
    return looked_up(line, reader, names.full(line.approver))


def moment(milliseconds: int) -> str:
    """A point in time on this machine's clock, to the minute."""
    return f"{datetime.fromtimestamp(milliseconds / 1000).astimezone():%d.%m.%Y kl. %H:%M}"

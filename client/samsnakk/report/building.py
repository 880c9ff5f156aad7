"""Reports put together: which sections, in which order, and what they rest on."""

from dataclasses import dataclass

from domain.ids import Millis, OrganisationId, PrincipalId, Version
from samsnakk.report import who_read as rows
from samsnakk.report.named import Named
from samsnakk.report.tables import Cell, Moment, Report, Section, Table
from samsnakk.who_read import WhoRead


@dataclass(frozen=True, slots=True)
class Question:
    """Whose reading is asked about; everybody's, if nothing is given. `day`: from its first to before its last moment.

    `messages`: in this order.
    """

    messages: tuple[Version, ...] = ()
    day: tuple[Millis, Millis] | None = None
    person: PrincipalId | None = None
    organisation: OrganisationId | None = None


def access_report(read: WhoRead, question: Question, channel: str, made_at: Millis, named: Named) -> Report:
    """Who has read what. What the log leaves out, if it does, comes first."""
    title = named.words.headings["access"].format(channel=channel)
    missing = rows.missing_section(read, named)
    sections = [*([missing] if missing else []), *_asked(read, question, named), rows.log_section(read, named)]
    return Report(title, named.words.language, made_from(read, channel, made_at, named), tuple(sections))


def _asked(read: WhoRead, question: Question, named: Named) -> list[Section]:
    words, found = named.words, [rows.message_section(read, number, named) for number in question.messages]
    if question.day is not None:
        heading = words.headings["of_day"].format(day=words.date(question.day[0]))
        found.append(rows.accesses_section("of_day", heading, read.between(*question.day), named))
    if question.person is not None:
        heading = words.headings["of_person"].format(who=named.full(question.person))
        found.append(rows.accesses_section("of_person", heading, read.of_person(question.person), named))
    if question.organisation is not None:
        heading = words.headings["of_organisation"].format(who=named.organisation(question.organisation))
        mine = read.of_organisation(question.organisation)
        found.append(rows.accesses_section("of_organisation", heading, mine, named))
    return found or [rows.accesses_section("of_all", words.headings["of_all"], read.everything(), named)]


def made_from(read: WhoRead, channel: str, made_at: Millis, named: Named) -> Table:
    """What the answers rest on: enough to see that two reports rest on the same."""
    said, history = named.words.said, read.history
    facts: list[tuple[str, Cell]] = [
        ("channel", channel),
        ("viewer", named.full(history.viewer)),
        ("made_at", Moment(made_at)),
        ("channel_version", history.version),
        ("channel_head", read.channel_head.hex()),
        ("access_version", len(read.lines)),
        ("access_head", read.head.hex()),
    ]
    return rows.table("made_from", ("what", "value"), ((said[key], value) for key, value in facts), named)

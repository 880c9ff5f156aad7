"""The whole report: the auditor's questions in their order, each answered in a sentence and shown in a table."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from domain.access.history import History
from domain.channel.audits import CaseState
from domain.channel.terms import KindClass
from domain.ids import Digest, Millis
from samsnakk.report import record_rows as rows
from samsnakk.report.filters import EVERYTHING, Filter
from samsnakk.report.matters import Case, cases, deviations
from samsnakk.report.members import Present, consents_at, membership_acts, present_at
from samsnakk.report.named import Named
from samsnakk.report.questions import buckets, questions, waiting
from samsnakk.report.tables import Cell, Chart, Moment, Report, Section, Table
from samsnakk.report.who_read import accesses_section, log_section, missing_section, table
from samsnakk.who_read import WhoRead, accesses


@dataclass(frozen=True, slots=True)
class Sources:
    """What a report is made from. `read` None: the access log is not here, as in an organisation's own copy."""

    channel: str
    history: History
    head: Digest
    made_at: Millis
    read: WhoRead | None


def whole_report(sources: Sources, named: Named, on: Millis, kept: Filter = EVERYTHING) -> Report:
    """Every section. `on`: the moment for which "who had access" is answered."""
    words, read = named.words, sources.read
    missing = missing_section(read, named) if read is not None else None
    sections = [
        *([missing] if missing is not None else []),
        _completeness(sources, named),
        _access_on(sources, named, on, kept),
        _who_read(sources, named, kept),
        _cases(sources, named),
        _membership(sources, named, kept),
        _deviations(sources, named, kept),
        _questions(sources, named, kept),
        _timeline(sources, named, kept),
    ]
    title = words.headings["report"].format(channel=sources.channel)
    return Report(title, words.language, _made_from(sources, named, on, kept), tuple(sections))


def _completeness(sources: Sources, named: Named) -> Section:
    """Whether anything is missing, and how one would know."""
    said, history, read = named.words.said, sources.history, sources.read
    leaves = rows.leaves_of(history)
    told = [said["nothing_missing"].format(number=history.version, head=sources.head.hex())]
    if leaves:
        told.append(said["record_leaves"].format(number=leaves))
    if read is None:
        told.append(said["no_access_log"])
    elif not read.unlogged:
        told.append(
            said["log_complete" if not read.leaves else "log_own"].format(number=len(read.lines), head=read.head.hex())
        )
    told.append(said["compare"])
    return Section("completeness", named.words.headings["completeness"], tuple(told))


def _access_on(sources: Sources, named: Named, on: Millis, kept: Filter) -> Section:
    words = named.words
    found = [one for one in present_at(sources.history, on) if _keeps(kept, one)]
    told = words.said["access_on"].format(number=len({one.principal for one in found}), time=words.time(on))
    heading = words.headings["access_on"].format(time=words.time(on))
    return Section("access_on", heading, (told,), (rows.present_table(found, named),))


def _keeps(kept: Filter, one: Present) -> bool:
    return (
        kept.thread in (None, one.thread)
        and kept.person in (None, one.principal)
        and kept.organisation in (None, one.organisation)
    )


def _who_read(sources: Sources, named: Named, kept: Filter) -> Section:
    words, read = named.words, sources.read
    if read is None:
        return Section("who_read", words.headings["of_all"], (words.said["no_access_log"],))
    mine = [one for one in read.disclosures if kept.disclosure(one)]
    section = accesses_section("who_read", words.headings["of_all"], accesses(mine), named)
    log = log_section(read, named)
    got = Counter[str]()
    for house in {one.reading.organisation for one in mine}:
        got[_house(house, named)] = len({one.version for one in mine if one.reading.organisation == house})
    charts = (_chart("read_by", got.most_common(), named),) if got else ()
    return Section("who_read", section.heading, (*section.said, *log.said), (*section.tables, *log.tables), charts)


def _house(organisation: bytes | None, named: Named) -> str:
    return named.organisation(organisation) or named.words.said["no_house"]


def _cases(sources: Sources, named: Named) -> Section:
    words = named.words
    found = cases(sources.history, sources.read)
    told = tuple(_case_told(one, named) for one in found) or (words.empty["cases"],)
    return Section("cases", words.headings["cases"], told, (rows.cases_table(found, named),) if found else ())


def _case_told(one: Case, named: Named) -> str:
    words, case = named.words, one.case
    key = "case_asked" if case.state is CaseState.ASKED else "case_decided"
    return words.said[key].format(
        number=case.terms.number,
        auditor=named.of(case.auditor),
        organisation=named.organisation(case.organisation),
        purpose=words.code(case.terms.purpose),
        asked=words.time(one.asked_at),
        state=words.code(case.state.value),
        approver=named.of(case.approver),
        decided=words.time(one.decided_at) if one.decided_at is not None else "",
    )


def _membership(sources: Sources, named: Named, kept: Filter) -> Section:
    acts = [place for place in membership_acts(sources.history) if kept.place(place)]
    consented = consents_at(sources.history, sources.made_at)
    tables = (rows.consents_table(consented, named), rows.acts_table("membership", acts, named))
    return Section("membership", named.words.headings["membership"], (), tables)


def _deviations(sources: Sources, named: Named, kept: Filter) -> Section:
    words = named.words
    by_version = {place.version: place for place in sources.history.places}
    found = [one for one in deviations(sources.history) if kept.place(by_version[one.version])]
    still = sum(1 for one in found if one.closed_at is None)
    told = words.said["deviations"].format(number=len(found), open=still)
    return Section(
        "deviations", words.headings["deviations"], (told,), (rows.deviations_table(found, named),), warning=still > 0
    )


def _questions(sources: Sources, named: Named, kept: Filter) -> Section:
    words = named.words
    by_version = {place.version: place for place in sources.history.places}
    found = [one for one in questions(sources.history) if kept.place(by_version[one.version])]
    all_of_them = waiting(found, sources.made_at)
    told = [
        words.said["questions"].format(
            asked=all_of_them.asked, untaken=all_of_them.untaken, undone=all_of_them.undone, overdue=all_of_them.overdue
        )
    ]
    if all_of_them.to_taken is not None:
        told.append(words.said["to_taken"].format(lasting=words.lasting(all_of_them.to_taken)))
    if all_of_them.to_done is not None:
        told.append(words.said["to_done"].format(lasting=words.lasting(all_of_them.to_done)))
    bars = [(words.said[key], number) for key, number in buckets(found)]
    charts = (_chart("taken_within", bars, named),) if found else ()
    return Section("questions", words.headings["questions"], tuple(told), (rows.questions_table(found, named),), charts)


def _timeline(sources: Sources, named: Named, kept: Filter) -> Section:
    words = named.words
    places = [place for place in sources.history.places if kept.place(place)]
    user = sources.history.channel.user
    written = Counter(
        # A user's message names the organisation whose basis carries it, which is not where she works.
        _house(None if user is not None and user.principal == author.person else author.organisation, named)
        for place in places
        if place.recorded is not None and place.kind_class is KindClass.CONTENT
        for author in (place.recorded.act.author,)
    )
    charts = (_chart("written_by", written.most_common(), named),) if written else ()
    told = words.said["timeline"].format(number=len(places))
    acts = rows.acts_table("timeline", places, named, devices=True)
    return Section("timeline", words.headings["timeline"], (told,), (acts,), charts)


def _chart(key: str, bars: Sequence[tuple[str, int]], named: Named) -> Chart:
    words = named.words
    told = "; ".join(f"{label}: {number}" for label, number in bars)
    return Chart(key, words.headings[key], words.said["chart"].format(what=words.headings[key], bars=told), tuple(bars))


def _made_from(sources: Sources, named: Named, on: Millis, kept: Filter) -> Table:
    said, read = named.words.said, sources.read
    facts: list[tuple[str, Cell]] = [
        ("channel", sources.channel),
        ("viewer", named.full(sources.history.viewer)),
        ("made_at", Moment(sources.made_at)),
        ("asked_on", Moment(on)),
        ("channel_version", sources.history.version),
        ("channel_head", sources.head.hex()),
    ]
    if read is not None:
        facts += [("access_version", len(read.lines)), ("access_head", read.head.hex())]
    facts += _narrowed(kept, named)
    return table("made_from", ("what", "value"), ((said[key], value) for key, value in facts), named)


def _narrowed(kept: Filter, named: Named) -> list[tuple[str, Cell]]:
    asked: list[tuple[str, Cell]] = [
        ("since", Moment(kept.since) if kept.since is not None else None),
        ("before", Moment(kept.until) if kept.until is not None else None),
        ("only_person", named.full(kept.person) if kept.person is not None else None),
        ("only_organisation", named.organisation(kept.organisation) if kept.organisation is not None else None),
        ("only_thread", named.thread(kept.thread) if kept.thread is not None else None),
    ]
    return [(key, value) for key, value in asked if value is not None]

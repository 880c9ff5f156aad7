"""From the TOML people write to a checked `Script`. Every error names the line it stands on (docs/demo-scripts.md)."""

import re
from collections.abc import Collection, Mapping
from typing import Final

from domain.channel.legal_bases import LEGAL_BASES
from domain.channel.terms import Audience, Standing, Topic
from samsnakk.demo.cast import ORGANISATIONS, OrganisationSpec
from samsnakk.demo.reading_steps import Declared, StepReader
from samsnakk.demo.script import MAIN, ChannelPlan, Expectation, Participant, Script, ThreadPlan
from samsnakk.demo.tables import ScriptError, Table, listed, parse_toml

_CODE: Final = re.compile(r"[a-z0-9][a-z0-9._:/-]{0,63}")
_KEY: Final = re.compile(r"\w[\w-]{0,31}")


def read_script(source: bytes) -> Script:
    """The script in `source`. Raises `ScriptError`."""
    root = parse_toml(source)
    title = root.text("title")
    organisations = {key: _organisation(key, table) for key, table in root.table("organisations").keyed()}
    _check_nodes(organisations, root.table("organisations"))
    plan = root.table("channel")
    user = plan.text("user")
    people = {
        key: _participant(key, table, organisations, is_user=key == user)
        for key, table in root.table("participants").keyed()
    }
    _check_inboxes(people, root.table("participants"))
    channel = _channel(plan, people)
    threads = {key: _thread(key, table) for key, table in root.table("threads").keyed()}
    reader = StepReader(Declared(people, threads, channel, organisations))
    steps = tuple(reader.read(table) for table in root.tables("step"))
    expectations = tuple(_expectation(table, reader, people) for table in root.tables("expect"))
    root.finish()
    if not steps:
        raise ScriptError(1, "there is no [[step]], so nothing would happen")
    return Script(
        title=title,
        channel=channel,
        organisations=tuple(organisations.values()),
        participants=people,
        threads=threads,
        steps=steps,
        expectations=expectations,
    )


def _channel(table: Table, people: Mapping[str, Participant]) -> ChannelPlan:
    plan = ChannelPlan(name=table.text("name"), user=table.text("user"), opened_by=table.text("opened_by"))
    for field in ("user", "opened_by"):
        if table.text(field) not in people:
            raise table.error(field, f"participant {table.text(field)!r} is not declared; declared: {listed(people)}")
    if people[plan.opened_by].standing is not Standing.STAFF:
        what = "acts for an inbox" if people[plan.opened_by].organisation else "works for no organisation"
        raise table.error("opened_by", f"only staff open a channel, and {plan.opened_by!r} {what}")
    _check_key(table, "name", plan.name)
    table.finish()
    return plan


def _number_of(key: str) -> str:
    """The number that the usual cast gives it; else the one of nobody, which checks out."""
    return next((one.number for one in ORGANISATIONS if one.key == key), "000000000")


def _organisation(key: str, table: Table) -> OrganisationSpec:
    _check_key(table, "", key)
    name = table.text("name")
    inbox = table.text("inbox", f"{name}, fellesinnboks")
    spec = OrganisationSpec(key, name, table.text("number", _number_of(key)), inbox, table.text("node", ""))
    table.finish()
    return spec


def _check_nodes(organisations: Mapping[str, OrganisationSpec], table: Table) -> None:
    """An organisation without a node of its own is served by one that has."""
    for key, organisation in organisations.items():
        serving = organisations.get(organisation.node or key)
        if serving is None or serving.node not in ("", serving.key):
            with_nodes = [other.key for other in organisations.values() if other.node in ("", other.key)]
            says = f"{organisation.node!r} has no node of its own; there are {listed(with_nodes)}"
            raise table.table(key).error("node", says)


def _participant(key: str, table: Table, organisations: Collection[str], *, is_user: bool) -> Participant:
    _check_key(table, "", key)
    organisation = table.optional_text("organisation")
    if organisation is not None and organisation not in organisations:
        declared = f"declared: {listed(organisations)}"
        raise table.error("organisation", f"organisation {organisation!r} is not declared; {declared}")
    if is_user and organisation is not None:
        raise table.error("organisation", "the user takes part for nobody but herself")
    staff = organisation is not None
    inbox = table.truth("inbox", default=False)
    if inbox and not staff:
        raise table.error("inbox", "a service inbox belongs to an organisation: name it with 'organisation'")
    standing = _standing(is_user=is_user, staff=staff, inbox=inbox)
    function = table.text("function", standing.value if not staff else None)
    if not _CODE.fullmatch(function):
        raise table.error("function", "'function' is a code of a-z, 0-9 and ._:/- , such as 'case-worker'")
    basis = table.text("legal_basis", "users-choice" if not staff else None)
    if basis not in LEGAL_BASES:
        raise table.error("legal_basis", f"unknown legal basis {basis!r}; known: {listed(LEGAL_BASES)}")
    participant = Participant(
        key=key,
        name=table.text("name", key),
        title=table.text("title", ""),
        standing=standing,
        organisation=organisation,
        function=function,
        legal_basis=basis,
        valid_for=table.duration("valid_for"),
    )
    table.finish()
    return participant


def _standing(*, is_user: bool, staff: bool, inbox: bool) -> Standing:
    if staff:
        return Standing.INBOX if inbox else Standing.STAFF
    return Standing.USER if is_user else Standing.RELATIVE


def _check_inboxes(people: Mapping[str, Participant], table: Table) -> None:
    """Whoever acts for an inbox reads what all who may act for it read: a second column would show nothing new."""
    acting: dict[str | None, str] = {}
    for key, person in people.items():
        if person.standing is Standing.INBOX:
            first = acting.setdefault(person.organisation, key)
            if first != key:
                says = f"{first!r} acts for the inbox of {person.organisation!r} already"
                raise table.table(key).error("inbox", f"{says}; one participant for each inbox is enough")


def _thread(key: str, table: Table) -> ThreadPlan:
    _check_key(table, "", key)
    if key == MAIN:
        raise ScriptError(table.line, f"{MAIN!r} is the thread every channel begins with; it is not declared")
    plan = ThreadPlan(
        key=key,
        audience=table.choice("audience", Audience, Audience.WITH_USER),
        topic=table.choice("topic", Topic, Topic.OTHER),
        title=table.text("title"),
        reason=table.optional_text("reason"),
        review=table.duration("review"),
    )
    for field in ("reason", "review"):
        if (plan.audience is Audience.STAFF_ONLY) is not table.has(field):
            says = "needs" if plan.audience is Audience.STAFF_ONLY else "has no"
            raise table.error(field, f"a thread {plan.audience.value!r} {says} {field!r}")
    table.finish()
    return plan


def _expectation(table: Table, reader: StepReader, people: Mapping[str, Participant]) -> Expectation:
    message = table.text("message")
    if message not in reader.messages:
        raise table.error("message", f"no message is labelled {message!r}; labelled: {listed(reader.messages)}")
    readable = reader.people(table, "readable_by")
    others = tuple(key for key in people if key not in readable)
    hidden = reader.people(table, "not_by") if table.has("not_by") else others
    for key in readable:
        if key in hidden:
            raise table.error("not_by", f"{key!r} cannot both read and not read {message!r}")
    expectation = Expectation(message=message, readable_by=readable, not_by=hidden, line=table.line)
    table.finish()
    return expectation


def _check_key(table: Table, field: str, key: str) -> None:
    if not _KEY.fullmatch(key):
        raise table.error(field, f"{key!r} is no name for commands: 1 to 32 letters, digits, _ and -")

"""English."""

from typing import Final

from samsnakk.report.deeds_en import CODES, DEEDS
from samsnakk.report.words import Words

ENGLISH: Final = Words(
    language="en",
    months=(
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    day="{day} {month} {year}",
    moment="{date}, {hour:02}:{minute:02}",
    yes="yes",
    no="no",
    none="–",
    minutes="{number} min",
    hours="{number} hours",
    days="{number} days",
    and_="and",
    you="you",
    you_object="you",
    hub="Samsnakk",
    main_thread="Common thread",
    thread="Thread {number}",
    columns={
        "what": "What",
        "value": "Value",
        "who": "Who",
        "organisation": "Organisation",
        "inbox": "For service inbox",
        "messages": "Messages",
        "count": "Number",
        "first_at": "Could read from",
        "last_at": "Last",
        "shown_at": "Shown",
        "purpose": "Purpose",
        "bases": "Legal basis",
        "times": "Times read",
        "proven": "Own signature checked",
        "line": "Line",
        "began": "Began",
        "ended": "Ended",
        "threads": "Threads",
        "start": "From no.",
        "until": "To no.",
        "way": "Way",
        "device": "Device",
        "number": "No.",
        "at": "When",
        "thread": "Thread",
        "deed": "What happened",
        "standing": "As",
        "function": "Role",
        "valid_until": "Valid until",
        "brought_in": "Why",
        "brought_at": "Since",
        "act": "Act no.",
        "scope": "Gets",
        "stands": "Holds now",
        "asked_at": "Asked",
        "due": "Answer wanted by",
        "taken_at": "Taken",
        "holder": "Taken by",
        "done_at": "Done",
        "waited": "Waited",
        "lasted": "Until done",
        "about": "About",
        "reason": "What",
        "opened_at": "Reported",
        "closed_at": "Closed",
        "closed_by": "Closed by",
        "case": "Case",
        "auditor": "Auditor",
        "kind": "What may be seen",
        "state": "State",
        "approver": "Decided by",
        "decided_at": "Decided",
        "begins": "From",
        "ends": "To",
        "looks": "Times looked",
    },
    headings={
        "contents": "Contents",
        "access": "Who has read · {channel}",
        "made_from": "What the answer rests on",
        "of_message": "Who has read message {number}?",
        "of_day": "Who read on {day}?",
        "of_person": "What has been read by {who}?",
        "of_organisation": "What has been read by {who}?",
        "of_all": "Who has read anything here?",
        "accesses": "Who, what and when",
        "readings": "Access log, line by line",
        "missing": "Something is missing in the access log",
        "unlogged": "Read without a line",
        "report": "Report · {channel}",
        "completeness": "Is anything missing?",
        "access_on": "Who had access on {time}, and why?",
        "present": "Access, thread by thread",
        "cases": "Audit cases: who asked, and who approved?",
        "membership": "Who took part, and on which consent",
        "consents": "The user's consents as they stand",
        "deviations": "Deviations",
        "questions": "Questions and how long they waited",
        "timeline": "Everything that happened",
        "read_by": "Messages read, by organisation",
        "taken_within": "How soon questions were taken",
        "written_by": "Messages written, by organisation",
    },
    empty={
        "made_from": "",
        "accesses": "Nobody.",
        "readings": "None.",
        "unlogged": "None.",
        "present": "Nobody.",
        "consents": "The user has said nothing about any organisation.",
        "membership": "Nothing.",
        "deviations": "No deviation was reported.",
        "questions": "No question was asked.",
        "cases": "Nobody has asked for an audit.",
        "timeline": "Nothing.",
    },
    said={
        "got_shown": "{who} could read {what} from {first}, and had it shown {shown}.",
        "got": "{who} could read {what} from {first}. Nobody has said that it was shown.",
        "got_many": "{who} could read {what} from {first}. Nobody has said that any of it was shown.",
        "got_many_shown": "{who} could read {what} from {first}, and had some of it shown for the first time {shown}.",
        "archived": "{who} took a sealed copy of {what} {first}. It can be opened in an audit case only.",
        "why": "Purpose: {purpose}. Legal basis: {basis}.",
        "unproven": "The readers' own signature could not be checked for all of this.",
        "wrote": "{who} wrote the message {when}.",
        "the_message": "the message",
        "one": "one message",
        "several": "{number} messages",
        "nobody": "Nobody else has got {what}.",
        "none": "Nothing was read.",
        "complete": (
            "The hub writes a line before anything leaves, and no program takes anything without such a line. "
            "The list rather says one name too many than one too few."
        ),
        "leaves": (
            "{number} lines of the access log are about others than you and therefore closed here. The user sees all."
        ),
        "missing": (
            "Somebody has read more than the access log shows. The readers' own signed acts prove it. "
            "Keep this report and tell the data protection officer."
        ),
        "for_inbox": "{who} for {inbox}",
        "of_house": "{who} ({organisation})",
        "subscription": "read along",
        "history": "looked up older messages",
        "attachment": "fetched a file",
        "export": "took a copy",
        "audited_records": "audited who wrote when, case {number}: {purpose}. Did not see what messages say",
        "audited_readings": "audited who has read, case {number}: {purpose}",
        "still_open": "still reading",
        "channel": "Channel",
        "viewer": "As seen by",
        "made_at": "Made",
        "channel_version": "The channel's newest no.",
        "channel_head": "The channel's head",
        "access_version": "Lines in the access log",
        "access_head": "The access log's head",
        "nothing_missing": (
            "Nothing is missing up to no. {number}. Everything was checked from the first act on: each signature,"
            " the order, the rules, and that nothing was taken out. After no. {number} the head is {head}."
        ),
        "record_leaves": (
            "{number} acts are closed to whoever made this report. They lie in their places in the chain and "
            "cannot have been taken out."
        ),
        "no_access_log": (
            "The access log is not here: an organisation's copy does not hold it. Ask the user, or look in an "
            "audit case."
        ),
        "log_complete": (
            "The access log is whole: {number} lines, and nobody has done anything that proves that they had read"
            " more than the lines say. Its head is {head}."
        ),
        "log_own": (
            "Of the access log only own lines are open here: {number} lines in all. Its head is {head}. Only the "
            "user can see whether others' lines are whole."
        ),
        "compare": (
            "Compare the heads with those of another participant or of an organisation's node. If they are the "
            "same, you see the same history. Of what came after these numbers the report says nothing."
        ),
        "access_on": (
            "{number} had access on {time}. The table says who, to which threads, on which legal basis, and who "
            "gave it to them."
        ),
        "no_house": "user and relatives",
        "leaf": "closed here: {kind}",
        "hub_copy": "the hub's own copy",
        "no_end": "further notice",
        "case_asked": (
            "Case {number}: {auditor} ({organisation}) asked for an audit on {asked}. Purpose: {purpose}. Nobody "
            "has approved it yet, so nobody has seen anything."
        ),
        "case_decided": (
            "Case {number}: {auditor} ({organisation}) asked for an audit on {asked}. Purpose: {purpose}. "
            "{approver} decided it on {decided}. State: {state}."
        ),
        "deviations": "{number} deviations were reported, {open} are not closed.",
        "questions": (
            "{asked} questions: {untaken} that nobody has taken, {undone} not done, {overdue} past their time."
        ),
        "to_taken": "Half of those that were taken were taken within {lasting}.",
        "to_done": "Half of those that are done were done within {lasting}.",
        "within_hour": "within an hour",
        "within_four_hours": "within four hours",
        "within_day": "within a day",
        "within_week": "within a week",
        "longer": "later",
        "untaken": "not taken",
        "timeline": "{number} acts, in the order in which they were recorded. What messages say does not stand here.",
        "chart": "{what}. {bars}.",
        "asked_on": "Access is shown for",
        "since": "From",
        "before": "Before",
        "only_person": "Only",
        "only_organisation": "Only",
        "only_thread": "Only",
    },
    deeds=DEEDS,
    codes={
        **CODES,
        "treatment": "treatment",
        "coordination": "coordination",
        "own_record": "own record",
        "emergency": "emergency",
        "audit": "audit",
        "archive": "the organisation's archive, sealed",
        "follow-up": "follow-up",
        "service-decision": "decision on services",
        "consent": "consent",
        "users-choice": "the user's choice",
        "parental-responsibility": "parental responsibility",
        "child-guardian": "guardianship",
        "parental-duty": "the parents' duty of care",
        "internal-control": "internal control",
        "accountability": "responsibility for data protection",
        "users-request": "the user has asked for it",
        "supervision": "the supervisory authority has asked for it",
        "log-review": "usual control of who has read",
        "suspected-snooping": "suspicion that somebody has read without reason",
        "complaint": "a complaint",
        "incident": "something went wrong and the organisation must find out",
        "own-record": "own record",
        "asked": "asked to stop",
        "not_a_participant": "took no part any more",
        "threads_changed": "took part in other threads",
        "disconnected": "disconnected",
        "draining": "the hub restarted",
        "lease_over": "twelve hours were over",
        "lease_ended": "the hub stopped; counts to all that was written",
        "slow_reader": "connection too slow",
        "device_not_valid": "the device held no longer",
    },
)

"""The decision table as data, for programs in other languages."""

from domain.channel.kinds import KIND_OF as CHANNEL_KIND_OF
from domain.channel.kinds import KINDS
from domain.channel.legal_bases import LEGAL_BASES, LEGAL_BASES_VERSION
from domain.channel.permissions import ALLOWED_WHEN_CLOSED, RULES_VERSION, TABLE, Rule
from tests.vectors.crypto_replay import Case
from tests.vectors.protocol_making import Standing


def permissions(_standing: Standing) -> list[Case]:
    """Who may do what, as data for programs in other languages: each case names what it lists."""

    def row(rule: Rule) -> Case:
        conditions, approvers = [c.value for c in rule.conditions], [a.value for a in rule.approvers]
        return {"actor": rule.actor.value, "conditions": conditions, "approvers": approvers}

    kinds = [[k.name, k.kind_class.value, k.in_thread, k.body.value] for k in KINDS]
    bases = [[basis.code, basis.needs_user] for basis in LEGAL_BASES.values()]
    closed = sorted(CHANNEL_KIND_OF[event].name for event in ALLOWED_WHEN_CLOSED)
    return [
        {"name": "version of the rules", "output": RULES_VERSION},
        {"name": "kinds: name, class in the leaf, in a thread, body", "output": kinds},
        {"name": "allowed when closed", "output": closed},
        {"name": "version of the legal bases", "output": LEGAL_BASES_VERSION},
        {"name": "legal bases: code, needs the user", "output": bases},
        *({"name": CHANNEL_KIND_OF[event].name, "output": [row(r) for r in rules]} for event, rules in TABLE.items()),
    ]


FILES = {
    "permissions.json": ("The decision table, the kinds and the legal bases, made from the domain.", permissions),
}

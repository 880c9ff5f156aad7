"""A case at a vault: two officers of two groups open exactly its messages, and one of them opens nothing."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.errors import CannotOpen
from crypto.kem import KemKey
from domain.ids import ChannelId, Digest, PrincipalId, ThreadNo, Version
from protocol import records
from protocol.acts import SignedAct, parse_header
from protocol.contents import Text, decode_content
from protocol.errors import ForgedRecord, ProtocolError, UnknownKey, WrongPlace
from protocol.records import read_item, record_item
from protocol.vault_case import (
    MAX_CASE_NUMBER,
    BadCase,
    Case,
    OutsideTheCase,
    Scope,
    VerifiedCase,
    collect,
    encode_case,
    parse_case,
    verify_case,
)
from protocol.vault_opening import (
    HalfOpened,
    Release,
    encode_half,
    encode_release,
    open_inner,
    open_outer,
    parse_half,
    parse_release,
    read_release,
)
from tests.crypto.fixed import flipped, kem_key, some_id, some_secret
from tests.protocol.keyholders import kem_keys
from tests.protocol.small_channel import told
from tests.protocol.stream_builder import Story, stub_of

AUDITOR = kem_key("the auditor")
VAULT = PrincipalId(some_id("vault of clinic"))
A, B = kem_keys("vault of clinic")
FIRST, LAST = Version(8), Version(22)
WHOLE = told()


def case_of(story: Story = WHOLE, threads: tuple[int, ...] = (0,), **changed: Any) -> Case:
    numbers = tuple(ThreadNo(thread) for thread in threads)
    items = story.items()
    case = Case(
        place=story.place,
        vault=VAULT,
        number="2026/17",
        auditor=AUDITOR.public,
        scope=Scope(numbers, FIRST, LAST),
        before=story.heads[FIRST - 2],
        items=tuple(items[FIRST - 1 : LAST]),
        wraps=collect(items[:LAST], VAULT, numbers, FIRST),
    )
    return replace(case, **changed)


def verified(case: Case, trusted: Digest | None = None) -> VerifiedCase:
    read = parse_case(encode_case(case))
    return verify_case(read, WHOLE.keys.signer, trusted or WHOLE.heads[LAST - 1])


def public_keys(version: int) -> tuple[bytes, ...]:
    return tuple(WHOLE.keys.public_keys(VAULT, version))


def only(key: KemKey) -> Callable[[bytes], KemKey]:
    """What one group has to open with."""

    def find(public: bytes) -> KemKey:
        if public != key.public:
            raise CannotOpen("not this group's key")
        return key

    return find


def opened(case: VerifiedCase) -> dict[Version, bytes]:
    half = parse_half(encode_half(open_outer(case, public_keys, only(A))))
    release = open_inner(case, half, public_keys, only(B), some_secret("content key"))
    return read_release(case, parse_release(encode_release(release)), AUDITOR)


def texts(found: dict[Version, bytes]) -> dict[int, str]:
    contents = {version: decode_content(content) for version, content in found.items()}
    return {version: content.text for version, content in contents.items() if isinstance(content, Text)}


def test_two_officers_of_two_groups_open_exactly_the_messages_of_the_case() -> None:
    assert texts(opened(verified(case_of()))) == {
        8: "Bures! Where do I find you?",
        13: "A staff-only thread was opened",
        22: "At the town hall",
    }


def test_a_case_of_another_thread_opens_that_thread_only() -> None:
    assert texts(opened(verified(case_of(threads=(1,))))) == {12: "Among ourselves"}


def test_group_a_alone_opens_nothing() -> None:
    case = verified(case_of())
    half = open_outer(case, public_keys, only(A))
    with pytest.raises(CannotOpen):
        open_inner(case, half, public_keys, lambda _: A, some_secret("content key"))


def test_group_b_alone_opens_nothing() -> None:
    case = verified(case_of())
    with pytest.raises(CannotOpen):
        open_outer(case, public_keys, lambda _: B)


def test_group_b_gets_nowhere_with_wraps_that_group_a_has_not_opened() -> None:
    case = verified(case_of())
    untouched = HalfOpened(case.hash, {where: epoch.wrapped for where, epoch in case.epochs.items()})
    with pytest.raises(CannotOpen):
        open_inner(case, untouched, public_keys, only(B), some_secret("content key"))


def test_group_b_is_told_when_group_a_hands_it_the_key_of_something_else() -> None:
    case, other = verified(case_of()), verified(case_of(threads=(1,)))
    foreign = next(iter(open_outer(other, public_keys, only(A)).inner.values()))
    swapped = HalfOpened(case.hash, dict.fromkeys(case.epochs, foreign))
    with pytest.raises(CannotOpen):
        open_inner(case, swapped, public_keys, only(B), some_secret("content key"))


def test_what_was_half_opened_for_one_case_is_no_use_for_another() -> None:
    one, other = verified(case_of()), verified(case_of(number="2026/18"))
    half = open_outer(one, public_keys, only(A))
    with pytest.raises(BadCase):
        open_inner(other, half, public_keys, only(B), some_secret("content key"))


def test_only_the_auditor_whom_the_case_names_reads_the_release() -> None:
    case = verified(case_of())
    half = open_outer(case, public_keys, only(A))
    release = open_inner(case, half, public_keys, only(B), some_secret("content key"))
    with pytest.raises(CannotOpen):
        read_release(case, release, kem_key("somebody else"))
    with pytest.raises(BadCase):
        read_release(verified(case_of(number="2026/18")), release, AUDITOR)
    with pytest.raises(CannotOpen):
        read_release(case, Release(case.hash, flipped(release.sealed)), AUDITOR)


def _swapped(case: Case, version: int, item: object) -> Case:
    items = list(case.items)
    items[version - FIRST] = item
    return replace(case, items=tuple(items))


def test_a_message_smuggled_into_the_period_is_refused() -> None:
    later = read_item(WHOLE.item(25))
    assert isinstance(later, records.Record)
    smuggled = replace(later, version=Version(21), recorded_at=WHOLE.records[20].recorded_at, known=b"")
    with pytest.raises(OutsideTheCase):
        verified(_swapped(case_of(), 21, record_item(smuggled)))


def test_a_period_that_another_head_follows_is_refused() -> None:
    with pytest.raises(OutsideTheCase):
        verified(case_of(), trusted=Digest(bytes(32)))
    with pytest.raises(OutsideTheCase):
        verified(case_of(before=WHOLE.heads[3]))


def test_a_text_that_its_author_did_not_write_is_refused() -> None:
    blind, record, body = case_of().items[0]
    with pytest.raises(ForgedRecord):
        verified(_swapped(case_of(), FIRST, [blind, record, flipped(body)]))


def test_a_stub_in_the_period_is_no_message_and_the_chain_still_holds() -> None:
    hidden = _swapped(case_of(), FIRST, stub_of(WHOLE.records[FIRST - 1]))
    wraps = collect([*WHOLE.items()[: FIRST - 1], *hidden.items], VAULT, (ThreadNo(0),), FIRST)
    assert FIRST not in opened(verified(replace(hidden, wraps=wraps)))


def test_the_case_asks_for_no_other_epochs_than_its_messages_need() -> None:
    more = case_of().wraps + case_of(threads=(1,)).wraps
    with pytest.raises(BadCase):
        verified(case_of(wraps=more))
    every_epoch = collect(WHOLE.items(), VAULT, (ThreadNo(0),), Version(1))
    with pytest.raises(BadCase):
        verified(case_of(wraps=every_epoch))
    with pytest.raises(BadCase):
        verified(case_of(wraps=case_of().wraps * 2))


def test_messages_that_the_vault_had_no_part_in_are_counted_and_stay_closed() -> None:
    foreign = PrincipalId(some_id("vault of town"))
    case = case_of(threads=(1,), vault=foreign, wraps=())
    assert (verified(case).messages, verified(case).beyond) == ((), 1)
    with pytest.raises(BadCase):
        verified(case_of(threads=(1,), vault=foreign))


def test_a_wrap_of_something_else_or_of_another_channel_is_refused() -> None:
    message = parse_header(WHOLE.records[FIRST - 1].signed.header)[0]
    signed = WHOLE.records[FIRST - 1].signed
    wrap = case_of().wraps[0]
    with pytest.raises(BadCase):
        verified(case_of(wraps=(replace(wrap, header=signed.header, signature=signed.signature),)))
    with pytest.raises(WrongPlace):
        verified(case_of(place=replace(message.place, channel=ChannelId(some_id("another channel")))))
    with pytest.raises(ForgedRecord):
        verified(case_of(wraps=(replace(wrap, signature=flipped(wrap.signature)),)))


def test_keys_that_the_roster_does_not_name_are_not_used() -> None:
    case = verified(case_of())
    others = tuple(key.public for key in kem_keys("vault of town"))
    with pytest.raises(BadCase):
        open_outer(case, lambda _: others, only(A))
    with pytest.raises(UnknownKey):
        open_outer(case, lambda _: tuple(WHOLE.keys.public_keys(VAULT, 9)), only(A))


@pytest.mark.parametrize(
    "changed",
    [
        {"number": "x" * (MAX_CASE_NUMBER + 1)},
        {"number": ""},
        {"scope": Scope((ThreadNo(0),), LAST, FIRST)},
        {"scope": Scope((ThreadNo(1), ThreadNo(0)), FIRST, LAST)},
        {"scope": Scope((), FIRST, LAST)},
        {"items": ()},
        {"auditor": AUDITOR.public[:-1]},
    ],
    ids=[
        "long number",
        "no number",
        "end before beginning",
        "threads unsorted",
        "no thread",
        "no records",
        "short key",
    ],
)
def test_a_case_that_does_not_hold_together_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(BadCase):
        parse_case(encode_case(case_of(**changed)))


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_by_one_error(data: bytes) -> None:
    for parse in (parse_case, parse_half, parse_release):
        with pytest.raises(BadCase):
            parse(data)


@given(st.integers(0, 8 * len(encode_case(case_of())) - 1))
def test_a_flipped_bit_never_passes_as_the_same_case(bit: int) -> None:
    data = bytearray(encode_case(case_of()))
    data[bit // 8] ^= 1 << bit % 8
    try:
        case = verify_case(parse_case(bytes(data)), WHOLE.keys.signer, WHOLE.heads[LAST - 1])
    except ProtocolError:
        return
    assert case.hash != verified(case_of()).hash


def test_the_wraps_of_a_case_are_bound_to_signed_headers_without_their_bodies() -> None:
    wrap = case_of().wraps[0]
    assert SignedAct(wrap.header, wrap.signature, None).signer == parse_header(wrap.header)[0].device

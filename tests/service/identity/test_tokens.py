"""What browsers hold: one writing for each token, and boxes that open with their own token only."""

from hypothesis import given
from hypothesis import strategies as st

from crypto import labels
from protocol.sign_in.tokens import name_of, open_with, read_token, seal_for
from service.http.sign_in import _own_page
from service.identity.tokens import new_token
from tests.protocol.anything import patient


def test_tokens_are_new_each_time_and_known_by_a_hash() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    for token in tokens:
        name = name_of(token, labels.SESSION_TOKEN)
        assert name is not None
        assert name != name_of(token, labels.TICKET)
        assert name != read_token(token)


@patient
@given(st.text(max_size=60) | st.from_regex(r"[\w-]{43}", fullmatch=True))
def test_any_text_is_the_one_writing_of_its_token_or_none(text: str) -> None:
    raw = read_token(text)
    assert raw is None or (len(raw) == 32 and text.isascii())
    if raw is not None:
        others = [text[:-1] + last for last in "ABCDEFGHIJKLMNOP_-" if last != text[-1]]
        assert raw not in [read_token(other) for other in others]


@patient
@given(st.binary(max_size=100))
def test_a_box_opens_with_its_own_token_and_label_only(content: bytes) -> None:
    token = new_token()
    sealed = seal_for(token, labels.SESSION_BOX, content)
    assert open_with(token, labels.SESSION_BOX, sealed) == content
    assert open_with(token, labels.SIGN_IN_BOX, sealed) is None
    assert open_with(new_token(), labels.SESSION_BOX, sealed) is None
    assert open_with("", labels.SESSION_BOX, sealed) is None
    assert open_with(token, labels.SESSION_BOX, sealed[:-1]) is None


@patient
@given(st.text(max_size=80) | st.text(alphabet="/\\.:@?&=%#a\t\r\n", max_size=20).map(lambda t: "/" + t))
def test_wherever_one_wants_to_go_it_is_a_page_of_ours(then: str) -> None:
    page = _own_page(then)
    assert page.startswith("/")
    assert not page.startswith("//")
    assert not {"\\", "\r", "\n", "\t", "@", ":", "#", " "} & set(page)

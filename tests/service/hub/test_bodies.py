"""Every door limits the body it takes in the same way: what comes is counted, and one error names the limit."""

import http.client
import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from crypto.device_approvals import MAX_LETTER
from crypto.inbox_files import MAX_INBOX_FILE
from crypto.keyring_deposits import MAX_DEPOSIT
from protocol.arrival.messages import MAX_ANSWER, MAX_CONFIRMATION, MAX_OPENING
from protocol.listings.answers import MAX_QUESTION
from protocol.node_words import MAX_WORD
from protocol.published_keys import MAX_KEY_STREAM
from tests.conftest import HubProcess

ID = "00" * 16
DOORS = {
    f"/api/v1/key-streams/{ID}": ("POST", MAX_KEY_STREAM),
    "/api/v1/directory": ("POST", MAX_QUESTION),
    f"/api/v1/keyrings/{ID}": ("PUT", MAX_DEPOSIT),
    "/api/v1/erased-copies": ("POST", MAX_WORD),
    f"/api/v1/inbox-files/{ID}": ("PUT", MAX_INBOX_FILE),
    f"/api/v1/device-mailboxes/{ID}/commitment": ("PUT", MAX_LETTER),
    f"/api/v1/invitations/{ID}": ("PUT", MAX_OPENING),
    f"/api/v1/invitations/{ID}/answer": ("PUT", MAX_ANSWER),
    f"/api/v1/invitations/{ID}/confirmation": ("PUT", MAX_CONFIRMATION),
}


def answered(hub: HubProcess, path: str, pieces: list[bytes], *, announced: bool) -> tuple[int, dict[str, str]]:
    method, _ = DOORS[path]
    connection = http.client.HTTPConnection(urlsplit(hub.url).netloc, timeout=30)
    body = b"".join(pieces) if announced else iter(pieces)
    try:
        connection.request(method, path, body, encode_chunked=not announced, headers=_chunked(announced))
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def _chunked(announced: bool) -> dict[str, str]:
    return {} if announced else {"Transfer-Encoding": "chunked"}


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "not announced"])
@pytest.mark.parametrize("path", DOORS)
def test_a_body_that_is_too_large_is_refused_and_the_limit_named(hub: HubProcess, path: str, announced: bool) -> None:
    _, most = DOORS[path]
    status, told = answered(hub, path, [bytes(most), b"x"], announced=announced)
    assert (status, told["code"], told["detail"]) == (413, "too_large", f"at most {most} bytes")


@pytest.mark.parametrize("path", DOORS)
def test_a_body_of_just_the_limit_is_looked_at(hub: HubProcess, path: str) -> None:
    _, most = DOORS[path]
    assert answered(hub, path, [bytes(most)], announced=False)[1].get("code") != "too_large"


def test_no_door_reads_a_body_in_another_way() -> None:
    doors = Path("service/http").glob("*.py")
    others = [door.name for door in doors if any(way in door.read_text() for way in (".read()", ".post()", ".json()"))]
    assert [name for name in others if name not in ("pages.py", "velkommen_page.py")] == []

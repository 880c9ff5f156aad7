"""At a certified provider and a real node: whoever stands in the register gets a certificate, and nobody else."""

from base64 import b64encode
from dataclasses import replace

import pytest
from yarl import URL

from crypto import labels
from crypto.kem import KemKey
from crypto.random import random_bytes
from protocol.node_requests import Certify
from protocol.sign_in import Why
from protocol.sign_in.tokens import name_of
from samsnakk import NotInTime, Refused
from samsnakk.node_login import NodeLogin
from service.identity.tokens import new_token
from tests.journeys.node_sign_in.conftest import House, allow, asked, came_back, signed_in, through, ticket_of
from tests.service.identity.visitor import Visitor, reason, visiting


def first(desk_key: bytes) -> Certify:
    return Certify(desk_key, KemKey.from_seed(random_bytes(32)).public)  # type: ignore[arg-type]


async def test_a_newcomer_signs_in_at_the_node_and_gets_a_certificate_for_this_device(
    house: House, visitor: Visitor
) -> None:
    person, desk = house.newcomer(), house.desk()
    got = await through(visitor, house.places.node, "kari", lambda said: desk.ask(first(desk.key.public), ticket=said))
    assert (got.person, got.published) == (person, True)
    assert await house.node.doors.key_stream(person) == got.entries
    assert not visitor.jar.filter_cookies(URL(visitor.hub)).output().startswith("Set-Cookie: __Host-samsnakk")


@pytest.mark.parametrize(
    ("account", "code"),
    [
        ("jon", "not_registered"),
        ("elsewhere", "another_organisation_number"),
        ("unit", "another_organisation_number"),
        ("nowhere", "no_organisation_number"),
        ("weak", Why.LEVEL_TOO_LOW.value),
        ("unsaid", Why.LEVEL_TOO_LOW.value),
        ("", Why.CANCELLED.value),
    ],
)
async def test_who_may_not_is_told_so_on_the_page_and_the_program_gets_nothing(
    house: House, visitor: Visitor, account: str, code: str
) -> None:
    house.newcomer()
    desk = house.desk()
    async with NodeLogin(house.places.node, lambda said: desk.ask(first(desk.key.public), ticket=said)) as login:
        page = await asked(visitor, login.address, account)
        assert reason(page) == code
        assert reason(await allow(visitor)) == Why.WRONG_STATE
        with pytest.raises(NotInTime):
            await login.outcome(0)


async def test_who_is_not_in_the_register_is_shown_what_to_hand_to_whoever_keeps_it(
    house: House, visitor: Visitor
) -> None:
    async with NodeLogin(house.places.node, house.sign_ins.check) as login:
        page = await asked(visitor, login.address, "jon")
    assert house.identity("jon") in page
    assert "jon" not in page.replace(house.identity("jon"), "")


async def test_a_login_with_another_hpr_number_than_in_the_register_is_refused(house: House, visitor: Visitor) -> None:
    house.register({"kari": random_bytes(16)}, hpr="123456789")
    async with NodeLogin(house.places.node, house.sign_ins.check) as login:
        assert reason(await asked(visitor, login.address, "kari")) == "another_hpr_number"


async def test_a_unit_that_takes_no_part_of_its_own_belongs_to_the_whole(house: House, visitor: Visitor) -> None:
    house.register({"strange-unit": random_bytes(16)}, hpr="")
    said = await ticket_of(visitor, house.places.node, "strange-unit")
    assert (await house.sign_ins.check(said)).organisation == house.organisation


async def test_an_old_login_is_refused(house: House, visitor: Visitor) -> None:
    """The provider, asked for a fresh one, has the person sign in; an account that lies about when is found out."""
    house.newcomer("tired")
    async with NodeLogin(house.places.node, house.sign_ins.check) as login:
        assert reason(await asked(visitor, login.address, "tired")) == Why.STALE_LOGIN


async def test_a_code_is_worth_nothing_with_another_dpop_key(house: House, visitor: Visitor) -> None:
    house.newcomer()
    async with NodeLogin(house.places.node, house.sign_ins.check) as login:
        back = await came_back(visitor, login.address, "kari")
        begun = house.sign_ins._begun._kept
        for name, (until, one) in list(begun.items()):
            swapped = replace(one, pending=replace(one.pending, dpop_seed=random_bytes(32)))
            begun[name] = (until, swapped)
        assert reason(await (await visitor.get(back)).text()) == Why.PROVIDER_REFUSED


async def test_a_return_counts_once_and_only_in_the_browser_that_began(house: House, visitor: Visitor) -> None:
    house.newcomer()
    async with NodeLogin(house.places.node, house.sign_ins.check) as login, visiting(house.places.node) as another:
        back = await came_back(visitor, login.address, "kari")
        assert reason(await (await another.get(back)).text()) == Why.WRONG_STATE
        assert (await visitor.get(back)).status == 303
        assert reason(await (await visitor.get(back)).text()) == Why.WRONG_STATE
        assert reason(await allow(another)) == Why.WRONG_STATE


async def test_no_other_page_says_yes_for_the_person(house: House, visitor: Visitor) -> None:
    house.newcomer()
    async with NodeLogin(house.places.node, house.sign_ins.check) as login:
        assert login.code in await asked(visitor, login.address, "kari")
        for headers in ({"Origin": "http://127.0.0.1:9"}, {"Origin": "null"}, {"Sec_Fetch_Site": "cross-site"}):
            assert reason(await allow(visitor, **headers)) == "cross_site"
        assert (await allow(visitor)).startswith("http://127.0.0.1:")


async def test_a_ticket_counts_once_and_only_for_the_program_that_asked(house: House, visitor: Visitor) -> None:
    house.newcomer()
    desk = house.desk()
    said = await ticket_of(visitor, house.places.node, "kari")
    ticket, _, verifier = said.partition(".")
    for wrong in (f"{ticket}.{new_token()}", said):  # the first try uses it up
        with pytest.raises(Refused, match="no_login"):
            await desk.ask(first(desk.key.public), ticket=wrong)
    said = await ticket_of(visitor, house.places.node, "kari")
    await desk.ask(first(desk.key.public), ticket=said)
    for wrong in (said, said.partition(".")[0], f".{verifier}", ""):
        with pytest.raises(Refused, match="no_login"):
            await desk.ask(first(desk.key.public), ticket=wrong)


async def test_a_ticket_waits_for_a_minute(house: House, visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    house.newcomer()
    said = await ticket_of(visitor, house.places.node, "kari")
    later = house.node.issuer.now() + 60_000
    monkeypatch.setattr(house.sign_ins._tickets, "_now", lambda: later)
    desk = house.desk()
    with pytest.raises(Refused, match="no_login"):
        await desk.ask(first(desk.key.public), ticket=said)


async def test_somebody_elses_knocking_ends_nothing(house: House, visitor: Visitor) -> None:
    person, desk = house.newcomer(), house.desk()
    async with (
        NodeLogin(house.places.node, lambda said: desk.ask(first(desk.key.public), ticket=said)) as login,
        visiting(house.places.node) as stranger,
    ):
        port = login.address.rpartition("=")[2]
        assert "Det gikk ikke" in await (await stranger.get(f"http://127.0.0.1:{port}/?ticket={new_token()}")).text()
        await signed_in(visitor, login.address, login.code, "kari")
        assert (await login.outcome(30)).person == person


async def test_a_colleague_who_signs_in_at_my_device_gets_no_certificate_for_it(house: House, visitor: Visitor) -> None:
    person, colleague = random_bytes(16), random_bytes(16)
    house.register({"kari": person, "jon": colleague}, hpr="")
    desk = house.desk()
    await through(visitor, house.places.node, "kari", lambda said: desk.ask(first(desk.key.public), ticket=said))
    async with visiting(house.places.node) as another:
        with pytest.raises(Refused, match="another_persons_device"):
            await through(another, house.places.node, "jon", lambda said: desk.ask(first(desk.key.public), ticket=said))


async def test_who_has_keys_already_gets_no_second_beginning(house: House, visitor: Visitor) -> None:
    house.newcomer()
    desk, another = house.desk(), house.desk()
    wish = first(desk.key.public)
    await through(visitor, house.places.node, "kari", lambda said: desk.ask(wish, ticket=said))
    await through(visitor, house.places.node, "kari", lambda said: desk.ask(wish, ticket=said))  # an answer was lost
    with pytest.raises(Refused, match="has_keys"):
        await through(
            visitor, house.places.node, "kari", lambda said: another.ask(first(another.key.public), ticket=said)
        )


async def test_a_login_at_the_hub_is_none_at_the_node_and_it_sees_no_ticket(house: House, visitor: Visitor) -> None:
    house.newcomer()
    verifier = new_token()
    async with visiting(house.places.hub.url) as at_hub:
        assert (await at_hub.sign_in("kari")).status == 303
        hubs = [f"{await at_hub.ticket(verifier)}.{verifier}", at_hub.cookie(), f"{at_hub.cookie()}.{verifier}"]
    desk = house.desk()
    for said in hubs:
        with pytest.raises(Refused, match="no_login"):
            await desk.ask(first(desk.key.public), ticket=said)
    assert name_of(verifier, labels.TICKET_CHALLENGE) != name_of(verifier, labels.NODE_TICKET_CHALLENGE)
    said = await ticket_of(visitor, house.places.node, "kari")
    await desk.ask(first(desk.key.public), ticket=said)
    log = house.places.hub.log_file.read_text()
    assert not any(part in log for part in said.split("."))
    assert b64encode(said.encode()).decode() not in log

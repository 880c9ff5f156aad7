"""The page behind an invitation's link, in a real browser."""

from pathlib import Path

from playwright.async_api import Browser, Page, expect

from samsnakk import Channel
from tests.client.conftest import Connect
from tests.conftest import HubProcess


async def looked_at(page: Page, link: str, width: int, said: str, picture: Path) -> list[str]:
    """What the page asked the hub for; the link is out of the address bar, and nothing sticks out of the screen."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.set_viewport_size({"width": width, "height": 900})
    await page.goto("about:blank")
    await page.goto(link)
    await expect(page.locator("#said")).to_contain_text(said, timeout=30_000)
    assert "#" not in page.url
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    await page.screenshot(path=picture)
    return asked


async def test_the_page_shows_inviter_and_team_and_sends_the_secret_nowhere(
    connect: Connect, hub: HubProcess, browser: Browser, tmp_path: Path
) -> None:
    kari = await connect("Kari")
    channel: Channel = await kari.open_channel(title="Samtaler")
    inviting = await kari.arrivals(channel).invite("Elle")
    link = inviting.link_at(hub.url)
    secret = link.rpartition("#")[2]
    page = await browser.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    asked = await looked_at(page, link, 320, "inviterer deg", tmp_path / "narrow.png")
    assert "tillitspersonen din" in await page.locator("#team").inner_text()
    assert "Hei, Elle!" in await page.locator("h1").inner_text()
    asked += await looked_at(page, link[:-1], 1280, "ikke hel", tmp_path / "cut.png")
    await inviting.cancel()
    asked += await looked_at(page, link, 1280, "trukket tilbake", tmp_path / "wide.png")
    sent = [url.partition("#")[0] for url in asked]
    assert any(inviting.link.id.hex() in url for url in sent), "the search finds what is there"
    assert not any(secret[2:20] in url or inviting.link.secret.hex() in url for url in sent)
    assert all(url.startswith(hub.url) or url == "about:blank" for url in sent)
    assert faults == []

"""The one browser of all tests. Where none can be had they fail: a page that was tried in no browser is not tested."""

import os
import shutil
from collections.abc import AsyncIterator, Callable, Mapping

import pytest
from playwright.async_api import Browser, async_playwright, expect

CHROMIUM = "SAMSNAKK_TEST_CHROMIUM"
"""Variable with the path of a Chromium that is not on PATH."""
WITHOUT = "SAMSNAKK_TEST_WITHOUT_BROWSER"
"""Variable that skips these tests, on purpose and never in CI: its value must be `on-purpose`."""
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_ADVICE = (
    "no Chromium: install it (Debian: `apt-get install chromium`), or name it in SAMSNAKK_TEST_CHROMIUM. "
    "SAMSNAKK_TEST_WITHOUT_BROWSER=on-purpose leaves these tests out on your own machine; CI ignores it."
)


def find_chromium(
    environment: Mapping[str, str] = os.environ, which: Callable[[str], str | None] = shutil.which
) -> str:
    """Where Chromium is. Fails the test where there is none, unless somebody left it out on purpose."""
    if environment.get(WITHOUT) == "on-purpose" and not environment.get("CI"):
        pytest.skip(f"{WITHOUT}=on-purpose")
    named = environment.get(CHROMIUM)
    found = which(named) if named else next((path for name in _NAMES if (path := which(name))), None)
    if found is None:
        pytest.fail(_ADVICE, pytrace=False)
    return found


# Pages answer within a second; on a machine that does much else they may take longer, and are right all the same.
expect.set_options(timeout=30_000)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A browser of this test's own."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        yield browser
        await browser.close()

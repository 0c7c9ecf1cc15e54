"""A real browser without a screen, that loads nothing from any network."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)


@contextmanager
def browser(profile: Path) -> Iterator[Chrome]:
    """A browser with a fresh profile. Where there is none, the test is skipped, though not in CI."""
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or driver is None:
        missing = "the report is looked at in chromium by chromedriver, and these are not both installed"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    options = ChromeOptions()
    options.binary_location = chromium
    for flag in (*_FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    chrome = Chrome(options=options, service=Service(executable_path=driver))
    try:
        yield chrome
    finally:
        chrome.quit()


def show(chrome: Chrome, page: Path, width: int, scheme: str) -> None:
    """Load a page at a width, light or dark."""
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    feature = {"name": "prefers-color-scheme", "value": scheme}
    chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    chrome.get(page.as_uri())


def complaints(chrome: Chrome) -> list[str]:
    """What the console says that is worth a complaint; also what the page's own policy forbade."""
    log: list[dict[str, Any]] = chrome.get_log("browser")
    return [entry["message"] for entry in log]


def requested(chrome: Chrome, page: Path) -> set[str]:
    """Every address that a page has asked for, its own among them, since this was last called."""
    messages = [json.loads(entry["message"])["message"] for entry in chrome.get_log("performance")]
    sent = [message for message in messages if message["method"] == "Network.requestWillBeSent"]
    return {m["params"]["request"]["url"] for m in sent if m["params"]["documentURL"] == page.as_uri()}

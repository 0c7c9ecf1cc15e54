"""The page in a real browser: light and dark, on a phone and on a desk."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, product
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from pytest_orchestrators.suite.evidence import Evidence
from pytest_orchestrators.suite.rendering.badge import badge
from pytest_orchestrators.suite.rendering.page import page
from pytest_orchestrators.suite.report import FlavorAccount, Report
from pytest_orchestrators.suite.reporting import report_on
from tests.report.browsing import browser, complaints, requested, show
from tests.report.test_page import hostile

VIEWS = list(product((375, 1400), ("light", "dark")))

#: Contrast of the text of every element that has some to what is behind it, by the formula of WCAG.
CONTRASTS = """
const channel = (c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
const parse = (text) => text.match(/[\\d.]+/g).map(Number);
const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
function behind(element) {
  for (let e = element; e; e = e.parentElement) {
    const colour = parse(getComputedStyle(e).backgroundColor);
    if (colour.length === 3 || colour[3] > 0) return colour;
  }
}
const found = {};
for (const element of document.querySelectorAll("body *:not(script, style)")) {
  const own = [...element.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.data.trim());
  if (!own || !element.checkVisibility()) continue;
  const style = getComputedStyle(element);
  const colour = element instanceof SVGElement ? style.fill : style.color;
  const [a, b] = [luminance(parse(colour)), luminance(behind(element))].sort((x, y) => y - x);
  const contrast = (a + 0.05) / (b + 0.05);
  const name = `${element.localName}.${element.getAttribute("class") || ""} ${colour}`;
  found[name] = Math.min(found[name] || 21, contrast);
}
return found;
"""


#: Elements that reach beyond the right edge.
BEYOND = """
return [...document.querySelectorAll("body *")]
  .filter((e) => e.getBoundingClientRect().right > innerWidth + 1)
  .map((e) => e.outerHTML.slice(0, 200));
"""

#: Ids of requirements that can be seen.
SHOWN = """
return [...document.querySelectorAll(".requirement .id")]
  .filter((e) => e.checkVisibility()).map((e) => e.textContent);
"""

#: Begin and end of both texts of a badge, of its left half and of the whole.
EXTENTS = """
return [...document.querySelectorAll("text"), document.querySelector("path"), document.querySelector("rect")]
  .map((e) => [e.getBBox().x, e.getBBox().x + e.getBBox().width]);
"""


@pytest.fixture(scope="module")
def chrome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    with browser(tmp_path_factory.mktemp("profile")) as chrome:
        yield chrome


@pytest.fixture
def both(report: Report, tmp_path: Path) -> Path:
    return written(report, tmp_path)


def open_everything(chrome: Chrome) -> None:
    chrome.execute_script("for (const d of document.querySelectorAll('details')) d.open = true")


def written(report: Report, folder: Path) -> Path:
    file = folder / "report.html"
    file.write_text(page(report), encoding="utf-8")
    return file


@pytest.mark.parametrize(("width", "scheme"), VIEWS)
def test_the_page_fits_and_needs_nothing_else(
    chrome: Chrome, both: Path, report: Report, width: int, scheme: str
) -> None:
    show(chrome, both, width, scheme)
    open_everything(chrome)
    assert chrome.execute_script("return document.documentElement.scrollWidth") == width
    assert chrome.execute_script(BEYOND) == []
    shown = chrome.execute_script(SHOWN)
    assert shown == [r.id for flavor in report.flavors for r in flavor.requirements]
    assert both.as_uri() in (asked := requested(chrome, both))
    assert asked <= {both.as_uri(), "data:,"}
    assert complaints(chrome) == []


@pytest.mark.parametrize(("width", "scheme"), VIEWS)
def test_every_text_can_be_read(chrome: Chrome, both: Path, width: int, scheme: str) -> None:
    show(chrome, both, width, scheme)
    open_everything(chrome)
    contrasts = chrome.execute_script(CONTRASTS)
    assert len(contrasts) > 20
    assert {name: contrast for name, contrast in contrasts.items() if contrast < 4.5} == {}


def test_light_and_dark_differ(chrome: Chrome, both: Path) -> None:
    backgrounds = []
    for scheme in ("light", "dark"):
        show(chrome, both, 1400, scheme)
        body = chrome.find_element(By.TAG_NAME, "body")
        backgrounds.append(body.value_of_css_property("background-color"))
    assert backgrounds == ["rgba(247, 247, 245, 1)", "rgba(17, 20, 22, 1)"]


def test_requirements_can_be_filtered_by_keyboard(
    chrome: Chrome, forgetful: FlavorAccount, tmp_path: Path
) -> None:
    show(chrome, written(report_on([forgetful]), tmp_path), 1400, "light")

    def shown() -> int:
        return len(chrome.execute_script(SHOWN))

    assert shown() == len(forgetful.requirements)
    failed = chrome.find_element(By.CSS_SELECTOR, "[data-status=failed]:is(button)")
    failed.send_keys(Keys.ENTER)
    assert failed.get_attribute("aria-pressed") == "true"
    assert shown() == 3
    told = chrome.find_element(By.CSS_SELECTOR, "[data-filter] [role=status]")
    assert told.get_property("textContent") == f"3 of {len(forgetful.requirements)} requirements shown"
    chrome.find_element(By.CSS_SELECTOR, "[data-status='']").send_keys(Keys.SPACE)
    assert shown() == len(forgetful.requirements)
    summary = chrome.find_element(By.CSS_SELECTOR, "#f1-FLV-1 summary")
    summary.send_keys(Keys.ENTER)
    assert chrome.find_element(By.CSS_SELECTOR, "#f1-FLV-1 .about").is_displayed()


def test_a_link_leads_to_a_requirement_and_opens_it(chrome: Chrome, both: Path) -> None:
    show(chrome, both, 1400, "light")
    chrome.find_element(By.CSS_SELECTOR, "#f2 [data-status=failed]:is(button)").click()
    assert not chrome.find_element(By.ID, "f2-FLV-2").is_displayed()
    chrome.find_element(By.CSS_SELECTOR, "a[href='#f2-FLV-2']").click()
    assert chrome.find_element(By.CSS_SELECTOR, "#f2-FLV-2 .about").is_displayed()


def test_headings_are_in_order(chrome: Chrome, both: Path) -> None:
    show(chrome, both, 1400, "light")
    levels = [int(e.tag_name[1]) for e in chrome.find_elements(By.CSS_SELECTOR, "h1, h2, h3, h4, h5, h6")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below <= above + 1 for above, below in pairwise(levels))


def test_everything_is_open_on_paper(chrome: Chrome, both: Path) -> None:
    show(chrome, both, 1400, "light")
    closed = "return document.querySelectorAll('details:not([open])').length"
    before = chrome.execute_script(closed)
    assert before > 0
    chrome.execute_script("dispatchEvent(new Event('beforeprint'))")
    assert chrome.execute_script(closed) == 0
    chrome.execute_script("dispatchEvent(new Event('afterprint'))")
    assert chrome.execute_script(closed) == before


def test_hostile_names_are_text(chrome: Chrome, right_evidence: Evidence, tmp_path: Path) -> None:
    file = written(report_on([hostile(right_evidence)]), tmp_path)
    for width, scheme in VIEWS:
        show(chrome, file, width, scheme)
        open_everything(chrome)
        assert "<script>alert(1)</script>" in chrome.find_element(By.TAG_NAME, "h1").text
        assert chrome.execute_script("return document.documentElement.scrollWidth") == width
    assert chrome.find_elements(By.TAG_NAME, "img") == []
    assert file.as_uri() in (asked := requested(chrome, file))
    assert asked <= {file.as_uri(), "data:,"}
    assert complaints(chrome) == []


def test_the_words_of_a_badge_are_within_it(chrome: Chrome, right: FlavorAccount, tmp_path: Path) -> None:
    file = tmp_path / "badge.svg"
    file.write_text(badge(right), encoding="utf-8")
    show(chrome, file, 1400, "light")
    label, word, left, whole = chrome.execute_script(EXTENTS)
    assert left[0] == whole[0] == 0
    assert 0 < label[0] < label[1] < left[1] < word[0] < word[1] < whole[1]
    assert complaints(chrome) == []

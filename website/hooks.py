"""What mkdocs calls while it builds: pages from the catalogue and from the files in the root, and the
navigation.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from pytest_orchestrators.suite.catalogue import GROUPS, catalogue
from website.links import FROM_ROOT, as_page
from website.pages import address, catalogue_page, proofs, requirement_page, title

ROOT = Path(__file__).resolve().parents[1]
_CATALOGUE = "contract/index.md"


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put the requirements into the navigation, and leave out pages that are not there."""
    entries = [entry for item in config.nav or [] for entry in item.items()]
    made = {*FROM_ROOT.values(), _CATALOGUE}
    config.nav = [
        {name: _contract() if page == _CATALOGUE else page}
        for name, page in entries
        if page in made or _written(config, page)
    ]
    return config


def _written(config: MkDocsConfig, page: str) -> bool:
    return (Path(config.docs_dir) / page).is_file()


def _contract() -> list[Any]:
    """The catalogue, and a section for every group."""
    sections: dict[str, list[dict[str, str]]] = {}
    for requirement in catalogue().values():
        section = sections.setdefault(f"{requirement.group}: {GROUPS[requirement.group]}", [])
        section.append({title(requirement): address(requirement)})
    return [_CATALOGUE, *({name: pages} for name, pages in sections.items())]


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made."""
    for source, text in _made(Path(config.docs_dir)):
        files.append(File.generated(config, source, content=text))
    return files


def _made(docs: Path) -> Iterator[tuple[str, str]]:
    for source, page in FROM_ROOT.items():
        yield page, (ROOT / source).read_text(encoding="utf-8")
    yield _CATALOGUE, catalogue_page()
    proved = proofs(docs / "detection-matrix.json")
    for requirement in catalogue().values():
        yield address(requirement), requirement_page(requirement, proved)


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Let links and ids of requirements lead to pages."""
    return as_page(markdown, page.file.src_uri)

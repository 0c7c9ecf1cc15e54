"""What mkdocs calls while it builds: pages from the catalogue and from the files in the root, and the
navigation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from pytest_orchestrators.suite.catalogue import GROUPS, catalogue
from website.pages import address, catalogue_page, proofs, requirement_page, title

ROOT = Path(__file__).resolve().parents[1]
#: Files in the root that are pages, too.
_FROM_ROOT = {"README.md": "index.md", "CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}
_CATALOGUE = "contract/index.md"
#: A fence that says which file it is: `python my_flavor.py`.
_FENCE = re.compile(r"^( *```\w+) ([\w./-]+)$", re.MULTILINE)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put the requirements into the navigation, and leave out pages that are not there."""
    made = {*_FROM_ROOT.values(), _CATALOGUE}
    there = [
        item
        for item in config.nav or []
        if (page := next(iter(item.values()))) in made or _written(config, page)
    ]
    config.nav = [
        {name: _contract() if page == _CATALOGUE else page} for item in there for name, page in item.items()
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
    for source, page in _FROM_ROOT.items():
        yield page, (ROOT / source).read_text(encoding="utf-8")
    yield _CATALOGUE, catalogue_page()
    proved = proofs(docs / "detection-matrix.json")
    for requirement in catalogue().values():
        yield address(requirement), requirement_page(requirement, proved)


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Let links between the root and `docs/` lead to pages, and fences show the file that they are."""
    for source, page in _FROM_ROOT.items():
        markdown = re.sub(rf"\]\((\.\./)?{re.escape(source)}", f"]({page}", markdown)
    markdown = markdown.replace("](docs/", "](")
    return _FENCE.sub(r'\1 title="\2"', markdown)

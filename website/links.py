"""Texts as pages of the site: links lead to pages, ids of requirements to theirs, fences show their file."""

from __future__ import annotations

import re

from pytest_orchestrators.suite.catalogue import GROUPS, catalogue

#: Files in the root that are pages, too.
FROM_ROOT = {"README.md": "index.md", "CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}

_LINK = re.compile(r"\]\((?:\.\./)?(?:docs/)?([^):#]+)")
#: A fence that says which file, or which part of one, it is: `python my_flavor.py`.
_NAMED_FENCE = re.compile(r"^( *```\w+) (\S+)$", re.MULTILINE)
#: An id, behind everything in which none is to be looked for: fences, code, links, headings.
_ID = re.compile(
    rf"^ *```.*?^ *```$|`[^`\n]*`|\[[^\]\n]*\]\([^)\n]*\)|^#.*?$|\b(?P<id>(?:{'|'.join(GROUPS)})-\d+)\b",
    re.MULTILINE | re.DOTALL,
)


def as_page(markdown: str, source: str) -> str:
    """The text of a page.

    Args:
        markdown: the text as it is in the repository.
        source: the page that it becomes, for example `contract/RUN-3.md`.
    """
    folder = "" if source.startswith("contract/") else "contract/"

    def linked(found: re.Match[str]) -> str:
        id = found["id"]
        return f"[{id}]({folder}{id}.md)" if id in catalogue() else found[0]

    markdown = _ID.sub(linked, markdown)
    markdown = _LINK.sub(lambda link: f"]({FROM_ROOT.get(link[1], link[1])}", markdown)
    return _NAMED_FENCE.sub(r'\1 title="\2"', markdown)

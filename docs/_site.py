"""What the site holds beside docs/: pages that lie in the repository beside what they are about.

Links between them and the pages of docs/ are written for the repository; here they lead to the pages of the site.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parent.parent
# Where a page lies in the repository → where it lies in the site.
ELSEWHERE = {
    "PRIVACY.md": "privacy.md",
    "SECURITY.md": "security.md",
    "CHANGELOG.md": "changelog.md",
    "evals/README.md": "evals.md",
    "evals/bench/SCALE.md": "scale.md",
}
LINK = re.compile(r"\]\(([^)#:\s]+)(#[^)\s]*)?\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the pages from elsewhere."""
    for path, name in ELSEWHERE.items():
        files.append(File.generated(config, name, content=(ROOT / path).read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown: str, page: Page, **_: object) -> str:
    """The text of a page with links as the site has them; what is not in the site stays as it is, and is then told."""
    there = {name: path for path, name in ELSEWHERE.items()}
    path = there.get(page.file.src_uri, f"docs/{page.file.src_uri}")

    def moved(link: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), link[1]))
        name = ELSEWHERE.get(target, target.removeprefix("docs/"))
        return f"]({name}{link[2] or ''})"

    return LINK.sub(moved, markdown)

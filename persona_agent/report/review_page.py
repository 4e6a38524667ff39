"""The page of `review`: cards to be read and changed, and beside each change what code says to it.

In: a `Review`. Out: HTML, whole or the part that changes. Promises: every text is escaped; the page's policy allows one style
sheet and one script, by their digests, and requests to where it came from, and nothing else.
"""

from __future__ import annotations

from functools import cache

from markupsafe import Markup

from .html import TEMPLATES, environment, hash_of
from .phrasing import EDITS_TITLE, edit_told
from .reviewed import Review


def review_html(review: Review) -> str:
    """The whole page."""
    style, script = _sources()
    return (
        environment()
        .get_template("review.html.j2")
        .render(style=Markup(style), script=Markup(script), **_values(review))
    )


def review_main(review: Review) -> str:
    """The part that is another after each change."""
    return environment().get_template("review_main.html.j2").render(**_values(review))


@cache
def review_policy() -> str:
    """The content policy of the page."""
    style, script = map(hash_of, _sources())
    return (
        f"default-src 'none'; style-src '{style}'; script-src '{script}'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


@cache
def _sources() -> tuple[str, str]:
    style = "".join((TEMPLATES / name).read_text(encoding="utf-8") for name in ("report.css", "review.css"))
    return style, (TEMPLATES / "review.js").read_text(encoding="utf-8")


def _values(review: Review) -> dict[str, object]:
    return {"review": review, "edit_told": edit_told, "edits_title": EDITS_TITLE}

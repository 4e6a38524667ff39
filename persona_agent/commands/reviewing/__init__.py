"""`review`: a page of this machine on which a person reads the cards of a run, changes them, and sees at once what holds.

`review_desk` makes every change by `edit`, and by nothing else; `review_app` lets this person's browser at it, and nobody else's.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import UsageError
from ...options import Options
from ...progress import Progress

if TYPE_CHECKING:
    from .review_app import ReviewResult


def review(out: Path, options: Options, port: int | None, progress: Progress) -> ReviewResult:
    """Answers until somebody stops it; UsageError where what serves it is not installed."""
    if find_spec("starlette") is None or find_spec("uvicorn") is None:
        raise UsageError("`review` needs a web server.", hint="pip install 'persona-agent[serve]'")
    done: ReviewResult = import_module(".review_app", __name__).serve(out, options, port, progress)
    return done

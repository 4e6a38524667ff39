"""Questions of the suite itself (readers, baselines, plain cards), through the program's own asking and recordings.

In: requests and the name of a recording. Out: for each request its value, or why there is none. Promises: what was not
answered is a text that says so and never a verdict; a replay asks nobody.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from persona_agent.errors import ProviderError
from persona_agent.models.base import Request
from persona_agent.models.opening import describe, open_models, with_recording
from persona_agent.models.prompts import digests, enclose, load_prompt
from persona_agent.progress import Silent
from persona_agent.store import Store

from .suite import Fixtures

MAX_TOKENS = 6_000
PROMPTS = Path(__file__).resolve().parent / "prompts"  # the suite's own, none of the program's


def question(stage: str, subject: str, data: Any, schema: type[BaseModel]) -> Request:
    """A request of one of the suite's prompts with its data enclosed."""
    return Request(
        stage=stage,
        subject=subject,
        messages=(("system", load_prompt(stage, PROMPTS).text), ("user", enclose(data))),
        schema=schema,
        max_tokens=MAX_TOKENS,
    )


def ask_all(fixtures: Fixtures, recording: str, requests: Sequence[Request]) -> list[Any]:
    """The answers in the order of the requests: a value of the request's schema, or a text that says why there is none."""
    with tempfile.TemporaryDirectory(prefix="eval-") as folder:
        options = with_recording(fixtures.options(recording, out=Path(folder)), Silent())
        store = Store.create(options.out)
        return asyncio.run(_ask(store, options, requests))


def prompts_of(stages: Iterable[str]) -> dict[str, str]:
    """Name → sha256 of the stages' prompts, the suite's own or the program's."""
    own = {stage: (PROMPTS / stage).is_dir() for stage in stages}
    found = digests((s for s in own if own[s]), PROMPTS) | digests(s for s in own if not own[s])
    return dict(sorted(found.items()))


async def _ask(store: Store, options: Any, requests: Sequence[Request]) -> list[Any]:
    async with open_models(store, options, lambda _: None) as models:

        async def one(request: Request) -> Any:
            try:
                return await models.asker.ask(models.asked, request)
            except ProviderError as error:
                return str(error)

        found = await asyncio.gather(*(one(r) for r in requests))
        prompts = prompts_of(r.stage for r in requests)
    describe(options, prompts, [], models.asker.totals.counts)
    return list(found)

"""How close the model stage comes to its bound: `python -m evals.bench.models`.

In: a latency, a concurrency, how many groups. Out: one row a repetition: calls, seconds, the bound, and their ratio. The
bound is what nothing but waiting would take: the groups' chains of calls, so many at once as are allowed. The server is a
process of its own and answers after the latency whatever is asked; the program, its SDK, its checks and its measures are
the real ones.
Groups have equal chains (drafts, critiques and revisions over five rounds; their length is counted, not assumed), and
their number is a multiple of the concurrency.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import re
import tempfile
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from persona_agent.commands.running import demo_options
from persona_agent.models.base import Request
from persona_agent.models.openai_sdk import OpenAIProvider
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.schema import Restatement
from persona_agent.store import Store
from persona_agent.write.briefs import briefed_groups
from persona_agent.write.loop import ask_models

from . import brain
from .found import grouped
from .server import Replies, Reply, chat

ROUNDS = 5
TARGET = 1.15


@dataclass(frozen=True)
class Row:
    calls: int
    seconds: float
    bound: float
    complete: bool

    @property
    def ratio(self) -> float:
        return self.seconds / self.bound


def one_at_a_time(body: dict[str, Any]) -> Reply:
    """As `brain` answers, but with more to mend, and one thing mended in each revision, so that every round is run."""
    said = json.loads(brain.answer(body))
    if "narrative" in said:
        wrong: dict[str, Any] = {"claim_ids": []}
        more = [{**wrong, "template": f"Emily, {34 + i}, again."} for i in range(ROUNDS - 1)]
        said["narrative"] = [*said["narrative"], *more]
    if "dropped" in said:
        failing = re.findall(r"^- (\w+): “", body["messages"][-1]["content"], re.MULTILINE)
        drafted = json.loads(body["messages"][-2]["content"])["claims"]
        said["sentences"] = [{**_of(body, drafted[-len(failing)]["id"]), "place": failing[0]}]
    return chat(json.dumps(said))


def _of(body: dict[str, Any], name: str) -> dict[str, Any]:
    """A sentence that says just what a claim says, so that it has to be read and passes."""
    claim = next(c for c in brain.blocks(body)[1]["claims"] if c["id"] == name)
    return {"template": brain.slots(claim), "claim_ids": [name]}


def serve(latency: float, line: Connection) -> None:
    with Replies(one_at_a_time, delay=latency) as server:
        line.send(server.url)
        line.recv()
        line.send(len(server.bodies))


async def warm(url: str) -> None:
    """One call of the SDK, so that what it imports is there."""
    provider = OpenAIProvider("openai/warm", base_url=url)
    await provider.answer(Request("warm", "p0", (("user", '<data a>\n{"texts": []}\n</data a>'),), Restatement))
    await provider.aclose()


def measure(latency: float, concurrency: int, groups: int, folder: Path) -> Row:
    """One timed model stage on the bundled log, cut into `groups`."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(latency, there), daemon=True)
    process.start()
    base = demo_options(folder / "out")
    options = Options(
        inputs=base.inputs, out=base.out, value=base.value, personas=groups, min_users=2, model="openai/brain",
        base_url=here.recv(), timeout=60, concurrency=concurrency, max_rounds=ROUNDS,
    )  # fmt: skip
    store = Store.create(options.out)
    found = grouped(store, options)
    with briefed_groups(store, options, found, Silent()) as briefed:
        asyncio.run(warm(options.base_url or ""))  # importing the SDKs takes 2 s, once
        started = time.monotonic()
        _, outcomes, _, _ = asyncio.run(ask_models(store, options, briefed, Silent()))
        seconds = time.monotonic() - started
    here.send("stop")
    calls = int(here.recv()) - 1
    process.join(5)
    n = len(briefed.groups)
    return Row(
        calls,
        seconds,
        -(-n // concurrency) * calls / n * latency,
        not any(o.unwritten or o.errors for o in outcomes),
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m evals.bench.models", description=__doc__.split("\n\n")[0])
    parser.add_argument("--latency", type=float, nargs="+", default=[0.5], help="seconds an answer takes")
    parser.add_argument("--concurrency", type=int, nargs="+", default=[8], help="calls at once")
    parser.add_argument("--groups", type=int, default=8, help="a multiple of the concurrency")
    parser.add_argument("--repeat", type=int, default=2)
    given = parser.parse_args()
    print(f"{'latency':>8} {'at once':>8} {'calls':>6} {'seconds':>8} {'bound':>7} {'ratio':>6}   target {TARGET}")
    for latency in given.latency:
        for concurrency in given.concurrency:
            for _ in range(given.repeat):
                with tempfile.TemporaryDirectory() as folder:
                    row = measure(latency, concurrency, given.groups, Path(folder))
                failed = "" if row.complete else "   not complete"
                timed = f"{row.seconds:8.2f} {row.bound:7.2f} {row.ratio:6.3f}{failed}"
                print(f"{latency:8.2f} {concurrency:8d} {row.calls:6d} {timed}", flush=True)


if __name__ == "__main__":
    main()

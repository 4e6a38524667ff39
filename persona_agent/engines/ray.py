"""Parts on a Ray cluster, or on a Ray that is started on this machine: the extra `ray`.

Functions run over the parts through Ray Data; a part whose worker dies is done again by another one. What is held between
questions is held by actors, which load their part anew after a death. The log and the run directory must lie where
every worker sees them under the same path, and workers need this package.
"""

from __future__ import annotations

import logging
import os
import pickle
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from ..errors import PersonaAgentError, UsageError

# Read when Ray is imported: it reports to its makers how it is used, unless told otherwise.
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")

try:
    import ray
    import ray.data
    from ray.exceptions import RayError
except ImportError:
    raise UsageError("--engine ray needs Ray.", hint="Install it: pip install 'persona-agent[ray]'.") from None

P = TypeVar("P")
R = TypeVar("R")

TRIES = 3  # as in local.py


class RayEngine:
    """The cluster at `address`, or one on this machine that ends with the block."""

    name = "ray"
    holds = True

    def __init__(self, address: str | None) -> None:
        for name in ("ray", "ray.data"):
            logging.getLogger(name).setLevel(logging.ERROR)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                ray.init(
                    address,
                    include_dashboard=None if address else False,
                    log_to_driver=False,
                    logging_level=logging.ERROR,
                )
        except (RayError, OSError, RuntimeError, ValueError) as error:
            first = (str(error).splitlines() or [type(error).__name__])[0]
            raise UsageError(
                f"Ray cannot be reached: {first}", hint="--engine ray starts one on this machine."
            ) from None
        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = False
        context.print_on_execution_start = False
        context.execution_options.preserve_order = True

    def __enter__(self) -> RayEngine:
        return self

    def __exit__(self, *_: object) -> None:
        ray.shutdown()

    def map(self, function: Callable[[P], R], parts: Sequence[P]) -> Iterator[R]:
        """`function` of every part, in order."""
        if not parts:
            return
        rows = [{"part": pickle.dumps(part)} for part in parts]
        data = ray.data.from_items(rows, override_num_blocks=len(rows))
        try:
            # One row to a block and a task: a part is large, and is what a lost worker costs.
            for row in data.map(_Done(function)).iter_rows():
                yield _result(row["result"])
        except RayError as error:
            raise _lost(error) from None

    def hold(self, load: Callable[[P], Callable[[Any], Any]], parts: Sequence[P]) -> _Actors:
        """The parts loaded by one actor each."""
        return _Actors(load, parts)


class _Done:
    """A row with a part to a row with its result, both as bytes: what they are is not Ray's matter."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self._function = function

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        return {"result": pickle.dumps(_tried(self._function, pickle.loads(row["part"])))}


class _Holder:
    """One part, loaded."""

    def __init__(self, load: Callable[[Any], Callable[[Any], Any]], part: Any) -> None:
        self._answer = load(part)

    def ask(self, question: object) -> bytes:
        return pickle.dumps(_tried(self._answer, question))


class _Actors:
    """All parts, one actor each, spread over the cluster."""

    def __init__(self, load: Callable[[P], Callable[[Any], Any]], parts: Sequence[P]) -> None:
        # What an actor holds is memory; processors are shared between as many as there are.
        options: dict[str, Any] = {"num_cpus": 0, "max_restarts": -1, "max_task_retries": TRIES}
        holder: Any = ray.remote(scheduling_strategy="SPREAD", **options)(_Holder)
        self._actors = [holder.remote(load, part) for part in parts]

    def ask(self, question: object) -> list[Any]:
        asked = ray.put(question)
        try:
            return [_result(answer) for answer in ray.get([actor.ask.remote(asked) for actor in self._actors])]
        except RayError as error:
            raise _lost(error) from None


def _tried(function: Callable[[Any], Any], value: Any) -> tuple[Any, PersonaAgentError | None]:
    try:
        return function(value), None
    except PersonaAgentError as error:
        return None, error


def _result(answer: bytes) -> Any:
    value, error = pickle.loads(answer)
    if error is not None:
        raise error
    return value


def _lost(error: Exception) -> PersonaAgentError:
    first = (str(error).splitlines() or [type(error).__name__])[0]
    return PersonaAgentError(
        f"A part of the log could not be done on Ray: {first}.",
        hint="Workers need this package, and the log and the run directory under the same paths.",
    )

"""Coroutines run to their end from plain code, and plain code run beside an event loop.

Promises: it works wherever it is called, also where a loop is running already, as in a notebook; where whoever waits is
interrupted or cancelled, a coroutine under way is cancelled too and none begins any more, so no model is asked for nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar, copy_context
from functools import partial
from typing import Any, TypeVar

T = TypeVar("T")
Stop = Future[None]  # done as soon as nobody waits any more

_STOP: ContextVar[Stop | None] = ContextVar("stop", default=None)


def run_coroutine(coroutine: Coroutine[Any, Any, T]) -> T:
    """What a coroutine returns; where a loop is running in this thread, another thread runs it in a loop of its own."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return _run(_until(_STOP.get(), coroutine))
    stop: Stop = Future()
    with ThreadPoolExecutor(max_workers=1) as thread:
        waiting = thread.submit(copy_context().run, partial(_run, _until(stop, coroutine)))
        try:
            return waiting.result()
        except BaseException:
            stop.set_result(None)
            raise


async def beside_loop(function: Callable[[], T]) -> T:
    """What blocking code returns, run in a thread so that the loop goes on."""
    stop: Stop = Future()

    def stoppable() -> T:
        _STOP.set(stop)
        return function()

    try:
        return await asyncio.to_thread(stoppable)
    except asyncio.CancelledError:
        stop.set_result(None)
        raise


def _run(coroutine: Coroutine[Any, Any, T]) -> T:
    """`asyncio.run` of a task that returns nothing: to give back the handler of interrupts, `signal` writes out twice what its
    task returned, which takes a tenth of the time of a small run.
    """
    found: list[T] = []

    async def kept() -> None:
        found.append(await coroutine)

    asyncio.run(kept())
    return found[0]


async def _until(stop: Stop | None, coroutine: Coroutine[Any, Any, T]) -> T:
    """The coroutine, cancelled when `stop` is done."""
    task, loop = asyncio.ensure_future(coroutine), asyncio.get_running_loop()

    def cancel(_: Stop) -> None:
        if not task.done():
            loop.call_soon_threadsafe(task.cancel)

    if stop is not None:
        stop.add_done_callback(cancel)
    return await task

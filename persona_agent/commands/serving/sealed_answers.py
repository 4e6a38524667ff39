"""The seal of what agents were answered: made anew after each answer, since whoever asks ends a server by killing it.

In: a folder with kept answers, a `Seal`. Out: `asked.seal`, and later whether all is still there as it was. Promises: what was
listed, and what later answers are held against, may have grown since the last seal (a kill leaves that), but nothing of it can be
changed, taken out or put back as it was earlier unnoticed; beside the secret stands which seal was the last.
"""

from __future__ import annotations

import json
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

from ...errors import StoreError
from ...ids import content_hash
from ...manifest import FORGED, RUN, Verification
from ...models.ledger import Ledger
from ...seal import Seal
from ...store import KEY, Store

ASKED, ASKED_SEAL = "asked.sqlite", "asked.seal"
KEPT, KEPT_SUMS = "asked_sets.bin", "asked_sums.bin"
# Rows that a kill may leave behind the last seal: each is written before its answer goes out, and sealed right after.
NOT_YET = 1


def seal_answers(store: Store, seal: Seal) -> None:
    """Vouches for the folder as it is now."""
    state = _state(store)
    code = seal.code(state)
    with seal.remembered(_place(store), code):
        store.write_json(ASKED_SEAL, {**state, "sealed_by": seal.name, "code": code})


def verify_answers(store: Store, seal: Seal) -> Verification:
    """How the answers that are kept in a folder stand to their seal; `not_yours` where there is none of this user's. That some
    were kept is known beside the secret, and by what later answers are held against, whatever else is gone.
    """
    last = seal.last_codes(_place(store)) if seal.secret else []
    if store.path(RUN).is_file() and not store.key_path.exists():  # by which it is known that it is this folder
        return Verification("changed", (f"{KEY} is gone",))
    told_of = bool(last) or keeps_answers(store)
    if told_of and not store.path(ASKED).is_file():
        return Verification("changed", (f"{ASKED} is gone",))
    if not store.path(ASKED_SEAL).is_file():
        return Verification("changed", (f"{ASKED_SEAL} is gone",)) if last else Verification("not_yours")
    try:
        told: dict[str, Any] = dict(store.read_json(ASKED_SEAL))
    except (StoreError, ValueError, TypeError):
        return Verification("changed", (f"{ASKED_SEAL} has changed",))
    code, by = told.pop("code", ""), told.pop("sealed_by", "")
    if by != seal.name or not seal.secret:
        return Verification("changed", (f"{ASKED_SEAL} is not yours",)) if last else Verification("not_yours")
    if not seal.is_mine(told, code):
        return Verification("changed", (f"{ASKED_SEAL} has changed",))
    if last and code not in last:
        return Verification("changed", (f"{ASKED_SEAL} is older than the one that you sealed last in this folder",))
    problems = tuple(_problems(store, told))
    return Verification("changed", problems) if problems else Verification("verified")


def refuse_changed_answers(store: Store, seal: Seal) -> None:
    """StoreError where answers that are kept are not as they were: what may still be told rests on them."""
    found = verify_answers(store, seal)
    if found.standing == "changed":
        raise StoreError(
            f"What agents were answered in {str(store.out)!r} is {FORGED.lower()}: {'; '.join(found.problems)}.",
            hint="Put the files back as they were. Else serve a log with another folder (-o), or make the run in another one; "
            "`egress` lists what stands in this one.",
        )


def keeps_answers(store: Store) -> bool:
    """Does anything in the folder say that agents were answered?"""
    return any(store.path(name).is_file() for name in (ASKED, ASKED_SEAL, KEPT, KEPT_SUMS))


def _place(store: Store) -> Path:
    """What the last seal is remembered by: a folder that was deleted and made anew has another key, and is another."""
    key = sha256(store.key_path.read_bytes()).hexdigest()[:16] if store.key_path.is_file() else ""
    return store.out / f"{ASKED}.{key}"


def _state(store: Store) -> dict[str, Any]:
    with closing(Ledger(store.path(ASKED))) as ledger:
        sent = ledger.all_sent()
        kept = ledger.kept()
    state = {"sent": [len(sent), content_hash(sent)], "kept": kept}
    return json.loads(json.dumps({**state, **{name: _up_to(store, name, None) for name in (KEPT, KEPT_SUMS)}}))  # type: ignore[no-any-return]


def _up_to(store: Store, name: str, size: int | None) -> list[Any]:
    """So many bytes of a file, or all, and their digest."""
    path = store.path(name)
    held = path.read_bytes() if path.is_file() else b""
    held = held if size is None else held[:size]
    return [len(held), sha256(held).hexdigest()]


def _problems(store: Store, told: dict[str, Any]) -> list[str]:
    """What is not there any more as it was sealed."""
    with closing(Ledger(store.path(ASKED))) as ledger:
        sent, kept = ledger.all_sent(), ledger.kept()
    size = told["sent"][0]
    found = (
        [] if told["sent"][1] == content_hash(sent[:size]) else [f"the list of what went out in {ASKED} has changed"]
    )
    found += [f"rows were put into the list of {ASKED}"] if len(sent) > size + NOT_YET else []
    found += [f"answers are gone from {ASKED}"] if kept < told["kept"] else []
    return found + [f"{n} has changed" for n in (KEPT, KEPT_SUMS) if _up_to(store, n, told[n][0]) != told[n]]

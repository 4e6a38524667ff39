"""Keys of things, by what columns are called: `hikeId`, `sku_code`; and a test of what columns could be, on some lines.

Takes names of columns, or the values of some lines; gives whether a name may be of a thing that is acted on, and what each column
could be. Promises: a key of somebody, of a visit, of a record, or of where and by what something was done is none of a thing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np
import orjson

from ..folders import SPILL, temporary_folder
from ..redaction import mask
from ..redaction.long_keys import LONG_NUMBER
from ..store import lent
from .guessing import Column, owner_parts, parts_of_name
from .opaque import called_by_keys
from .owned import SHARE, sample_properties, sample_size
from .unused import LASTING, could_be, is_visit
from .vendors.common import words

FEWEST_KEYS = 50  # different ones, of which the share that are made like a card's number can be told from all of them
LIKE_CARDS = 0.2  # of keys, twice what chance has
KEYED = "the one key of things that users share and come back to"
_KEYS = frozenset(words("id uuid guid key"))
# What a key may be of that is no thing acted on; of each, what it is of instead.
_OTHERWISE = frozenset(
    words(
        """
        user usr customer cust client member visitor person account requester owner author sender receiver recipient seller buyer
        player patient student learner employee staff agent operator worker teacher instructor driver profile contact party parent
        household family card cookie login email creator editor assignee reporter manager friend follower followee referrer

        session sid visit case conversation chat call thread trip ride journey stay shift turn run round match lobby
        basket cart order invoice receipt ticket transaction trans txn checkout sale bill booking reservation payment delivery

        event log record row line entry message msg insert hit request req response trace span correlation process job batch
        sequence seq index revision version commit hash checksum etag signature token api

        device terminal machine pos till host server node instance cluster pod ip mac browser platform os app application
        installation client sdk store shop branch warehouse depot office site domain tenant org organisation organization company
        firm workspace project school class classroom clinic hospital ward department dept team group role location city region
        country state zone area district geo place site channel source medium campaign ad advertisement partner affiliate

        category categories type kind status level tier plan segment cohort experiment variant variation bucket test rule
        currency language locale lang timezone tz date day week month year time period parent previous prev next last first root
        brand supplier vendor manufacturer colour color size unit
        """
    )
)


def may_key_things(path: str) -> bool:
    """Whether a column is called like a key, and of nothing that is known to be no thing."""
    parts = parts_of_name(path)
    return len(owner_parts(path)) > 1 and parts[-1] in _KEYS and _OTHERWISE.isdisjoint(parts) and not is_visit(path)


def could_be_of(
    users: Sequence[str],
    times: Sequence[int | None],
    columns: Mapping[str, Sequence[str]],
    free: Collection[str],
    visit: float,
) -> dict[str, str]:
    """What columns could be, of the fields that are `free`, by the test that is made of columns that were not used, on the values
    of lines: whose each is, when (microseconds, None where it cannot be read), and what the columns hold.
    """
    whose, when, held = list[str](), list[int](), list[str]()
    for i, (who, time) in enumerate(zip(users, times, strict=True)):
        if time is not None:
            whose.append(who)
            when.append(time)
            held.append(orjson.dumps({path: texts[i] for path, texts in columns.items()}).decode())
    # A lent one: to open another takes longer than to ask it.
    with temporary_folder() as folder, lent({}, folder / SPILL) as connection:
        table = {
            "user": np.array(whose, dtype=object),
            "ts": np.array(when, dtype="datetime64[us]"),
            "properties": np.array(held, dtype=object),
        }
        connection.register("looked_at", table)
        # Of a log in the order of its times, the first part may meet most users in one visit alone.
        later = f"""SEMI JOIN (FROM looked_at SELECT "user" GROUP BY "user" HAVING max(ts) - min(ts) > {LASTING})
                    USING ("user")"""
        connection.execute(f"CREATE TABLE staging AS FROM looked_at {later if free == {'session'} else ''}")
        sample_properties(connection)
        return could_be(connection, free, sample_size(connection), visit)


def have_long_numbers(columns: Mapping[str, Column], mapping: Mapping[str, str]) -> bool:
    """Are things called by numbers as long as a card's, of which no more than by chance are made like one? A tenth of all
    numbers pass its test, and not all of these begin as a card's do; a column of cards would pass nearly whole.
    """
    column = columns.get(mapping.get("object", ""))
    names = [*column.distinct] if column else []
    if len(names) < FEWEST_KEYS or sum(LONG_NUMBER.fullmatch(name) is not None for name in names) < SHARE * len(names):
        return False
    return sum("[card]" in mask(name)[0] for name in names) <= LIKE_CARDS * len(names)


def said_of_keys(columns: Mapping[str, Column], mapping: Mapping[str, str]) -> Iterator[str]:
    """That things have keys for names, where most have."""
    column = columns.get(path := mapping.get("object", ""))
    if column and called_by_keys([*column.distinct]):
        yield (
            f"what {path} holds are keys, which name nothing to a reader: they are sorted into no kinds, and long ones stand on "
            "no page. Beside a column of titles things would be told by these"
        )


def no_numbers(texts: Sequence[str]) -> list[str]:
    """Keys as texts that read as no numbers, which the test would take for amounts."""
    return [f"id {text}" if text else "" for text in texts]

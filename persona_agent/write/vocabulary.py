"""What of a log may stand in a prompt: its vocabulary, and lines as examples.

In: a corpus, a group. Out: a `Vocabulary` (the same for all groups), lines e1…en with the numbers behind them. Promises:
a thing is shown only if FLOOR users share it and a text only if QUOTED do; a line that speaks to a model is not shown; no
date, no user, no path; which lines are chosen depends on the log alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log

from ..evidence import Binder, Corpus, Population, Shown, showable
from ..log.events import property_path
from ..log.lists import values_sql
from ..log.opaque import is_opaque
from ..models.base import Embed
from ..models.opening import stays_here
from ..options import DEFAULT_MIN_CLAIM_USERS as FLOOR
from ..options import Options
from ..redaction import looks_like_instruction
from ..schema import EVERYONE, Amount, FieldValues, Names, ShownLine, Vocabulary
from .dossiers import part_of_day
from .question import QuestionReading, read_question

QUOTED = 3  # users who share a text before it may be shown
MOST_ACTIONS = 120  # names in a prompt, commonest first; a round number
MOST_OBJECTS = 80  # the same for things
MOST_VALUES = 20  # the same for values of an allowed column
MOST_THEMES = 60  # the same for what things were sorted by; more are not kept apart
MOST_ACTS = 3_000  # that a question is read against
MOST_LOOKED_THROUGH = 20_000  # names, for those that a text speaks of: more than any log of ours holds
TEXTS = 12  # different lines that a dossier shows, two users of each
EACH = 2  # lines of each text, of two users
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def vocabulary_of(corpus: Corpus, options: Options, amounts: Sequence[str]) -> Vocabulary:
    """What stands in the log, commonest first by users."""
    first, last = corpus.days or ("", "")
    return Vocabulary(
        timezone=options.timezone,
        first_day=str(first),
        last_day=str(last),
        actions=_common(corpus, "action", MOST_ACTIONS, FLOOR),
        objects=[name for name in _common(corpus, "object", MOST_OBJECTS, FLOOR) if not is_opaque(name)],
        amounts=[a for name in amounts if (a := _amount(corpus, name))],
        fields=[
            FieldValues(name=name, values=_values(corpus, name))
            for name in dict.fromkeys([*told_columns(options, corpus.names), *corpus.names.categories])
        ],
        value=options.value,
        themes=themes_of(corpus),
        places=corpus.names.places,
    )


def themes_of(corpus: Corpus) -> list[str]:
    """What things were sorted by where no field of the log sorts them, commonest first."""
    return _common(corpus, "theme", MOST_THEMES, FLOOR)


def told_columns(options: Options, names: Names) -> list[str]:
    """The columns whose values may be told: those that a person let in, and where no prompt leaves this machine also those in
    which a user's acts differ, or which each user holds one value of.
    """
    let_in = {name.removeprefix("properties.") for name in options.allow}
    here = [*names.sorts, *names.of_user] if stays_here(options) else []
    return [*dict.fromkeys(options.allow), *(name for name in here if name not in let_in)]


def show_lines(corpus: Corpus, group: int) -> tuple[list[ShownLine], Mapping[str, int], list[Shown]]:
    """Examples of what members did, most their own first, the line behind each id, and all that may be looked up."""
    found = [s for s in showable(corpus, Population(group), FLOOR, QUOTED) if not _speaks(s)]
    weight = _weights(corpus, group)
    ranked = sorted(range(len(found)), key=lambda i: (-weight.get((found[i].action, found[i].object), 0.0), i))
    told = list({(found[i].action, found[i].object): i for i in reversed(ranked)}.values())[::-1]
    chosen = [(found[i], seq) for i in told[:TEXTS] for seq in found[i].seqs[:EACH]]
    who, when = _who_and_when(corpus, [seq for _, seq in chosen])
    users: dict[int, str] = {}
    lines: list[ShownLine] = []
    seqs: dict[str, int] = {}
    for i, (shown, seq) in enumerate(chosen, start=1):
        user = users.setdefault(who[seq], f"u{len(users) + 1}")
        lines.append(
            ShownLine(id=f"e{i}", user=user, when=when[seq], action=shown.action, object=shown.object, text=shown.text)
        )
        seqs[f"e{i}"] = seq
    return lines, seqs, found


def _speaks(shown: Shown) -> bool:
    return any(looks_like_instruction(x) for x in (shown.object, shown.text) if x)


def _weights(corpus: Corpus, group: int) -> dict[tuple[str, str | None], float]:
    """How much more of the group's users do each act on each thing than others do, in nats weighted by their share."""
    binder = Binder()
    rows = corpus.connection.execute(
        f"""
        WITH f AS (SELECT DISTINCT u, action, object FROM lines WHERE action IS NOT NULL),
        m AS (SELECT u FROM places WHERE g = {binder.bind(group)}),
        n AS (SELECT (SELECT count(*) FROM m) AS here, (SELECT count(DISTINCT u) FROM f) AS everyone)
        SELECT action, object, count(*) FILTER (u IN (SELECT u FROM m)) / any_value(n.here) AS p,
               count(*) FILTER (u NOT IN (SELECT u FROM m)) / greatest(any_value(n.everyone - n.here), 1) AS q
        FROM f, n GROUP BY action, object HAVING count(*) >= {binder.bind(FLOOR)}
        """,
        binder.values,
    ).fetchall()
    everyone = group == EVERYONE
    return {(a, o): p if everyone else p * _log_ratio(p, q) for a, o, p, q in rows}


def _log_ratio(p: float, q: float) -> float:
    return log((p + 0.01) / (q + 0.01))


def _who_and_when(corpus: Corpus, seqs: Sequence[int]) -> tuple[dict[int, int], dict[int, str]]:
    rows = corpus.connection.execute(
        "SELECT seq, u, weekday, hour FROM lines WHERE seq IN (SELECT unnest($seqs::INTEGER[]))", {"seqs": list(seqs)}
    ).fetchall()
    return {s: u for s, u, _, _ in rows}, {s: _when(d, h) for s, _, d, h in rows}


def _when(weekday: int, hour: int | None) -> str:
    """The weekday, and the part of the day where the time has a clock."""
    return WEEKDAYS[weekday - 1] if hour is None else f"{WEEKDAYS[weekday - 1]} {part_of_day(hour)}"


def question_of(corpus: Corpus, options: Options, embed: Embed) -> QuestionReading | None:
    """What the run was asked, read against the acts of the log."""
    if not options.question:
        return None
    return read_question(options.question, acts_of(corpus), embed, corpus.names)


def acts_of(corpus: Corpus) -> list[tuple[str, str | None]]:
    """Actions, and actions on objects, that FLOOR users share, those of most users first."""
    rows = corpus.connection.execute(
        "SELECT action, object, count(DISTINCT u) AS users FROM lines WHERE action IS NOT NULL "
        "GROUP BY GROUPING SETS ((action), (action, object)) HAVING count(DISTINCT u) >= ? "
        "ORDER BY users DESC, action, object NULLS FIRST LIMIT ?",
        [FLOOR, MOST_ACTS],
    ).fetchall()
    return [a for a in dict.fromkeys((x, y) for x, y, _ in rows) if not any(looks_like_instruction(n) for n in a if n)]


def _common(corpus: Corpus, field: str, most: int, floor: int) -> list[str]:
    rows = corpus.connection.execute(
        f"SELECT {field} FROM lines WHERE {field} IS NOT NULL GROUP BY {field} HAVING count(DISTINCT u) >= ? "
        f"ORDER BY count(DISTINCT u) DESC, {field} LIMIT ?",
        [floor, most],
    ).fetchall()
    return [name for (name,) in rows if not looks_like_instruction(name)]


def all_names(corpus: Corpus, column: str) -> list[str]:
    """All that may be told of `action`, `object` or a field, commonest first: what enough users share."""
    if column in ("action", "object"):
        return _common(corpus, column, MOST_LOOKED_THROUGH, FLOOR)
    return _values(corpus, column, MOST_LOOKED_THROUGH)


def _amount(corpus: Corpus, name: str) -> Amount | None:
    row = corpus.connection.execute(
        "SELECT quantile_cont(x, [0.1, 0.5, 0.9]) FROM "
        "(SELECT try_cast(json_extract_string(properties, ?) AS DOUBLE) AS x FROM lines) WHERE x IS NOT NULL",
        [property_path(name)],
    ).fetchone()
    if not row or row[0] is None:
        return None
    low, median, high = (float(f"{x:.3g}") for x in row[0])
    return Amount(name=name, low=low, median=median, high=high, in_parts=name in corpus.names.in_parts)


def _values(corpus: Corpus, name: str, most: int = MOST_VALUES) -> list[str]:
    rows = corpus.connection.execute(
        f"SELECT v FROM (SELECT u, unnest({values_sql('x')}) AS v FROM "
        "(SELECT u, json_extract_string(properties, ?) AS x FROM lines)) WHERE v IS NOT NULL GROUP BY v "
        "HAVING count(DISTINCT u) >= ? ORDER BY count(DISTINCT u) DESC, v LIMIT ?",
        [property_path(name), FLOOR, most],
    ).fetchall()
    return [v for (v,) in rows if not looks_like_instruction(v)]

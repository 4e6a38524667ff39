"""What could be asked of a log, where a question names nothing of it: fields with values, amounts, acts and units.

In: the words that the log has nothing like, its names, an embedding. Out: a sentence. Promises: what is nearest to the words
stands first; of several alike the commonest.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..models.base import Embed
from ..schema import Names
from ..words.wording import act_words, readable
from ..write.question import Act
from .log_names import NamesInLog

MOST_NAMED = 4  # as many as are read at a glance
VALUES = 2  # of a field, as examples


def nearest_names(unknown: Sequence[str], log: NamesInLog, acts: Sequence[Act], embed: Embed, names: Names) -> str:
    """“It can be asked of “Region” (“West”, “East”, …), …”; of visits, users and lines in any log."""
    told = {f.called: _field(f.called, f.values) for f in log.fields}
    told |= {a.called: f"“{a.called}”" for a in log.amounts}
    told |= {w: f"“{w}”" for a, _ in acts if (w := act_words(a, names)) not in told}
    called = list(told)
    if unknown and called:
        likeness = (embed(list(unknown)) @ embed(called).T).max(axis=0)
        called = [called[i] for i in sorted(range(len(called)), key=lambda i: (-float(likeness[i]), i))]
    listed = [told[name] for name in called[:MOST_NAMED]]
    return f"It can be asked of {', '.join([*listed, 'how many visits, how long and when'])}, for example."


def _field(called: str, values: Sequence[str]) -> str:
    some = ", ".join(f"“{readable(v)}”" for v in values[:VALUES])
    return f"“{called}” ({some}{', …' if len(values) > VALUES else ''})"

"""What parts the cells of a table, where it is no comma, semicolon, tab or bar: `::`, `~|~`, Ctrl-A, runs of spaces.

Takes the first lines of a table; gives the sign, "" where none is certain. Promises: a sign is taken only where it parts every
line into as many cells, three and more; letters, digits and quotes part nothing; what a comma or its like parts alike, into three
cells and more, is left as it is, unless each of these is a part of a longer sign.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

DELIMITERS = (",", ";", "\t", "|")
SPACES = " "  # the delimiter of a table whose cells runs of spaces part: no cell holds one, and none is empty
WIDE = "  "  # of one whose cells runs of two spaces and more part: words in a cell have one between them, and none is empty
LINES = 20  # that must be parted alike, at least; fewer show nothing
CELLS = 3  # at least: who, when and what
USUAL = 0.9  # of lines a comma parts alike, if it parts cells: some rows of a table are broken, or span lines
LONGEST = 4  # characters; a round number
# Signs that part cells also where they stand alone, as databases write them (Hive's Ctrl-A, the separators of ASCII) or people
# choose them because no text has them. All others stand within times, names, numbers and addresses.
_ALONE = frozenset("\x01\x02\x1c\x1d\x1e\x1f^~¦§¬¤")
_RUNS = re.compile(r"(?:[^\w\s\"'(){}\[\]\\]|[\x01\x02\x1c-\x1f]|(?<![ \t])[ \t](?![ \t\w]))+[ \t]?")
_QUOTED = re.compile(r'"[^"]*"')

Cells = Callable[[str], Sequence[str] | None]


def cells_parted(text: str, sign: str) -> list[str]:
    """The cells of a line that quotes nothing."""
    if sign == SPACES:
        return text.split()
    return re.split(r"\s{2,}", text.strip()) if sign == WIDE else text.split(sign)


def find_separator(lines: Sequence[bytes], usual: str, cells: Cells) -> str:
    """What parts the lines of a table, if not the `usual` delimiter, which gives `cells` of a line (None where it cannot be
    read); "" where that does, or where nothing does for certain.
    """
    if len(lines) < LINES:
        return ""
    texts = [line.decode(errors="replace").rstrip("\r") for line in lines]
    width, bare = _usual_width(texts, cells), [_QUOTED.sub('""', text) for text in texts]
    for sign in _candidates(bare[0]):
        if _width(bare, sign) >= CELLS and (width < CELLS or _is_within(bare, usual, sign)):
            return sign
    if width > 1 or bare != texts:
        return ""
    plain = not any(sign in text for text in texts for sign in DELIMITERS)
    return next((sign for sign in ((SPACES, WIDE) if plain else (WIDE,)) if _width(texts, sign) >= CELLS), "")


def _candidates(first: str) -> list[str]:
    """Signs and runs of signs that come back in a line, the longest first."""
    found = {part for run in _RUNS.findall(first) for part in _parts(run) if first.count(part) >= CELLS - 1}
    return sorted(found, key=lambda part: (-len(part), part))


def _parts(run: str) -> Iterator[str]:
    """What may part cells in a run of signs; one of the usual between spaces is the usual one."""
    for start, stop in combinations(range(len(run) + 1), 2):
        part = run[start:stop]
        core = part.strip(" ")
        spaced = part not in (core, core + " ", " " + core) and core not in DELIMITERS
        if core.strip("\t ") and len(part) <= LONGEST and (len(core) > 1 or core in _ALONE or spaced):
            yield part


def _is_within(texts: Sequence[str], usual: str, sign: str) -> bool:
    """Whether the usual delimiter is met as a part of this sign alone."""
    return usual in sign and all(text.count(usual) == text.count(sign) * sign.count(usual) for text in texts)


def _width(texts: Sequence[str], sign: str) -> int:
    """How many cells each of the lines has; 1 where they differ."""
    widths = {len(cells_parted(text, sign)) for text in texts}
    return widths.pop() if len(widths) == 1 else 1


def _usual_width(texts: Sequence[str], cells: Cells) -> int:
    """How many cells nearly all lines have; 1 where they differ."""
    widths = Counter(len(found) if (found := cells(text)) else 0 for text in texts)
    width, lines = widths.most_common(1)[0]
    return width if lines >= USUAL * len(texts) else 1

"""What a visit of a group looks like: the one nearest to the middle of its visits, in order, and what they usually come to.

In: a corpus and a group. Out: a `Visit` (no date, no user, no act or thing that fewer than FLOOR members share, none that touches
what the law protects), with the lines that it tells; None where nobody has a visit, and of people at work.

The middle is the medoid in spirit: of the members' visits the one that differs least, added up, from the group's usual size,
value and length (as logarithms, so that half and double are alike), hour, and mix of acts; a visit counts only if most of
its lines can be told. Of given groups a visit of things of one month is further off: a list of Christmas goods would say of
the group what the season says. Members weigh the same in all that is usual; size, things and value are of the half of the visits
that did not place them, as bars have them. Where no visit can be told one is composed of
the steps that most members take, in the order in which they mostly come; where not even these can be told, or a visit is mostly
of one line, of figures alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...codebook.unit_names import NUMBER, unit_of
from ...evidence import Binder, Corpus, Population, evaluate
from ...log.events import property_path
from ...log.lists import values_sql
from ...options import DEFAULT_MIN_CLAIM_USERS as FLOOR
from ...schema import EVERYONE, Says, ToldSession, ToldStep, Visit
from .composed import composed_visit
from .inquiries import middle
from .visit_lines import LONGEST, LinesTold, VisitLine, lines_of_visit, steps_told

DrawnBy = tuple[Sequence[str], str | None]  # amounts and a category, as `visit_of` takes them

MOST_AMOUNTS = 4  # that a visit is compared in: the rest are mostly the first ones over again
MEASURED = ("matches", "things", "total value")  # of visits, as measures have them
SEVERAL = 2  # lines of a usual visit: one line is what a bar says better, and no visit
TELLABLE = 0.5  # of a visit's lines, or what is told is not that visit
NEAR = 0.25  # of the visits that may be told are near to the middle: nearer than three in four
FEWEST_NEAR, MOST_NEAR = (
    10,
    200,
)  # fewer leave hardly any to choose from; of a shop's groups 200 are within a third of size and value
COUNTS = 0.95  # of an amount's values are whole, and none below one: it counts things, and is no price
KINDS_BY = "kinds by"  # in a corpus's memo: the field that sorts things in `kinds_met`
# From which hour on a visit is said to begin so; before the first it is at night. As people say it, not measured.
PARTS_OF_DAY = (
    (5, "in the early morning"),
    (9, "in the morning"),
    (12, "around midday"),
    (14, "in the afternoon"),
    (18, "in the evening"),
    (22, "late at night"),
)


def visit_of(corpus: Corpus, group: int, amounts: Sequence[str], category: str | None = None) -> Visit | None:
    """The visit. `amounts` are the numeric properties, of which the first that counts things is told; `category` is the property
    that sorts things where no themes do.
    """
    if corpus.staff:
        return None
    connection = corpus.connection
    connection.execute(_VISITS, {"g": group})
    usual = connection.execute(_USUAL).fetchone()
    if usual is None or usual[0] is None:
        return None
    minutes, hour = usual[3:]
    size, things, value = (_as_measured(corpus, group, of, x) for of, x in zip(MEASURED, usual[:3], strict=True))
    if size < SEVERAL:
        return of_figures(corpus, group, category, hour)
    connection.execute(_SHARED, {"g": group, "floor": FLOOR})
    [*nearest] = _nearest(corpus, group, (amounts, category), size, value)[:1]
    lines = lines_of_visit(corpus, nearest[0], counting(corpus, amounts)) if nearest else _commonest(corpus)
    told = steps_told(corpus, lines)
    if not told:
        return of_figures(corpus, group, category, hour)
    visit = Visit(
        steps=[],
        composed=not nearest,
        more=0,
        size=size,
        things=things,
        value=value if corpus.valued else None,
        minutes=minutes or None,
        hour=None if hour is None else int(hour),
        lines=[],
        currency=corpus.names.currency if corpus.valued else None,
    )
    return visit_telling(corpus, visit, lines, told[:LONGEST])


def visit_telling(corpus: Corpus, visit: Visit, lines: Sequence[VisitLine], told: Sequence[LinesTold]) -> Visit:
    """The visit with these steps of its lines."""
    seqs = [seq for t in told for seq in t.lines]
    real = not visit.composed
    return visit.model_copy(
        update={
            "steps": [t.step for t in told],
            "more": len(lines) - len(seqs) if real else 0,
            "lines": corpus.cite(seqs, "supports") if real else [],
        }
    )


def near_visits(corpus: Corpus, group: int, usual: Visit, drawn_by: DrawnBy) -> list[int]:
    """The visits of a group that are near to the middle, the nearest first; `usual` has what all of them come to. Acts and things
    that enough members share stand in `shared_steps` then.
    """
    corpus.connection.execute(_VISITS, {"g": group})
    corpus.connection.execute(_SHARED, {"g": group, "floor": FLOOR})
    found = _nearest(corpus, group, drawn_by, usual.size, usual.value or 0.0)
    return found[: min(max(round(NEAR * len(found)), FEWEST_NEAR), MOST_NEAR)]


def _as_measured(corpus: Corpus, group: int, of: str, whole: float) -> float:
    """What visits usually come to, as bars and claims have it: of groups on the half of the visits that placed nobody, so that
    a card has one figure; `whole`, over all visits of the members, where there is no such.
    """
    if group == EVERYONE or (of == "total value" and not corpus.valued):
        return whole
    measure = middle("sessions", of).model_copy(update={"says": Says(comparator="more_than_others")})
    found = evaluate(corpus, measure, Population(group)).value
    return whole if found is None else found


def of_figures(corpus: Corpus, group: int, category: str | None, hour: float | None) -> Visit | None:
    """A visit without steps; of everyone there is none, who have no others."""
    return None if group == EVERYONE else composed_visit(corpus, group, category, None if hour is None else int(hour))


def as_told(visit: Visit | None) -> ToldSession | None:
    """The visit as a writer is shown it: one of figures alone says what its dossier says anyway."""
    if visit is None or not visit.steps:
        return None
    steps = [ToldStep(text=f"{s.act}: {s.thing}" if s.thing else s.act) for s in visit.steps]
    return ToldSession(when="" if visit.hour is None else part_of_day(visit.hour), steps=steps)


def part_of_day(hour: int) -> str:
    return next((words for last, words in reversed(PARTS_OF_DAY) if hour >= last), "at night")


def counting(corpus: Corpus, amounts: Sequence[str]) -> str | None:
    """The first amount that counts things."""
    key = f"counting {' '.join(amounts)}"
    if key not in corpus.memo:
        corpus.memo[key] = _counting(corpus, amounts)
    found: str | None = corpus.memo[key]
    return found


def _counting(corpus: Corpus, amounts: Sequence[str]) -> str | None:
    for name in (a for a in amounts if unit_of(a)[1] == NUMBER):
        binder = Binder()
        number = f"TRY_CAST(json_extract_string(properties, {binder.bind(property_path(name))}) AS DOUBLE)"
        sql = f"SELECT avg((abs(x) >= 1 AND x = round(x))::INTEGER) FROM (SELECT {number} AS x FROM lines) WHERE x IS NOT NULL"
        row = corpus.connection.execute(sql, binder.values).fetchone()
        if row and row[0] is not None and row[0] >= COUNTS:
            return name
    return None


def _nearest(corpus: Corpus, group: int, drawn_by: DrawnBy, size: float, value: float) -> list[int]:
    """The visits of a group of which enough may be told, nearest to the usual size, value and so on first; `own_visits` and
    `shared_steps` are of the group.
    """
    # A card asks again what its dossier was made from, and this is the slowest question of a large log.
    key = f"nearest visits {group} {drawn_by} {size} {value} {corpus.given}"
    if key not in corpus.memo:
        corpus.memo[key] = _in_order(corpus, drawn_by, size, value)
    found: list[int] = corpus.memo[key]
    return found


def _in_order(corpus: Corpus, drawn_by: DrawnBy, size: float, value: float) -> list[int]:
    amounts, category = drawn_by
    if corpus.memo.get(KINDS_BY, "") != category:
        met, of_users = _ALL_KINDS
        corpus.connection.execute(met, {"category": None if category is None else property_path(category)})
        corpus.connection.execute(of_users)
        corpus.memo[KINDS_BY] = category
    corpus.connection.execute(_KINDS)
    corpus.connection.execute(_AMOUNTS, {"paths": [property_path(name) for name in amounts[:MOST_AMOUNTS]]})
    season = (_SEASON, "+ coalesce(peak, 0)", "LEFT JOIN season USING (s)") if corpus.given else ("", "", "")
    nearest = _MIDDLE.format(**dict(zip(("season", "peak", "joined"), season, strict=True)))
    found = corpus.connection.execute(nearest, {"tellable": TELLABLE, "size": size, "value": value}).fetchall()
    return [s for (s,) in found]


def _commonest(corpus: Corpus) -> list[VisitLine]:
    """What most members do, as lines of no visit."""
    found = corpus.connection.execute(_COMMON, {"most": LONGEST}).fetchall()
    return [VisitLine(-1, act, thing, None) for act, thing in found]


# The visits of the members: what each comes to.
_VISITS = """
CREATE OR REPLACE TEMP TABLE own_visits AS
SELECT u, s, count(*) AS size, count(DISTINCT object) AS things, sum(value) AS value, min(seq) AS first,
       CASE WHEN bool_and(hour IS NOT NULL) THEN (max(us) - min(us)) / 6e7 END AS minutes,
       (arg_min(hour, seq) + 20) % 24 AS hour
FROM lines WHERE s IS NOT NULL AND u IN (SELECT u FROM places WHERE g = $g) GROUP BY u, s
"""
# Hours are counted from four in the morning, when nearly all days have ended.
_USUAL = """
WITH m AS (SELECT u, median(size) AS size, median(things) AS things, median(coalesce(value, 0)) AS value,
                  median(minutes) AS minutes, median(hour) AS hour FROM own_visits GROUP BY u)
SELECT median(size), median(things), median(value), median(minutes), (round(median(hour)) + 4) % 24 FROM m
"""
# Acts, and acts on things, that FLOOR members share; a row without a thing is the act alone.
_SHARED = """
CREATE OR REPLACE TEMP TABLE shared_steps AS
SELECT action, object, count(DISTINCT u) AS users, sum(share) AS part, avg(place) AS place FROM (
  SELECT u, action, object, s, 1 / any_value(visits) AS share, avg(k) AS place FROM (
    SELECT u, s, action, object, row_number() OVER (PARTITION BY s ORDER BY seq) AS k, visits
    FROM lines JOIN (SELECT u, count(DISTINCT s) AS visits FROM lines WHERE s IS NOT NULL GROUP BY u) USING (u)
    WHERE s IS NOT NULL AND action IS NOT NULL AND u IN (SELECT u FROM places WHERE g = $g))
  GROUP BY GROUPING SETS ((u, s, action, object), (u, s, action))
  HAVING object IS NOT NULL OR grouping(object) = 1)
GROUP BY action, object HAVING count(DISTINCT u) >= $floor
"""
# Acts and kinds of things: what visits of all users hold of each, which is the same for every group, and how a user's lines
# divide among them.
_ALL_KINDS = (
    """
CREATE OR REPLACE TEMP TABLE kinds_met AS
WITH things AS (SELECT u, s, coalesce(theme::VARCHAR, json_extract_string(properties, CAST($category AS VARCHAR))) AS kind
                FROM lines WHERE s IS NOT NULL),
sorted AS (SELECT u, s, 'act' AS sort, action AS kind FROM lines WHERE s IS NOT NULL
           UNION ALL SELECT u, s, 'thing', unnest({values}) FROM things)
SELECT u, s, sort, kind, count(*) AS n FROM sorted WHERE kind IS NOT NULL GROUP BY u, s, sort, kind
""".format(values=values_sql("kind")),
    """
CREATE OR REPLACE TEMP TABLE kinds_of_users AS
SELECT u, sort, kind, sum(n) / sum(sum(n)) OVER (PARTITION BY u, sort) AS share FROM kinds_met GROUP BY u, sort, kind
""",
)
# How a member's lines divide among them (`part`, the mean of members), and how those of all users do. What is rare says little,
# whatever its ratio: a hundredth is added to both.
_KINDS = """
CREATE OR REPLACE TEMP TABLE visit_kinds AS
WITH users AS (SELECT sort, count(DISTINCT u) AS whole, count(DISTINCT u) FILTER (u IN (SELECT u FROM own_visits)) AS own
          FROM kinds_of_users GROUP BY sort),
mix AS (SELECT sort, kind, sum(share) / any_value(whole) AS whole,
               coalesce(sum(share) FILTER (u IN (SELECT u FROM own_visits)), 0) / greatest(any_value(own), 1) AS part
        FROM kinds_of_users JOIN users USING (sort) GROUP BY sort, kind)
SELECT s, sort, n / sum(n) OVER (PARTITION BY s, sort) AS share, part,
       greatest(-1, least(1, ln((part + 0.01) / (whole + 0.01)))) AS own
FROM kinds_met JOIN mix USING (sort, kind) WHERE s IN (SELECT s FROM own_visits)
"""
# The middle amount of a visit's lines, by amount.
_AMOUNTS = """
CREATE OR REPLACE TEMP TABLE visit_amounts AS
SELECT u, s, path, median(abs(x)) AS usual FROM (
  SELECT u, s, path, TRY_CAST(json_extract_string(properties, path) AS DOUBLE) AS x
  FROM lines, (SELECT unnest($paths::VARCHAR[]) AS path) WHERE s IN (SELECT s FROM own_visits))
WHERE x IS NOT NULL AND isfinite(x) GROUP BY u, s, path
"""
_MIDDLE = """
WITH usual AS (SELECT CAST($size AS DOUBLE) AS size, CAST($value AS DOUBLE) AS value, median(minutes) AS minutes,
                      median(hour) AS hour
       FROM (SELECT u, median(minutes) AS minutes, median(hour) AS hour FROM own_visits GROUP BY u)),
alike AS (SELECT s, sum(1 - alike - own) AS unlike FROM (
            SELECT s, sort, sum(least(share, part)) AS alike, sum(share * own) AS own FROM visit_kinds GROUP BY s, sort)
          GROUP BY s),
middle AS (SELECT path, median(usual) AS middle FROM (
             SELECT u, path, median(usual) AS usual FROM visit_amounts GROUP BY u, path) GROUP BY path),
amount AS (SELECT s, avg(abs(ln((usual + 1) / (middle + 1)))) AS off FROM visit_amounts JOIN middle USING (path) GROUP BY s),
told AS (SELECT l.s, avg((x.action IS NOT NULL AND (l.object IS NULL OR x.object IS NOT NULL))::INTEGER) AS tellable
         FROM lines l LEFT JOIN shared_steps x ON x.action = l.action AND x.object IS NOT DISTINCT FROM l.object
         WHERE l.s IN (SELECT s FROM own_visits) GROUP BY l.s),
{season}
far AS (SELECT s, first, tellable,
               abs(ln((v.size + 1) / (u.size + 1))) + coalesce(abs(ln((abs(v.value) + 1) / (abs(u.value) + 1))), 0)
               + coalesce(abs(ln((v.minutes + 1) / (u.minutes + 1))), 0) + coalesce(abs(v.hour - u.hour) / 12, 0)
               + unlike + coalesce(off, 0) + (1 - tellable) {peak} AS distance
        FROM own_visits v JOIN alike USING (s) JOIN told USING (s) LEFT JOIN amount USING (s) {joined}, usual u)
SELECT s FROM far WHERE tellable >= $tellable ORDER BY distance, first
"""
# Of given groups, what tells of a month and not of them counts against a visit: the share of a thing's lines that its month has.
# A thing of fewer lines has a month by chance (twenty lines over a year: three in the fullest).
_SEASON = """
months AS (SELECT object, max(n) / sum(n) AS peak FROM (
             SELECT object, month, count(*) AS n FROM lines WHERE object IS NOT NULL GROUP BY object, month)
           GROUP BY object HAVING sum(n) >= 20),
season AS (SELECT l.s, avg(m.peak) AS peak FROM lines l JOIN months m USING (object)
           WHERE l.s IN (SELECT s FROM own_visits) GROUP BY l.s),
"""
_COMMON = """
SELECT action, object FROM (SELECT action, object, place FROM shared_steps WHERE object IS NOT NULL OR action NOT IN (
  SELECT action FROM shared_steps WHERE object IS NOT NULL) ORDER BY part DESC, action, object LIMIT $most)
ORDER BY place, action, object
"""

"""What a card shows beside its sentence: bars, a strip, a path, who does not fit, what to watch; and the first page.

In these values nothing is said that a claim of the persona does not bear; figures are those of the claim, or of the same
question in a plainer measure, and words for them are made when a page is made (`words.english`).
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from .claims import Truthfulness
from .measures import Measure, Value

_given: Any = Field(default=None, exclude_if=lambda value: value is None)


Section = Literal["often", "do", "what", "together", "again", "order", "when"]


class Beside(Value):
    """What a figure about everyone is held against, who have no others: the same by `chance` (lines or visits exchanged), spread
    `even`ly over hours or days, or the quarter `before`; or the share of `users` who ever did it.
    """

    kind: Literal["chance", "even", "before", "users"]
    value: float


class Carried(Value):
    """What the `users` who do most, a `part` of all, carry: their `share` of the value, or of the lines."""

    of: Literal["value", "lines"]
    part: float
    users: int
    share: float


MixVerdict = Literal["mostly", "partly", "not"]


class Standardised(Value):
    """Is a bar's difference just the group's mix over a `field`? `expected` is what comparable others would come to with that mix
    (evidence.standardising), `explained` the part of the difference that this is, with its 95 % interval `low` to `high`, widened
    for all fields that may be asked; of those that were `looked` at the one that explains most is told. `about` and `mix` are
    words: “what they buy”, “their departments”.
    """

    field: str
    kind: Literal["category", "theme", "field", "hour", "weekday"]
    verdict: MixVerdict
    expected: float
    explained: float
    low: float
    high: float
    looked: list[str]
    about: str = ""
    mix: str = ""


class Bar(Value):
    """One fact that sets a group apart. `label` says it in plain words, `unit` is what its figure is of (“of their visits”,
    “days”); `claim` is the claim that bears it. Where people would not say the claim's own figure (a share of users with a
    share), `measure` and `truth` are the same question asked plainly. `core` is what the surest half of the members comes to,
    those who are so by one half of their visits, on the other half, with its own comparable others: only where it shows more.
    `standardised` says whether it is just what they buy, where or when, where that can be told. `clause` says it in a sentence,
    {v} its figure, where it is told in one.
    """

    claim: str
    label: str
    unit: str
    form: Literal["share", "number"]
    measure: Measure | None = _given
    truth: Truthfulness | None = _given
    core: Truthfulness | None = _given
    section: Section | None = _given
    beside: Beside | None = _given
    standardised: Standardised | None = _given
    clause: str | None = _given


class Strip(Value):
    """How their visits spread over the hours of a day (two hours a place, from midnight) or the days of a week (from Monday):
    the mean over members of each one's shares, and over comparable others.
    """

    kind: Literal["clock", "week"]
    here: list[float]
    others: list[float]


class Path(Value):
    """Acts that follow each other in order, in plain words; the claim says how often."""

    claim: str
    steps: list[str]


class Unfit(Value):
    """The share of the members of whom a bar's fact is not true: they are no further than comparable others are on average.
    `says` is what these do, after “a quarter of them”.
    """

    claim: str
    share: float
    n: int
    says: str = ""


class Card(Value):
    """What a card shows of a persona. `tension` is what their name would not let one expect, `watch` the claim whose figure tells
    first whether the group changes; `sorted_by` is what put its members together, and no finding. `carried` is told of everyone.
    """

    bars: list[Bar]
    strip: Strip | None = _given
    path: Path | None = _given
    unfit: Unfit | None = _given
    tension: Bar | None = _given
    watch: str | None = _given
    sorted_by: list[str] = []
    carried: list[Carried] | None = _given


class ToWatch(Value):
    """What a trial with a group would watch: a fact with its measure and its figure today; `measure` is the claim that bears it.

    `smallest` is the least change of that figure that half of the `tested` members against the other half would show in `days`
    (evidence.smallest_change), None where no such test can tell; `tested` are those who come in that time, and `needed` as many
    of them a side as it takes to see a change of a tenth and of a fifth of the figure. `figure` is what that is in so many days,
    where it is not today's: what more and more users have ever done. `brings` is the value that the group left in the
    log, where one is given, in `currency` where that is known.
    """

    measure: str
    watched: Bar | None = None
    smallest: float | None = None
    tested: int = 0
    needed: list[int] | None = _given
    days: int | None = _given
    figure: float | None = _given
    brings: float | None = None
    currency: str | None = Field(default=None, exclude_if=lambda currency: currency is None)


class AllAtOnce(Value):
    """A trial with the members of several `personas` at once, half of each against the other half, by what a visit brings in."""

    personas: list[str]
    watch: ToWatch


class Try(ToWatch):
    """What a team could try with the group: an act, with whom, and what would stop it. It is a suggestion, and no finding.

    `phrase` says it in a few words for a table, empty where nobody did; `claim_ids` are the claims that it starts from.
    """

    text: str
    whom: str
    stop: str
    phrase: str = ""
    claim_ids: list[str]


class Cell(Value):
    persona: str
    truth: Truthfulness


class Compared(Value):
    """A fact of some card, measured in every persona that is shown; `n` of a cell are the users behind it. Where it is no
    fact of a card but one in which personas hardly differ, `explained` is the share of the differences between users that goes
    with their persona.
    """

    label: str
    unit: str
    form: Literal["share", "number"]
    measure: Measure
    cells: list[Cell]
    explained: float | None = Field(default=None, exclude_if=lambda explained: explained is None)


class NotPlaced(Value):
    """Users on no card, with their share of all users and, where it is given, of the value; and why. Are they those who lean to
    a persona (`leans`)?
    """

    users: int
    share: float
    why: str
    value: float | None = None
    leans: bool = False


class Unplaced(Value):
    """Of users in no group that was described: how many lean to one that was (`leaning`), how many of all others came `rare`ly,
    on fewer than so many `visits`, from which on most users are in a group or lean to one, and how many of these others came
    `once`, None where that tells of fewer than five; the share of the value that these bring in (`leaning_value`, `rare_value`)
    and that all of them do. None where no value is given.
    """

    rare: int
    visits: int
    leaning: int = 0
    once: int | None = _given
    leaning_value: float | None = None
    rare_value: float | None = None
    value: float | None = None


class TopTenth(Value):
    """What the tenth of `users` who bring in most of the value, or where none is given do most, bring in: their `share` of it.

    Medians over these users and over all others: `visits` of each, those that bring in something where not all do (`bringing`);
    `worth` and `lines` of each user's usual visit. None where nothing can be said. Where there is a card about them they are as
    that has them, of either half of the log those whom the other half picks (`by_halves`), `visits` those in half of its time.
    """

    of: Literal["value", "activity"]
    users: int
    share: float
    bringing: bool = False
    by_halves: bool = False
    visits: tuple[float, float] | None = None
    worth: tuple[float, float] | None = None
    lines: tuple[float, float] | None = None
    currency: str | None = Field(default=None, exclude_if=lambda currency: currency is None)


class Accounted(Value):
    """Of how users differ in something, by visits that did not place them, the share of the variance of their ranks that goes
    with their persona, and with their tier: each with the 95 % interval (share, low, high). A fact of some card has a `label` and
    its `measure`; without, it is what users bring in later. `users` have an answer.
    """

    label: str = ""
    measure: Measure | None
    users: int
    personas: tuple[float, float, float]
    tiers: tuple[float, float, float]


class AccountedFor(Value):
    """What personas account for, beside so many `tiers` of how lately users came, how often, and how much they brought in: of
    what they bring in `later`, in the second half of the log (their `value`, or their `activity` in lines), and
    of the first fact of each card.
    """

    of: Literal["value", "activity"]
    tiers: int
    later: Accounted
    facts: list[Accounted]


class HabitFact(Value):
    """What is so of the users of a habit: `here` is what those whom one half of their visits picks come to on the other half,
    both ways pooled, and `others` all others.
    """

    label: str
    unit: str
    form: Literal["share", "number"]
    measure: Measure
    here: float
    others: float


class HabitSaid(Value):
    """A habit in the words of an editor, who counts nothing: its name, in a sentence what is seen of it, and in a phrase what to
    try with its users; each empty where none stood.
    """

    label: str
    sentence: str
    attempt: str


class HabitBeside(HabitFact):
    """Something that `users` do much more, or less, than all others, whichever persona they are in, or none: an end of a
    `measure` that code asked; `back` of those picked by one half of their visits are picked by the other, `chance` of all.
    `also` is what else is so of them, and `share_value` what they bring in of the value, where there is one, `top_five`
    what five of them bring of that, where much of it hangs on these. Those of a page have an `id` (b1, b2 …), a `name` of code's
    own, in `said` an editor's words, and a `card` unless an editor left it to a table.
    """

    id: str = ""
    name: str = ""
    card: bool = True
    more: bool
    users: int
    share_users: float
    share_value: float | None = _given
    top_five: float | None = _given
    back: float
    chance: float
    also: list[HabitFact]
    said: HabitSaid | None = _given


class FirstTrial(Value):
    """What to try first, as a page tells it: with which persona, and the `claim` that bears what is watched. `text` is the act,
    empty where nobody suggests any; `how` it is tried and with whom; `says` what is watched and what halves would show; `prize`
    is what is at stake; `rule` when to go on and when to stop; `why` it is this one; `together` what all
    personas' trials at once would show.
    """

    persona: str
    label: str
    claim: str
    text: str
    how: str
    says: str
    prize: str
    rule: str
    why: str
    together: str = ""


class FirstPage(Value):
    """What stands first: what was learned, what follows and how far to trust it; whom no card is about; what this does not
    support; how the log was read; how sure all personas are together; what to try first; the `sources` of what
    is brought in; what personas tell of users, and what not (`tells`); a text for each field of the user in which they differ
    (`by_field`).
    """

    sentences: list[str]
    not_placed: list[NotPlaced]
    unsupported: list[str]
    mended: list[str]
    how_sure: str = ""
    first: FirstTrial | None = _given
    sources: str = ""
    tells: str = ""
    by_field: dict[str, str] = Field(default={}, exclude_if=lambda texts: not texts)

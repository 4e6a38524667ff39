"""What people of the worlds of habits do: a shop and a course, and the ways in which visits to them are made.

A style is a way to make a visit: which categories, at which hours, how much, at which price, with which acts. What it does
not name is as everybody's. A kind of world is some styles and how clearly, how often and how long people come.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["thin", "rhythm", "offers", "sizes", "mixed", "short", "cohorts", "mailed", "dated"]
View = Literal["categories", "acts", "hours", "weekends", "size", "units", "price", "offers", "brand"]

# Hours from and to before of the blocks of a day, and everybody's shares of visits.
BLOCKS = ((6, 9), (9, 12), (12, 15), (15, 18), (18, 21), (21, 24))
HOURS = (0.10, 0.19, 0.21, 0.21, 0.19, 0.10)
WEEKEND = 2 / 7
TIERS = (0.45, 0.35, 0.20)  # cheap, usual and dear things of a category
OFFER = 0.2
OWN_BRAND = 0.3

SHOP: dict[str, tuple[str, ...]] = {
    "bread": ("loaf", "roll", "bagel"),
    "dairy": ("milk", "yoghurt", "butter"),
    "fruit": ("apples", "pears", "berries"),
    "vegetables": ("carrots", "leeks", "peppers"),
    "drinks": ("juice", "cola", "squash"),
    "snacks": ("crisps", "crackers", "popcorn"),
    "meat": ("mince", "sausages", "chicken"),
    "fish": ("salmon", "cod", "prawns"),
    "cheese": ("cheddar", "brie", "feta"),
    "frozen": ("pizza", "peas", "ice cream"),
    "cleaning": ("soap", "bleach", "sponge"),
    "paper": ("tissues", "kitchen roll", "napkins"),
    "pasta": ("penne", "noodles", "lasagne"),
    "spices": ("cumin", "paprika", "curry"),
    "sweets": ("chocolate", "toffee", "mints"),
    "coffee": ("beans", "filter", "pods"),
    "tea": ("green tea", "earl grey", "camomile"),
    "pets": ("kibble", "litter", "treats"),
    "garden": ("seeds", "compost", "gloves"),
    "tools": ("screws", "tape", "hammer"),
    "stationery": ("notebook", "pens", "folder"),
    "candles": ("tealights", "lantern", "wax melt"),
    "baking": ("flour", "yeast", "icing"),
    "gifts": ("wrapping", "ribbon", "card"),
}
COURSE: dict[str, tuple[str, ...]] = {
    "slides": ("lecture", "handout"),
    "recordings": ("video", "podcast"),
    "exercises": ("sheet", "worked example"),
    "quizzes": ("quiz", "self test"),
    "forum": ("thread", "announcement"),
    "assignments": ("brief", "draft"),
    "grades": ("grade book", "feedback"),
    "readings": ("chapter", "article"),
}
KNOWN_BY = (
    "plain",
    "classic",
    "mild",
    "large",
    "small",
    "fresh",
    "golden",
    "rustic",
    "light",
    "double",
    "mixed",
    "extra",
)
SEASONAL, SEASON, SEASON_FACTOR = "gifts", (11, 12), 6.0
COHORTS = ("amber", "birch", "cedar", "delta", "ember", "fjord")


@dataclass(frozen=True)
class Style:
    """A way to make a visit. `categories` are met `tilt` times as readily as by everybody; `hours` are shares of BLOCKS;
    `weekend` of visits are on Saturday or Sunday; `lines` is the mean of a visit, `units` of a line; `tiers` are shares
    of cheap, usual and dear; `offer` and `own_brand` shares of lines; `acts` scales how readily an act is done. None: as
    everybody.
    """

    name: str
    categories: tuple[str, ...] = ()
    tilt: float = 5.0
    hours: tuple[float, ...] | None = None
    weekend: float | None = None
    lines: float | None = None
    units: float | None = None
    tiers: tuple[float, float, float] | None = None
    offer: float | None = None
    own_brand: float | None = None
    acts: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Habits:
    """A kind of world. `views` carry the difference between its styles; `strength` is the mean share of a user's visits
    that are made in the user's style (the others as everybody's); `visits` is the median of a user and `activity` the
    standard deviation of its logarithm; `lines` and `units` are everybody's means; `acts` everybody's shares.
    """

    styles: tuple[Style, ...]
    views: tuple[View, ...]
    strength: float
    visits: float = 12
    activity: float = 1.1
    lines: float = 5.0
    units: float = 1.6
    acts: tuple[tuple[str, float], ...] = (("buy", 0.92), ("return", 0.08))
    things: Literal["shop", "course"] = "shop"


EARLY = (0.55, 0.25, 0.08, 0.05, 0.04, 0.03)
NOON = (0.04, 0.18, 0.55, 0.15, 0.05, 0.03)
EVENING = (0.02, 0.05, 0.07, 0.14, 0.55, 0.17)
LATE = (0.03, 0.04, 0.06, 0.09, 0.20, 0.58)
MORNING = (0.10, 0.52, 0.20, 0.10, 0.05, 0.03)

_TASTES = (
    Style("breakfast", ("bread", "dairy", "coffee", "fruit")),
    Style("cooks", ("vegetables", "spices", "pasta", "fish")),
    Style("sweet tooth", ("sweets", "snacks", "drinks", "frozen")),
    Style("household", ("cleaning", "paper", "pets")),
    Style("hobbies", ("garden", "tools", "stationery", "candles")),
    Style("bakers", ("baking", "tea", "cheese")),
)

KINDS: dict[Kind, Habits] = {
    "thin": Habits(_TASTES, ("categories",), strength=0.68, visits=11, lines=1.9),
    "rhythm": Habits(
        (
            Style("early", hours=EARLY, weekend=0.12),
            Style("noon", hours=NOON, weekend=0.08),
            Style("evening", hours=EVENING, weekend=0.20),
            Style("weekend", hours=MORNING, weekend=0.85),
            Style("late", hours=LATE, weekend=0.40),
        ),
        ("hours", "weekends"),
        strength=0.52,
        lines=3.0,
    ),
    "offers": Habits(
        (
            Style("bargains", tiers=(0.55, 0.30, 0.15), offer=0.60),
            Style("dear", tiers=(0.12, 0.28, 0.60), offer=0.08),
            Style("own brand", tiers=(0.65, 0.28, 0.07), own_brand=0.75, offer=0.15),
            Style("full price", tiers=(0.35, 0.50, 0.15), offer=0.03, own_brand=0.12),
        ),
        ("price", "offers", "brand"),
        strength=0.38,
        visits=8,
        lines=4.0,
    ),
    "sizes": Habits(
        (
            Style("one thing", lines=1.4, units=1.2),
            Style("same again by the box", lines=2.5, units=9.0),
            Style("long list", lines=22.0, units=1.4),
            Style("long and deep", lines=16.0, units=5.0),
        ),
        ("size", "units"),
        strength=0.3,
        visits=6,
        lines=7.0,
        units=2.2,
    ),
    "mixed": Habits(
        (
            Style("cooks", ("vegetables", "spices", "pasta", "fish")),
            Style("household", ("cleaning", "paper", "pets"), 6.0),
            Style("evening", hours=EVENING),
            Style("weekend", hours=MORNING, weekend=0.85),
            Style("bargains", offer=0.75),
            Style("big shop", lines=12.0),
        ),
        ("categories", "hours", "weekends", "offers", "size"),
        strength=0.9,
        visits=15,
        lines=3.0,
    ),
    "short": Habits(
        (
            Style("breakfast, early", ("bread", "dairy", "coffee", "fruit"), 5.0, EARLY),
            Style("cooks, evening", ("vegetables", "spices", "pasta", "fish"), 5.0, EVENING),
            Style("sweet tooth, late", ("sweets", "snacks", "drinks", "frozen"), 5.0, LATE),
            Style("household, weekend", ("cleaning", "paper", "pets"), 5.0, MORNING, 0.7),
            Style("hobbies, noon", ("garden", "tools", "stationery", "candles"), 5.0, NOON),
        ),
        ("categories", "hours", "weekends"),
        strength=0.55,
        visits=6,
        activity=1.1,
        lines=2.6,
    ),
    "cohorts": Habits(
        (
            Style("files, morning", ("slides", "readings"), 3.0, MORNING, acts={"download": 3.0}),
            Style("testers, evening", ("quizzes", "exercises"), 3.0, EVENING, acts={"submit": 3.0}),
            Style("talkers, late", ("forum",), 3.5, LATE, acts={"post": 4.0}),
            Style("checkers, noon", ("grades", "assignments"), 3.0, NOON),
        ),
        ("categories", "acts", "hours"),
        strength=0.27,
        visits=22,
        activity=0.6,
        lines=3.5,
        acts=(("open", 0.74), ("download", 0.12), ("submit", 0.08), ("post", 0.06)),
        things="course",
    ),
    "mailed": Habits(
        tuple(
            Style(s.name, s.categories, 4.0, offer=offer)
            for s, offer in zip(_TASTES[:5], (0.1, 0.1, 0.45, 0.45, 0.2), strict=True)
        ),
        ("categories", "offers"),
        strength=0.58,
        visits=9,
        lines=3.0,
    ),
    "dated": Habits(
        (
            Style("early", ("bread", "dairy", "coffee"), 2.5, EARLY),
            Style("noon", ("snacks", "drinks", "sweets"), 2.5, NOON),
            Style("evening", ("meat", "pasta", "frozen"), 2.5, EVENING),
            Style("weekend", ("garden", "tools"), 2.5, MORNING, 0.8),
        ),
        ("hours", "weekends", "categories"),
        strength=0.5,
        visits=9,
        lines=3.0,
    ),
}  # fmt: skip

"""What to try first, as the first page tells it: what, with whom and how, what is watched, when to go on, why this one.

In: the figures of a trial. Out: texts of one or two sentences. The act, the people and the stop are a writer's; all other words
are made here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...schema import AllAtOnce, FirstTrial, Persona, ToWatch
from ..wording import percent
from .attempts import LONGEST_WATCHED, prize_told, stop_told, whom_told
from .cards import here, lowered
from .grammar import capital, listed
from .trial_sizes import part_seen, trial_shows, worth_a_trial

TITLE, TRY_TITLE, WATCH_TITLE = (
    "The one to try first",
    "The one to try something with first",
    "The one to watch first",
)
ONLY = "It is the only one with something to watch."
# What may be planned with is fair or firm (write/choosing.FIRM_ENOUGH), and is called so: “firm” alone is one of the two words.
PLANNED = "Of those that are fair or firm, "
LOOSE = "None is sure enough to plan with; of all, "


def trial_title(first: FirstTrial) -> str:
    """Before the name of the persona."""
    return TITLE if first.text else TRY_TITLE if first.how else WATCH_TITLE


def rows(first: FirstTrial) -> list[tuple[str, str]]:
    """Each line of the block with what it is."""
    told = [
        ("What" if first.text else "How", f"{first.text} {first.how}".strip()),
        ("Watch", first.says),
        ("Stop", first.rule),
        ("Why this one", f"{first.why} {first.prize}".strip()),
        ("Or all at once", first.together),
    ]
    return [(what, text) for what, text in told if text]


def act(persona: Persona) -> str:
    """What the suggestion says, as a sentence; empty where nobody suggests anything."""
    told = persona.suggestion
    return f"{told.text.strip().rstrip('.')}." if told else ""


def how(persona: Persona, watch: ToWatch) -> str:
    """Who gets it and who does not; empty where halves of these would show nothing, and `says` tells what to do instead."""
    told = persona.suggestion
    if not worth_a_trial(watch):
        return ""
    if told is None:
        return f"Try it with half of the {persona.size.users:,} members, drawn at random."
    return f"{whom_told(told).rstrip('.')}: half of them, drawn at random, get it."


def says(watch: ToWatch) -> str:
    """What is watched with today's figure, and the change that these members would show."""
    bar = watch.watched
    if bar is None or bar.truth is None:
        return ""
    short = len(bar.label.split()) <= LONGEST_WATCHED
    what = capital(bar.label) if short else f"The figure of {bar.claim}"
    today = f"{what}: {here(bar.form, bar.unit, bar.truth, bar.measure)} today."
    return " ".join([today, *trial_shows(watch)])


def all_together(tried: AllAtOnce, least: float | None) -> str:
    """“To learn whether ideas by persona pay at all, and not which does: try each persona's with half of its members, drawn at
    random. Together they show a change of a tenth, where no persona alone shows one of less than 19 %. Value of an order: £272
    today. 12 weeks …” `least` is the smallest change, in parts of the figure, that a persona's own trial would show; empty where
    all together show no less.
    """
    part = part_seen(tried.watch)
    if part is None or (least is not None and part >= least):
        return ""
    alone = f"no persona alone shows one of less than {percent(least)}" if least else "none would alone"
    seen = f"Together they show a change of {percent(part)}, where {alone}."
    what = (
        "To learn whether ideas by persona pay at all, and not which does: try each persona's with half of its members"
    )
    return f"{what}, drawn at random. {seen} {says(tried.watch)}"


def prize(persona: Persona, watch: ToWatch) -> str:
    """What the group brings in, where a value is given and all of it would take part: a suggestion is for some of them, of whom
    nobody has counted what they bring in.
    """
    told, part = prize_told(watch), persona.size.share_value
    of = f", {percent(part)} of the value" if part is not None else ""
    return f"Its members bring in {told}{of}." if told and persona.suggestion is None else ""


def rule(persona: Persona, watch: ToWatch) -> str:
    """When to stop, and else to go on, in one line; of halves nothing where these would show nothing."""
    stop = (
        capital(re.sub(r"^stop ", "", stop_told(persona.suggestion), flags=re.IGNORECASE)) if persona.suggestion else ""
    )
    if not worth_a_trial(watch):
        return stop
    other = f", or {lowered(stop).rstrip('.')}" if stop else ""
    return f"If the two halves differ by no more than chance{other}; otherwise go on."


def why(reasons: Sequence[str], among: str, *, alone: bool) -> str:
    """Code's reasons in one sentence: what is so of this one `among` those that it was chosen from, empty for all."""
    if alone:
        return ONLY
    return f"{capital(f'{among}{listed(list(reasons)) if reasons else NOTHING}')}."


# Their figures stand beside: in the table, in what to watch and in what is at stake.
NOTHING = "nothing speaks more for another"
ALONE = "it is the only one that is fair or firm"
PAYS, ALONE_PAYS = "its trial is judged by money", "it is the only one whose trial is judged by money"
SEES = "its trial shows the smallest change"
FIRMEST = "it is the firmest"
FURTHEST = "its figure is furthest from that of others"
BRINGS, LARGEST = "it brings in most", "it has most users"
BRINGS_OF_TELLING = "it brings in most of those whose trial would show anything"
LARGEST_OF_TELLING = "it has most users of those whose trial would show anything"

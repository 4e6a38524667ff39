"""The first page in sentences: what was learned, what follows, how far to trust it; whom no card is about, and why.

In: plain values of a set. Out: texts of one or two sentences.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...schema import Firmness, Persona
from ...schema.how_much import HowMuch
from ..wording import number, percent
from .cards import lowered
from .grammar import listed, plural

WHEN, WHAT = "when they come", "what they turn to"
FIRM_WORDS = {"firm": "firm", "fair": "fair", "soft": "soft", "none": "not firm"}
WORTH_NAMING = 0.05  # of users, below which a given group's weight is no first line
WEIGHS = 1.3  # a share of value or activity that is so many times the share of users is worth a sentence
LEFT_OUT = "in groups about which too little holds to describe them"
APART_WORDS = {
    "firm": "told apart well",
    "fair": "told apart",
    "soft": "told apart a little",
    "none": "hardly told apart",
}
NOT_GIVEN = "in no given group"
ONLY_PATTERNS = (
    "Nothing here is sure enough to plan with: what is shown is a pattern only, and its card says what it lacks."
)
UNPLACED = "in no group: too few visits, or not clearly like one of them"
TOO_SMALL = "in groups of too few users to be shown"
MOST_TOLD = 3  # groups of which it is said how much there is of them: more are not read
FEWEST_VISITS = 2  # fewer than so many is one
# Lines of a visit on average, where lines are worth something: at fewer than two most visits show one, as in a sample of a till's
# lines (1.6); where nearly all have one, as of rides, that is the whole visit. Round.
MORE_THAN_ONE, WHOLE_VISITS = 1.2, 2.0
NEVER = "Why anybody did anything, or who they are: the log has acts, and neither is inferred."


def learned(users: str, when: str, noun: str, labels: Sequence[str], apart: Sequence[str]) -> str:
    """“420 users, 4 Mar to 7 Jul 2024: 5 personas, which differ most in printing, adding to lists and when they come.”"""
    # A theme's name has commas of its own.
    told = f", which differ most in {_facts(apart)}" if apart else ""
    return f"{users}, {when}: {plural(len(labels), noun)}{told}."


def learned_of_given(users: str, when: str, groups: int, shown: int, apart: Sequence[str]) -> str:
    """“225 users, 28 Feb to 17 Oct 2021, in 7 given groups: 2 of them differ from comparable others, most by …”"""
    those = "all" if shown == groups else f"{shown:,} of them"
    if groups == 1:
        those = "it"
    told = f", most by {_facts(apart)}" if apart else ""
    differ = "differs" if shown == 1 else "differ"
    return f"{users}, {when}, in {plural(groups, 'given group')}: {those} {differ} from comparable others{told}."


def asked_for(asked: int, found: int, small: int, left: int) -> str:
    """How many groups somebody asked for; of those that were found how many are too small, and how many are not described."""
    hidden = [f"{small:,} {'has' if small == 1 else 'have'} too few users to be shown"] if small else []
    hidden += [f"too little holds about {left:,} to describe {'it' if left == 1 else 'them'}"] if left else []
    if not hidden and found == asked:
        return "So many were asked for (--personas)."
    but = "" if found == asked else f", and {found:,} found"
    return f"{asked:,} groups were asked for (--personas){but}{': ' if hidden else ''}{listed(hidden)}."


def how_sure(same: float, chance: float, bar: float) -> str:
    """How well all personas come back together, beside chance and logs in which nobody keeps to anything."""
    return (
        f"Overall, {percent(same)} of members get the same persona from their other visits, by a model that had not seen them; "
        f"{percent(chance)} would by chance, and with visits shuffled between users hardly any persona passes {percent(bar)}."
    )


def not_described(names: Sequence[str]) -> str:
    """Who is in given groups that did not pass the gate; each is listed with its reason."""
    return f"in {listed([f'“{name}”' for name in names])}: listed with the reason"


def not_given(small: Sequence[str]) -> str:
    """Who is in no given group, or in one of these, which have no page."""
    few = f", or in one too small to be described: {listed([f'“{name}”' for name in small])}"
    return f"{NOT_GIVEN}{few if small else ''}"


# Of users who are likelier in one persona than not, and not surely enough a member. It is a better guess than any other for them
# (docs/method.md has how often it is right), and no more than one.
LEANING = (
    "close to one persona, not clearly in it: for now serve them as that one, and look again after their next visit"
)
TO_ONE = "users (+ who lean to it)"  # the head of the column that tells of which


def and_leaning(n: int) -> str:
    """“Another 455 lean to it.”: of a persona; nothing where nobody does."""
    return f"Another {n:,} lean to it." if n else ""


def rare_or_unlike(rare: int, visits: int, once: int | None, unlike: int) -> str:
    """Who came less often than `visits`, from which on most users are in a persona or lean to one, so many just `once`; and who
    came as often as those in a persona, or more often.
    """
    told = f", {once:,} of them just one" if once and visits > FEWEST_VISITS else ""
    return (
        f"{rare:,} seen too rarely to say (fewer than {plural(visits, 'visit')}{told}); {unlike:,} seen often enough, and like "
        "none of them"
    )


def rare_or_unlike_together(once: int | None) -> str:
    """The same where these are not told apart: how many came `once`."""
    return f"seen too rarely to say, or like none of them{f'; {once:,} came once' if once else ''}"


def made_of(what: Sequence[str]) -> str:
    """What given groups were sorted by, as the log shows it, which is no finding."""
    return f"Members and others are told apart by {listed(list(what))}: it is what they are, and nothing is told of it."


def parts_of_visits(lines: float | None) -> list[str]:
    """What may be missing where visits hold so few lines on average: of a sample of lines their worth is that of a part, and
    visits of which no line was drawn are not there.
    """
    if lines is None or not MORE_THAN_ONE <= lines < WHOLE_VISITS:
        return []
    average = number(float(f"{lines:.2g}"))
    return [
        f"A visit here has {average} lines on average: if the log is a sample of lines, that is only a part of a visit, whole "
        "visits are missing too, and what visits come to, hold and are apart is so of what was logged."
    ]


def there_more(groups: Sequence[tuple[str, HowMuch]]) -> str:
    """“In “Buyers” users usually have 9 visits, others 2.”: of which groups there is more or less than of others, and what that
    means.
    """
    if len(groups) == 2 and groups[0][1].here == groups[1][1].others:
        groups = groups[:1]  # of two that are all users the one says it of the other
    (name, how), *rest = groups[:MOST_TOLD]
    told = [f"In “{name}” users usually have {_much(how)}", *(f"in “{name}” {_much(how)}" for name, how in rest)]
    more = f"; and {len(groups) - MOST_TOLD:,} more groups differ so" if len(groups) > MOST_TOLD else ""
    return (
        f"{'; '.join(told)}{more}. Whoever has done more has more often done anything at all, so a difference is told only "
        "where groups put together at random, of users with as much in the log, do not show it too."
    )


def _much(how: HowMuch) -> str:
    unit = how.unit if how.here != 1 else how.unit.removesuffix("s")
    return f"{number(how.here)} {unit}, others {number(how.others)}"


def _facts(apart: Sequence[str]) -> str:
    # What has commas of its own stands in quotation marks, as it is spelled.
    return listed([f"“{a}”" if "," in a else lowered(a) for a in apart])


def follows(people: Sequence[Persona], *, given: bool = False, told: bool = False) -> str:
    """Who weighs more than they are many; by value where it is given. What follows where nobody does is `told` or not."""
    # A handful of users has a little more of anything than its share.
    people = [p for p in people if p.size.share_users >= WORTH_NAMING] or people if given else people
    valued = [p for p in people if p.size.share_value is not None]
    of, share, does = ("value", "share_value", "bring in") if valued else ("activity", "share_activity", "do")
    ranked = sorted(people, key=lambda p: -(getattr(p.size, share) or 0.0) / max(p.size.share_users, 1e-9))
    if not ranked:
        return ""
    first = ranked[0]
    weight = getattr(first.size, share) or 0.0
    if len(ranked) == 1:
        who = f"“{first.label}”" if given else "They"
        return f"{who} are {percent(first.size.share_users)} of users, with {percent(weight)} of the {of}."
    if weight < WEIGHS * first.size.share_users:
        so = "" if told else ", so they tell what to show, not whom to favour"
        return f"None of them weighs much more in {of} than in number{so}."
    part = f"{percent(first.size.share_users)} of users, {percent(weight)}"
    most = max(ranked, key=lambda p: getattr(p.size, share) or 0.0)
    if most is first:
        return f"“{first.label}” {does} most: {part} of the {of}."
    # Who weighs most for so few is not who weighs most, and a reader of the second would favour the wrong ones.
    large = f"{percent(most.size.share_users)} of users, {percent(getattr(most.size, share) or 0.0)}"
    return f"“{most.label}” {does} most: {large} of the {of}; “{first.label}” {does} most for how few they are: {part}."


def trust(people: Sequence[Persona], held: int, claims: int, again: int, tested: int, *, given: bool = False) -> str:
    """How firm the personas are, and how many statements hold; how well a log tells given groups apart stands beside each."""
    known = [p.firmness for p in people if p.firmness]
    words = [f for f in ("firm", "fair", "soft", "none") if any(k.word == f for k in known)]
    if given:
        return _kept(held, claims, again, tested)
    numbers = [(sum(k.word == w for k in known), FIRM_WORDS[w]) for w in words]
    firm = [f"{n} {'is' if n == 1 else 'are'} {word}" for n, word in numbers]
    alike = "Both are" if len(known) == 2 else f"All {len(known)} are" if known[1:] else "It is"
    told = f"{alike} {FIRM_WORDS[words[0]]}" if len(words) == 1 else f"Of the {len(known)}, {listed(firm)}"
    first = f"{told}, going by where members' other visits put them. " if firm else ""
    kept = _kept(held, claims, again, tested)
    # Loose borders and statements that hold look like a contradiction to whoever reads them side by side.
    loose = kept and any(k.word in ("soft", "none") for k in known)
    return (
        f"{first}{f'Who belongs where is loose, what is said of each group is not: {kept}' if loose else kept}".strip()
    )


def _kept(held: int, claims: int, again: int, tested: int) -> str:
    if tested:
        return f"Of {plural(tested, 'statement')} that could be checked on users set aside, {again:,} hold there too."
    return f"{held:,} of {plural(claims, 'statement')} hold over the whole log." if claims else ""


def firmness_in_brief(firm: Firmness | None, stability: float | None) -> tuple[str, str]:
    """The same for a table whose head says what the figure is, and what stands in brackets."""
    if firm is None or firm.same is None or firm.of_given:
        return firmness(firm, stability)
    chance = f" ({percent(firm.chance)})" if firm.chance is not None else ""
    return FIRM_WORDS[firm.word], f"{percent(firm.same)}{chance}"


def firmness_on_card(firm: Firmness | None, stability: float | None) -> tuple[str, str]:
    """The same for the head of a card: whom it was tested on, and chance where a table has it, stand with the evidence."""
    if firm is None or firm.same is None:
        return firmness(firm, stability)
    if firm.of_given:
        chance = f", by chance {percent(firm.chance)}" if firm.chance is not None else ""
        return APART_WORDS[firm.word], f"half of their visits puts {percent(firm.same)} here{chance}"
    return FIRM_WORDS[firm.word], f"{percent(firm.same)} land here again"


def firmness(firm: Firmness | None, stability: float | None) -> tuple[str, str]:
    """A word and the figure behind it, with whom it was tested on."""
    if firm is not None:
        if firm.same is None:
            return "not tested", f"too few of the {firm.members:,} have visits enough"
        chance = f", {percent(firm.chance)} by chance" if firm.chance is not None else ""
        on = f"; tested on {firm.tested:,} of {firm.members:,}" if firm.tested < firm.members else ""
        if firm.of_given:
            return APART_WORDS[firm.word], f"half of their visits puts {percent(firm.same)} here{chance}{on}"
        return FIRM_WORDS[firm.word], f"{percent(firm.same)} land here again from their other visits{chance}{on}"
    if stability is None:
        return "not tested", ""
    return "not tested on other visits", f"drawn anew from other users it overlaps by {percent(stability)}"

"""Acts as English says them: “start timer” is “starting timers”, “Course module viewed” is “viewing course modules”.

In: an act's plain name. Out: a phrase for doing it. Promises: what no rule fits stays as it is, so another language's names
are never bent.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from ...schema.nouns import KINDS, USUAL_NOUNS, Nouns

# “A file has been uploaded”, “course module viewed”, “user enrolled in course”.
DONE = re.compile(
    r"^(?P<thing>.+?) (?:has been |have been |are being |is being |was |were |been )?(?P<verb>[a-z]{2,}ed)"
    r"(?P<rest> (?:in|from|to|by|for|with|on) .+)?$"
)
JOINED = re.compile(
    r"[^\W_][+/|:][^\W_]"
)  # “completed+resolved” is a state with one inside it, and not what anybody does
HAS_DONE = re.compile(r"^(?:users?|customers?|person) has (?P<verb>[a-z]{2,}ed) (?P<thing>.+)$")
ARTICLES = ("a", "an", "the")
NO_PLURAL = (
    "s",
    "data",
    "information",
    "feedback",
    "other",
    "something",
    "anything",
)  # ends of what has its plural already, or none
ARTICLE = re.compile(r"^(?:an?|the|all the|all) ")
# What stands behind them is said as it is: “reading about a product” has no plural at its end.
TIED = frozenset([
    "of", "in", "to", "from", "for", "with", "by", "on", "at", "as", "into", "out", "off", "up", "down", "about", "over",
    "through", "under", "before", "after", "without", "via", "per",
])  # fmt: skip
# Verbs that logs of products begin acts with; what begins otherwise is taken for a thing (“page view”).
VERBS = frozenset(
    re.findall(
        r"\w+",
        """
    accept activate add adjust allow annotate answer apply approve archive ask assign attach back block book bookmark borrow
    browse build buy calculate call cancel change chat check choose claim clear click clone close collect comment commit
    compare complete compose configure confirm connect contact convert copy create crop cut decline delete deploy disable
    discard dismiss display donate download drag draw drop duplicate edit enable enrol enroll enter exit export extend
    favourite favorite fetch fill filter find finish follow format generate get give go grade group hide highlight hold ignore
    import insert install invite join keep launch leave like link list listen load lock log look mark measure merge message
    mix move mute name navigate note offer open order pack pause pay pick pin place plan play post preview print process
    publish pull purchase push put rate read receive record redeem redo refresh refund register reject remind remove rename
    renew rent reopen reorder repeat reply report request rerun reserve reset resize resolve restart restore resume return
    review revert run save scale scan schedule scroll search see select sell send set share ship show sign skip sort split
    star start stop store stream submit subscribe swipe switch sync tag take tap test track trade transfer translate try turn
    type undo uninstall unlink unlock unsubscribe update upgrade upload use validate verify view visit vote watch withdraw
    write zoom
    """,
    )
)
# What begins with a vowel when it is said: “hour” and “8”, and not “one”, “euro” or “unit”. Letters without one are spelled out.
SPOKEN = re.compile(
    r"(?!eu|ewe|onc?e\b)[aeio]|u(?!s[aeiu]|ni(?!n|d)|t[aeio]|k\b|r[il]|fo\b|[^a-z]|$)|hour|heir|hono|hones|8|1[18](?:,|\b)",
    re.IGNORECASE,
)
LETTERS = re.compile(r"[^\W\d_]+")
SPELLED = re.compile(r"[aefhilmnorsx]", re.IGNORECASE)
LAST_DOUBLED = frozenset(["submit", "commit", "admit", "enrol", "unpin", "refer", "begin", "cancel"])
COUNTED = frozenset(
    [
        "view",
        "click",
        "visit",
        "search",
        "download",
        "upload",
        "login",
        "signup",
        "purchase",
        "checkout",
        "hit",
        "event",
    ]
)


def doing(act: str) -> str:
    """The act as something that is done, in lower case."""
    text = re.sub(r"\s+", " ", act).strip(" .").lower()
    if found := HAS_DONE.match(ARTICLE.sub("", text)):
        return f"{gerund(found['verb'])} {found['thing']}"
    bare = ARTICLE.sub("", text)
    first, *rest = bare.split(" ")
    if not rest and first.endswith("ed") and len(first) > 4 and JOINED.search(first) is None:
        return gerund(first)
    if _done_to_one(first, rest):  # “open a page or feed”: its last word is no participle
        return _all_done(first, rest)
    if found := DONE.match(text):
        thing = found["thing"] if " of " in found["thing"] else _plural(ARTICLE.sub("", found["thing"]))
        return f"{gerund(found['verb'])} {thing}{found['rest'] or ''}"
    if first in VERBS:
        return _all_done(first, rest)
    return _plural(bare) if bare.rsplit(" ", 1)[-1] in COUNTED else text


def verb_phrase(act: str) -> str:
    """The act as people do it: “print”, “start timers”; empty where its name does not begin with a verb."""
    first, *rest = ARTICLE.sub("", re.sub(r"\s+", " ", act).strip(" .").lower()).split(" ")
    verb = first in VERBS or _done_to_one(first, rest)
    rest = rest[1:] if rest and rest[0] in ARTICLES else rest
    text = " ".join([first, *rest])
    return "" if not verb else _plural(text) if rest and not TIED & set(rest) and "or" not in rest else text


def takes_things(act: str | None) -> bool:
    """Is it something done to things, as purchasing is?"""
    return act is not None and act.lower() in VERBS


def noun_of_lines(act: str | None) -> str:
    """What a visit holds: a list where nearly all is one act done to things, else acts."""
    return "lines" if takes_things(act) else "actions"


def met(act: str | None) -> str:
    """The things of a log whose lines are nearly all of one act: “the things they purchase”; without one, those of visits."""
    return f"the things they {act.lower()}" if act and takes_things(act) else "the things in their visits"


def turned_to(act: str | None) -> str:
    """What nearly all lines of a log do with things: “purchase”; where none does, one turns to them."""
    return act.lower() if act and takes_things(act) else "turn to"


def gerund(verb: str) -> str:
    """“print” and “printed” are “printing”."""
    if verb.endswith("ied"):
        return f"{verb[:-3]}ying"
    if verb.endswith("ed") and len(verb) > 4:
        return f"{verb[:-2]}ing"
    if verb.endswith("e") and not verb.endswith(("ee", "oe", "ye")):
        return f"{verb[:-1]}ing"
    short = re.fullmatch(r"[^aeiou]*[aeiou][^aeiouwxy]", verb) is not None
    return f"{verb}{verb[-1]}ing" if short or verb in LAST_DOUBLED else f"{verb}ing"


def plural(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def plural_of(word: str, known: Collection[str]) -> str:
    """The plural of a noun where the log's own words (`known`) have it; else the word as it is."""
    many = _plural(word)
    return many if many in known else word


def plural_name(name: str) -> str:
    """A field's name in the plural, where it is a plain word that is not there already."""
    return _plural(name)


def a_or_an(name: str) -> str:
    """The article as it is spoken: “an order”, “a user”, “an x-ray”, “an 8”."""
    name = name.lstrip("“\"'")
    word = LETTERS.match(name)
    spelled = word is not None and not re.search("[aeiouy]", word[0], re.IGNORECASE)
    return "an" if (SPELLED if spelled else SPOKEN).match(name) else "a"


def called_here(nouns: Nouns) -> str:
    """What texts in the nouns of the log mean, for a reader of facts in the program's own; empty where they are the same."""
    pairs = [(getattr(USUAL_NOUNS, kind).one, getattr(nouns, kind).one) for kind in KINDS]
    told = [f"a {usual} is {a_or_an(own)} {own}" for usual, own in pairs if own != usual]
    return f" In texts {', '.join(told)}." if told else ""


def with_article(name: str) -> str:
    """“a price”, “an amount”, “items”."""
    return name if name.endswith("s") else f"{a_or_an(name)} {name}"


def listed(parts: Sequence[str]) -> str:
    """“a, b and c”."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def capital(text: str) -> str:
    """The first letter large, where the text begins with a letter or a quote, and not with a figure, a slot for one or a name
    that is spelled by a program (“r/news”, “cart_v2”).
    """
    if re.match(r"“[^\s”]*[^\W_]*[/\\_@#.:0-9][^\s”]*[^\s”.,:]", text):
        return text
    start = re.match(r"^[^\w{]*(?=[^\W\d_])", text)
    return f"{start[0]}{text[start.end()].upper()}{text[start.end() + 1 :]}" if start else text


def _done_to_one(first: str, rest: Sequence[str]) -> bool:
    """“Make a diary entry”: what stands before an article is a verb, whether it is a known one or not."""
    return bool(rest) and rest[0] in ARTICLES and first.isalpha() and first not in TIED


def _all_done(first: str, rest: list[str]) -> str:
    rest = rest[1:] if rest and rest[0] in ARTICLES else rest
    words = [gerund(first)]
    for before, word in zip([first, *rest], rest, strict=False):
        words.append(gerund(word) if before == "or" and word in VERBS else word)
    text = " ".join(words)
    return text if not rest or TIED & set(rest) or "or" in rest else _plural(text)


def _plural(thing: str) -> str:
    """The last word in its plural, where it is a plain one of letters that is not there already."""
    if not re.search(r"[a-z]$", thing) or thing.endswith(NO_PLURAL) or {*TIED, *ARTICLES} & set(thing.split(" ")):
        return thing
    if thing.endswith(("ch", "sh", "x", "z")):
        return f"{thing}es"
    return f"{thing[:-1]}ies" if re.search(r"[^aeiou]y$", thing) else f"{thing}s"

"""Words that say more than a count can: what they need to be said, or that they may never be said (docs/contract.md, Words)."""

from __future__ import annotations

FRACTION_WORDS = {
    "half": 1 / 2,
    "third": 1 / 3,
    "thirds": 2 / 3,
    "quarter": 1 / 4,
    "quarters": 3 / 4,
    "fifth": 1 / 5,
    "tenth": 1 / 10,
    "tenths": 9 / 10,
}
NUMBER_WORDS = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11,
    "twelve": 12, "dozen": 12, "twice": 2, "double": 2, "triple": 3,
}  # fmt: skip

# Word → (lowest, highest) share that bears it; how many and how often in the same table, since texts mix them.
QUANTIFIERS = {
    "almost all": (0.9, 1.0), "nearly all": (0.9, 1.0), "hardly any": (0.0, 0.05), "all": (1.0, 1.0), "every": (1.0, 1.0),
    "everyone": (1.0, 1.0), "everybody": (1.0, 1.0), "always": (1.0, 1.0), "never": (0.0, 0.0), "none": (0.0, 0.0),
    "nobody": (0.0, 0.0), "most": (0.5, 1.0), "majority": (0.5, 1.0), "mostly": (0.5, 1.0), "few": (0.0, 0.2),
    "usually": (0.5, 1.0), "often": (0.3, 1.0), "sometimes": (0.1, 0.3), "rarely": (0.0, 0.1), "many": (0.3, 1.0),
    "several": (0.05, 1.0), "some": (0.0, 1.0),
}  # fmt: skip
ONLY = ("only", "solely", "exclusively", "nothing but", "unique", "uniquely", "nobody else", "no one else")
MORE = ("more", "larger", "higher", "greater", "likelier", "longer", "busier")
LESS = ("less", "fewer", "smaller", "lower", "shorter", "unlikelier")
CAUSES = (
    "because", "so that", "in order to", "due to", "thanks to", "leads to", "lead to", "causes", "caused", "therefore", "hence",
    "as a result", "which is why", "want", "wants", "need", "needs", "hope", "hopes", "love", "loves", "hate", "hates", "prefer",
    "prefers", "like to", "likes to", "enjoy", "enjoys", "afraid", "frustrated", "happy", "unhappy", "trust", "trusts",
    "believe", "believes", "motivated", "eager", "curious", "worried", "bored", "loyal", "passionate", "trying to", "tries to",
    "driven by", "aim to", "aims to",
)  # fmt: skip
SEQUENCE = (
    "then",
    "afterwards",
    "followed by",
    "follows",
    "go on to",
    "goes on to",
    "next",
    "finally",
    "at last",
    "first",
)
INSTEAD = ("instead", "rather than", "in place of")
RISING = ("increasingly", "growing", "grows", "rising", "more and more", "ever more")
FALLING = ("declining", "falling", "shrinking", "no longer", "less and less", "dying out")
# Who somebody is does not stand in a log of what they do: stems, matched at the start of a word.
IDENTITY = (
    "student", "teacher", "pupil", "parent", "mother", "father", "mum", "dad", "wife", "husband", "nurse", "doctor", "lawyer",
    "engineer", "developer", "manager", "executive", "wholesaler", "retailer", "shopkeeper", "freelanc", "professional",
    "employee", "entrepreneur", "retiree", "pensioner", "housewi", "millennial", "boomer", "teenager", "elderly", "senior",
    "young", "middle-aged", "woman", "women", "man", "men", "girl", "boy", "female", "male", "wealthy", "affluent", "rich",
    "poor", "low-income", "pregnan", "disab", "patient", "depress", "religio", "christian", "muslim", "jewish", "hindu",
    "immigrant", "migrant", "ethnic", "gay", "lesbian", "single mother", "famil", "married", "divorced", "novice", "expert",
    "tech-savvy", "introvert", "extrovert", "african", "asian", "latino", "latina", "hispanic", "caucasian", "arab", "jamaican",
    "black people", "white people", "working class", "working-class", "middle-class", "upper-class", "native speaker",
    "believer", "devout", "atheis", "buddhist", "catholic", "protestant", "praying", "prays", "they pray", "expectant",
    "expecting a child", "infertil", "diabet", "hiv", "addict", "sick people", "indebted", "in debt", "debtor", "unionist",
    "union member", "left-wing", "right-wing", "voter", "queer", "bisexual", "transgender", "homosexual", "heterosexual",
    "single and", "refugee", "foreigner", "convict", "criminal",
)  # fmt: skip
# Set phrases that such a word is a part of and that name a thing. A closed list: by any rule for what may stand behind `rich`, or
# behind a hyphen, names of people would pass as well (rich clients, man-servants).
OF_THINGS = (
    "man made", "man hour", "man day", "man week", "man month", "man year", "man power", "man eating", "man in the middle",
    "rich text", "rich media", "rich content", "rich snippet", "rich result", "rich preview", "rich notification", "rich data",
    "poor quality", "poor connection", "poor signal",
)  # fmt: skip
# Phrases in which a word above says nothing of the group.
NEUTRAL = (
    "all others", "all other", "in all", "all activity", "of all users", "all of them on one page", "at all", "of all",
    "at least once", "once", "everyone else", "one of them", "one visit", "one active day", "all that is done", "their time",
    "times that", "the first", "at first", "or more", "or less", "to the next", "three times or more",
    "few different things", "many steps at a time", "on many days",
)  # fmt: skip

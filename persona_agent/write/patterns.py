"""Sentences for the offline writer: patterns with slots, several for each thing that can be said.

`{v}` and `{m}` stand for the value here and among comparable others, `{said}` for what is said (schema.ProposedClaim). A card
starts at a place of its own in each list, so that cards of one run neither open nor read alike.
"""

from __future__ import annotations

MORE = (
    "{v} of them {said}, against {m} of comparable others.",
    "Here {v} {said}, among comparable others {m}.",
    "More of them than of comparable others {said}: {v} against {m}.",
    "Of these, {v} {said}; of others seen for as long, {m}.",
    "In this group {v} {said}, among its comparable others {m}.",
    "While {m} of comparable others {said}, the figure here is {v}.",
    "A larger part of them {said}: {v}, where comparable others reach {m}.",
    "{v} {said} in this group, {m} among its comparable others.",
)
LESS = (
    "Fewer of them {said}: {v}, against {m} of comparable others.",
    "Comparable others {said} in {m} of cases; here it is {v}.",
    "Not as many of them {said}: {v}, where comparable others stand at {m}.",
    "A smaller part of them {said}: {v}, where comparable others reach {m}.",
    "Of comparable others {m} {said}, but {v} here.",
    "Against {m} of comparable others, {v} of these {said}.",
)
SESSIONS = (
    "{v} of their visits {said}, against {m} for comparable others.",
    "On average {v} of a member's visits {said}; for comparable others it is {m}.",
    "Of their sessions {v} {said}, of those of comparable others {m}.",
    "For comparable others {m} of visits {said}; for them, {v}.",
    "Visit by visit, {v} of their visits {said}, where comparable others have {m}.",
    "Comparable others have {m} of visits that {said}; this group has {v}.",
)
LINES = (
    "{v} of what they do {said}, against {m} for comparable others.",
    "For comparable others {m} of what is done {said}; for them, {v}.",
    "Of what they do, {v} {said}; for comparable others it is {m}.",
    "Here {v} of what is done {said}, for comparable others {m}.",
)
THINGS = (
    "{v} of the things in their later visits {said}, against {m} for comparable others.",
    "Of the things in a later visit {v} {said}; for comparable others it is {m}.",
    "For comparable others {m} of the things in a later visit {said}; for them, {v}.",
)
TIMES = (
    "In {v} of their visits that {said}, against {m} for comparable others.",
    "Among comparable others it is in {m} of their visits that {said}; here in {v}.",
    "Here in {v} of their visits that {said}, among comparable others in {m}.",
    "It is in {v} of their visits that {said}; comparable others come to {m}.",
)
NUMBER = (
    "{Said} is {v}, against {m} for comparable others.",
    "For comparable others {said} is {m}; here it is {v}.",
    "Here {said} is {v}, and {m} for comparable others.",
    "In {said} comparable others stand at {m}, this group at {v}.",
    "Set {said} side by side: {v} here, {m} for comparable others.",
)
TYPICAL = (
    "{Said} is {v}.",
    "Here {said} is {v}.",
    "For this group {said} is {v}.",
    "{v} is {said}.",
    "They stand at {v} for {said}.",
)
LEAVES = (
    "With them would go {size.share_activity} of all activity, from {size.share_users} of users.",
    "They are {size.share_users} of users and make {size.share_activity} of all activity.",
    "If they left, {size.share_activity} of activity would be gone, though they are {size.share_users} of users.",
    "Counted in activity they weigh {size.share_activity}; counted in heads, {size.share_users}.",
    "{size.share_activity} of all activity rests on these {size.share_users} of users.",
    "Their part of users is {size.share_users}, their part of activity {size.share_activity}.",
    "What leaves with them is {size.share_activity} of activity, for {size.share_users} of users.",
    "Of all that is done here, {size.share_activity} is theirs, by {size.share_users} of users.",
)
LEAVES_VALUE = (
    "With them would go {size.share_value} of the value, from {size.share_users} of users.",
    "They are {size.share_users} of users and bring {size.share_value} of the value.",
    "If they left, {size.share_value} of the value would be gone, though they are {size.share_users} of users.",
    "Counted in value they weigh {size.share_value}; counted in heads, {size.share_users}.",
    "{size.share_value} of the value rests on these {size.share_users} of users.",
    "Their part of users is {size.share_users}, their part of the value {size.share_value}.",
    "What leaves with them is {size.share_value} of the value, for {size.share_users} of users.",
    "Of all that is earned here, {size.share_value} comes from these {size.share_users} of users.",
)
# By kind of topic, in turn by a card's place: what they may be after, what else would explain it, how to tell the two apart.
GOALS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "hours": (
        (
            "They may keep these hours because something else fills the rest of their day.",
            "Those who ask them to act, or the service itself, keep these hours.",
            "Do the same users keep to them on public holidays?",
        ),
        (
            "This may be their own time, with nobody waiting for them.",
            "A reminder or a schedule brings them at this time.",
            "Do their sessions begin at the same minute of the hour, as if something had called them?",
        ),
        (
            "They may need what they do here right before or after something else of their day.",
            "They live in another time zone than the one that hours are told in.",
            "Do the hours move by one when the clocks change elsewhere?",
        ),
    ),
    "week": (
        (
            "They may come when the rest of the week leaves them time.",
            "What they come for takes place on these days.",
            "After a week without that occasion, do they come on the same days?",
        ),
    ),
    "repeats": (
        (
            "They may know what they want before they come.",
            "The service puts before them what they have met already.",
            "Do they reach these things by search as often as from a list?",
        ),
    ),
    "objects": (
        (
            "They may come for one thing, and leave when they have it.",
            "They have never been shown the rest.",
            "Once shown another part, do they come back to it?",
        ),
    ),
    "events": (
        (
            "This may have become a part of their routine.",
            "A few busy weeks stand behind the figures.",
            "Are their active weeks spread over the window, or bunched together?",
        ),
    ),
    "days": (
        (
            "Coming back may have become a habit of theirs.",
            "A task that takes many days brings them back until it is done.",
            "When the task ends, do they go on coming?",
        ),
    ),
    "amount": (
        (
            "They may act for more than one person, or for more than one occasion, at a time.",
            "They do the same as others, only in fewer and larger portions.",
            "Is their total over the window larger than that of comparable others, or only the single portion?",
        ),
    ),
    "never": (
        (
            "They may do elsewhere what they leave out here.",
            "They do not find it.",
            "Do they search for it, or open its page and turn away?",
        ),
    ),
    "mishap": (
        (
            "They may be trying something that this service does not support.",
            "They meet the same fault as others, and are only exposed to it more.",
            "Is the rate per attempt higher than that of comparable others?",
        ),
    ),
    "act": (
        (
            "They may come with this one task in mind.",
            "The service leads them there, whatever they came for.",
            "Is it the first thing that they do in a session?",
        ),
    ),
}

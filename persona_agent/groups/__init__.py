"""Users to groups: does this log fall into groups at all, into how many, and who is in which.

In: what each session holds (actions by intent, actions by verb, sums of numeric properties) and what each user's
memories are about. Out: a `Grouping`: the state of the log, the number of groups with its alternatives, a membership
per user (−1: in none). The test that has power is whether one half of a user's sessions predicts the other half

- better than in null logs, where whole sessions are exchanged between users within a month (else `none`), and
- better than one crowd with the same means and covariances would let it (else `degree`, or `none`).

Activity, rhythm and breadth form no groups, so that they can be evidence about them. Promises: deterministic for a
seed, and independent of user hashes.
"""

from .find import Grouping, Option, by_intents, find_groups, occasion_stability
from .profiles import Sessions

__all__ = ["Grouping", "Option", "Sessions", "by_intents", "find_groups", "occasion_stability"]

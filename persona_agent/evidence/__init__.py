"""How truth is decided: measures become SQL, results verdicts, and every verdict has lines. No model is called."""

from .accounted import accounted_for, explained
from .answers import Measured
from .checks import Difference, recompute, recompute_mix
from .concentrations import concentrations, pile_ups_of
from .conditions import is_about_themes
from .corpus import Binder, Bools, Corpus, Population
from .evaluation import (
    UnsupportedMeasure,
    answers,
    compares,
    cross_placed,
    evaluate,
    of_core,
    over_whole_log,
    question,
    satisfying_users,
)
from .facets import Formed, by_construction, facets_of, kind_of
from .facts import Facts
from .few_carry import carried_by_five
from .gate import UNWRITTEN, Hindrance, counts, distinguishes, gate, hindrance_of, sets_given_apart, without_everybody
from .habit_cases import AskedHabit, FoundHabit
from .habits_beside import habits_beside, recounted_habits
from .information import distinguishing, tells
from .intervals import wilson
from .matching import about_activity
from .moved import FALSE_CHANGES, Moved, false_discovery_bar, moved, settled
from .pile_ups import PartOfUsers
from .quantifiers import best_quantifier, rounded, say, tenths, verdict
from .redrawing import as_drawn
from .replication import replicate
from .retrieval import Shown, showable, two_sided
from .staff import barred, not_asked
from .standardising import standardised
from .tenth_people import against_all, tenth_corpus, tenth_figures, told_tenth
from .top_tenth import tenth_users, top_tenth, unplaced
from .usual import is_of_objects
from .vacuous import cannot_fail
from .verdicts import Judgement, align, bits_of, judge_measured, result_of, truthfulness
from .witnesses import against
from .worth import value_sql
from .written import Unwritable, measure_from, refuse_invented

__all__ = [
    "FALSE_CHANGES",
    "UNWRITTEN",
    "AskedHabit",
    "Binder",
    "Bools",
    "Corpus",
    "Difference",
    "Facts",
    "Formed",
    "FoundHabit",
    "Hindrance",
    "Judgement",
    "Measured",
    "Moved",
    "PartOfUsers",
    "Population",
    "Shown",
    "UnsupportedMeasure",
    "Unwritable",
    "about_activity",
    "accounted_for",
    "against",
    "against_all",
    "align",
    "answers",
    "as_drawn",
    "barred",
    "best_quantifier",
    "bits_of",
    "by_construction",
    "cannot_fail",
    "carried_by_five",
    "compares",
    "concentrations",
    "counts",
    "cross_placed",
    "distinguishes",
    "distinguishing",
    "evaluate",
    "explained",
    "facets_of",
    "false_discovery_bar",
    "gate",
    "habits_beside",
    "hindrance_of",
    "is_about_themes",
    "is_of_objects",
    "judge_measured",
    "kind_of",
    "measure_from",
    "moved",
    "not_asked",
    "of_core",
    "over_whole_log",
    "pile_ups_of",
    "question",
    "recompute",
    "recompute_mix",
    "recounted_habits",
    "refuse_invented",
    "replicate",
    "result_of",
    "rounded",
    "satisfying_users",
    "say",
    "sets_given_apart",
    "settled",
    "showable",
    "standardised",
    "tells",
    "tenth_corpus",
    "tenth_figures",
    "tenth_users",
    "tenths",
    "told_tenth",
    "top_tenth",
    "truthfulness",
    "two_sided",
    "unplaced",
    "value_sql",
    "verdict",
    "wilson",
    "without_everybody",
]

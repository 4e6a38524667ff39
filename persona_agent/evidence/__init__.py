"""How truth is decided: measures become SQL, results verdicts, and every verdict has lines. No model is called."""

from .checks import Difference, recompute
from .corpus import Binder, Corpus, Population
from .information import distinguishing, same_units
from .measures import Measured, UnsupportedMeasure, evaluate, satisfying_units
from .quantifiers import best_quantifier, rounded, say, tenths, verdict
from .values import value_sql
from .verdicts import Judgement, align, bits_of, counts, gate, judge_measured, truthfulness
from .witnesses import against, citations

__all__ = [
    "Binder",
    "Corpus",
    "Difference",
    "Judgement",
    "Measured",
    "Population",
    "UnsupportedMeasure",
    "against",
    "align",
    "best_quantifier",
    "bits_of",
    "citations",
    "counts",
    "distinguishing",
    "evaluate",
    "gate",
    "judge_measured",
    "recompute",
    "rounded",
    "same_units",
    "satisfying_units",
    "say",
    "tenths",
    "truthfulness",
    "value_sql",
    "verdict",
]

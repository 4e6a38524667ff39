"""Questions to a finished run: read by code or by a model, counted by code, answered in code's words, and kept.

    question ─▶ refusing ─▶ understanding (words of the log) or modelled (a model's measures) ─▶ everywhere (counted) ─▶ Reply

Promises: what the law protects is not answered; no figure is a model's; a floor holds for every count and for what is left of it;
nobody is spoken for.
"""

from ..manifest import QUESTIONS
from .answering import AnswerSources, answer
from .kept import keep

__all__ = ["QUESTIONS", "AnswerSources", "answer", "keep"]

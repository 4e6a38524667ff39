"""Names of people in texts, found by Presidio with a model of spaCy's: the extra `presidio`.

In: the name of an installed model, or its folder; then texts. Out: the texts with `[name]` in place of each name. Promises:
nothing is fetched from anywhere; which names are found is the model's doing, and it takes other words for names, too.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

from ..errors import UsageError

try:
    import spacy
    from presidio_analyzer import AnalyzerEngine, BatchAnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import SpacyNlpEngine
    from presidio_analyzer.predefined_recognizers import SpacyRecognizer
except ImportError:
    raise UsageError("--names needs Presidio.", hint="Install it: pip install 'persona-agent[presidio]'.") from None

AT_ONCE = 256  # texts handed to the model in one batch; a round number


@lru_cache(maxsize=1)
def load_names(model: str) -> Callable[[Sequence[str]], list[str]]:
    """What masks names in texts; UsageError where there is no such model."""
    if not (spacy.util.is_package(model) or Path(model).is_dir()):
        raise UsageError(
            f"--names: there is no spaCy model {model!r} here.",
            hint="Install one (python -m spacy download en_core_web_lg), or give the folder of one.",
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a model of another release of spaCy's says so
        language = spacy.load(model)
    engine = SpacyNlpEngine()
    engine.nlp = {language.lang: language}
    registry = RecognizerRegistry(supported_languages=[language.lang])
    registry.add_recognizer(SpacyRecognizer(supported_language=language.lang, supported_entities=["PERSON"]))
    analyzer = BatchAnalyzerEngine(AnalyzerEngine(registry, engine, supported_languages=[language.lang]))

    def masked(texts: Sequence[str]) -> list[str]:
        found = analyzer.analyze_iterator(texts, language.lang, batch_size=AT_ONCE, entities=["PERSON"])
        return [_without(text, [(n.start, n.end) for n in names]) for text, names in zip(texts, found, strict=True)]

    return masked


def _without(text: str, names: Sequence[tuple[int, int]]) -> str:
    for start, end in sorted(names, reverse=True):
        text = f"{text[:start]}[name]{text[end:]}"
    return text

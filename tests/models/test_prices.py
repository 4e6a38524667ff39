"""What tokens cost."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from persona_agent.errors import UsageError
from persona_agent.models.prices import Price, price_given, price_of


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("offline", (0.0, 0.0)),
        ("openai/gpt-4o-mini", (0.15, 0.6)),
        ("anthropic/claude-sonnet-4-5", (3.0, 15.0)),
        ("gemini/gemini-2.5-flash", (0.3, 2.5)),
    ],
)
def test_known_models_have_their_price(model: str, expected: tuple[float, float]) -> None:
    """The price of a known model of each provider is the published one."""
    price = price_of(model)
    assert price is not None
    assert (price.prompt * 1e6, price.completion * 1e6) == pytest.approx(expected)


@pytest.mark.parametrize(
    "model", ["openai/no-such-model", "groq/gpt-4o-mini", "my-own/gpt-4o-mini", "ollama/my-own", ""]
)
def test_unknown_models_have_none(model: str) -> None:
    """A model that is unknown, or known under another provider, has no price."""
    assert price_of(model) is None


def test_prices_are_read_without_importing_litellm() -> None:
    """Reading a price does not import litellm."""
    script = (
        "import sys, json; from persona_agent.models.prices import price_of;"
        "p = price_of('openai/gpt-4o'); print(json.dumps([p.prompt, 'litellm' in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=True)
    assert json.loads(done.stdout) == [pytest.approx(2.5e-6), False]


def test_a_price_is_given_per_million_tokens() -> None:
    """`IN,OUT` are dollars per million tokens, and a cost is their sum over both counts."""
    assert price_given("0.25,2") == Price(0.25e-6, 2e-6)
    assert price_given(" 0 , 0 ") == Price(0.0, 0.0)
    assert Price(2e-6, 3e-6).of(10, 100) == pytest.approx(320e-6)


@pytest.mark.parametrize("text", ["", "1", "1,2,3", "a,b", "-1,2", "nan,1", "inf,1", "1;2"])
def test_nonsense_is_refused_with_the_form(text: str) -> None:
    """Anything but two finite numbers from 0 on is a usage error that shows the form."""
    with pytest.raises(UsageError, match="IN,OUT") as caught:
        price_given(text)
    assert "per million tokens" in str(caught.value)

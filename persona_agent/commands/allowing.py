"""What a session of many calls may cost: `--max-cost` is of all of them together, not of each.

In: the store of a run, whose ledger has every answer with its price. Out: options for the next call, with what is left.
"""

from __future__ import annotations

from contextlib import closing

from ..models.ledger import LEDGER, Ledger
from ..options import Options
from ..store import Store


class Allowance:
    """`--max-cost` from now on, over all calls whose answers come into the ledger of one run."""

    def __init__(self, store: Store, options: Options) -> None:
        self._store, self._options = store, options
        self._before = self._cost()

    def left(self) -> Options:
        """The options with what is left; with nothing left no model is asked any more, and whoever would says so."""
        most = self._options.max_cost
        if most is None:
            return self._options
        return self._options.but(max_cost=max(most - (self._cost() - self._before), 0.0))

    def _cost(self) -> float:
        path = self._store.path(LEDGER)
        if self._options.max_cost is None or not path.is_file():
            return 0.0
        with closing(Ledger(path)) as ledger:
            return ledger.cost()

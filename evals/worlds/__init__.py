"""Planted worlds: logs whose intents, personas and nulls are known because they were made that way."""

from .domains import DOMAINS, Domain, Step
from .generator import KINDS, Kind, Spec, World, generate
from .habits import HabitSpec, HabitWorld, generate_habits
from .shuffled import shuffle_sessions

__all__ = [
    "DOMAINS",
    "KINDS",
    "Domain",
    "HabitSpec",
    "HabitWorld",
    "Kind",
    "Spec",
    "Step",
    "World",
    "generate",
    "generate_habits",
    "shuffle_sessions",
]

"""Planted worlds: logs whose intents, personas and nulls are known because they were made that way."""

from .domains import DOMAINS, Domain, Step
from .generator import KINDS, Kind, Spec, World, generate
from .shuffled import shuffle_sessions

__all__ = ["DOMAINS", "KINDS", "Domain", "Kind", "Spec", "Step", "World", "generate", "shuffle_sessions"]

"""What changed from one run to a later one: the two runs read, their groups and claims held against each other."""

from .compared import compare, followed
from .sides import RunSide, finished_side

__all__ = ["RunSide", "compare", "finished_side", "followed"]

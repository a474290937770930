"""How property tests run here: as many examples as usual, no deadline on shared cores, nothing left on the disk."""

from hypothesis import settings

PROPERTY = settings(deadline=None, database=None)

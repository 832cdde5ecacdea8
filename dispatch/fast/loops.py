"""The solver's loops in machine code."""

import numpy as np

from dispatch.compiled import compiled
from dispatch.geo import IntArray
from dispatch.instant import paths as ssp


class CompiledLoops:
    """instant.Loops over arrays of 64-bit numbers."""

    augment = staticmethod(compiled(ssp.augment))
    settle_prices = staticmethod(compiled(ssp.settle_prices))

    @staticmethod
    def numbers(values: IntArray) -> IntArray:
        return np.ascontiguousarray(values, dtype=np.int64)

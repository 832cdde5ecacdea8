"""Loops in machine code where numba is installed, the same loops in plain Python where it is not.

`@compiled` marks a function over arrays and numbers only: both ways give the same results (tests hold them against
each other), one is about a hundred times faster. Compiled code releases the interpreter lock and is kept on disk, so
that only the first run after an update waits for the compiler (warm.py does the waiting ahead of time).
"""

from collections.abc import Callable
from typing import TypeVar, cast

from dispatch.warm import kept_in

F = TypeVar("F", bound=Callable)

try:
    from numba import njit
    from numba.core import config
except ImportError:
    COMPILED = False

    def compiled(function: F) -> F:
        """Leave it as it is: numba is not here."""
        return function

else:
    COMPILED = True
    if not config.CACHE_DIR:  # type: ignore[attr-defined]  # numba sets its options one by one as it reads them
        config.CACHE_DIR = str(kept_in())  # type: ignore[attr-defined]

    def compiled(function: F) -> F:
        """To machine code at the first call; `.py_func` is the plain function."""
        return cast(F, njit(cache=True, nogil=True)(function))

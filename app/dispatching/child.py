"""What the solver's child process runs first: it never outlives its parent, and Ctrl-C is its parent's business.

Standard library only: it is run by path, so that the child need not import the app.
"""

import multiprocessing
import os
import signal
import threading
from multiprocessing.connection import wait


def _follow_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(0)


signal.signal(signal.SIGINT, signal.SIG_IGN)
threading.Thread(target=_follow_parent, daemon=True).start()

"""python -m dispatch: the engine without a program around it."""

import sys

from dispatch.cli import main

if __name__ == "__main__":
    sys.exit(main())

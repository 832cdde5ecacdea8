"""The solver's process: takes questions on its input, gives answers on its output, and ends when its parent does.

Run by path, with the project's folder as argument: it imports the engine and nothing else of ours.
"""

import os
import pickle
import signal
import sys


def main(folder: str) -> None:
    sys.path.insert(0, folder)
    import dispatch

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's business
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not get among the answers
    while True:
        try:
            question = pickle.load(sys.stdin.buffer)  # noqa: S301 - from our own parent's pipe
        except EOFError:
            return
        try:
            answer: object = dispatch.solve(**question)
        except Exception as failure:
            answer = f"{type(failure).__name__}: {failure}"
        pickle.dump(answer, answers)
        answers.flush()


if __name__ == "__main__":
    main(sys.argv[1])

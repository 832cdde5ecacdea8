"""What stops a smoke run: a step and what was wrong with it, in one sentence."""


class Failed(Exception):
    """A step of the loop did not do what it must."""

    def __init__(self, step: str, what: object) -> None:
        super().__init__(f"{step}: {what}")
        self.step, self.what = step, str(what)

"""What goes wrong during set-up and a person can mend."""


class SetupError(Exception):
    """Something is missing or refuses to work.

    reason: German sentence, what is wrong
    mend:   German sentence, what the person can do about it
    """

    def __init__(self, reason: str, mend: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.mend = mend

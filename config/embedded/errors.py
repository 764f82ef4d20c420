"""What the supervisor says when it cannot go on."""


class EmbeddedError(Exception):
    """A fact and its remedy, fit to be shown to whoever typed the command."""

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(f"{message}\n  {remedy}" if remedy else message)
        self.message = message
        self.remedy = remedy

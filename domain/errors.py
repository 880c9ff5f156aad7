"""The root of everything `domain` raises."""


class DomainError(Exception):
    """Root of the package's errors."""


class Refusal(DomainError):
    """An act that may not be recorded; the class name says why, `code` is what travels.

    Refusals carry no ids, names or content: they are shown to people and written to logs.
    """

    code: str = "refusal"

    def __init_subclass__(cls) -> None:
        """Derive the travelling code from the class name: `NotAParticipant` -> `not_a_participant`."""
        cls.code = "".join("_" + c.lower() if c.isupper() else c for c in cls.__name__).lstrip("_")

    def __init__(self) -> None:
        super().__init__(self.code)

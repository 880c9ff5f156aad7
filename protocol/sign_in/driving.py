"""Making the calls of a sign-in one after the other. Who makes them, and how long they may take, is the caller's."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol, TypeVar

from protocol.sign_in.calls import Answer, Call, Steps
from protocol.sign_in.json_values import MAX_ANSWER
from protocol.sign_in.refusals import SignInFailed, Why

_T = TypeVar("_T")
Make = Callable[[Call], Awaitable[Answer]]
"""Makes one call; raises `ProviderUnavailable` where nobody answers in time."""


class Body(Protocol):
    """The body of an answer, as it comes in."""

    def at_eof(self) -> bool:
        """Whether there is no more."""

    async def read(self, n: int = -1, /) -> bytes:
        """At most `n` bytes."""


async def drive(steps: Steps[_T], make: Make) -> _T:
    """Make the calls; returns what comes of them.

    Raises:
        SignInFailed: something does not hold.
        ProviderUnavailable: the provider cannot be reached or does not answer in time.

    """
    try:
        call = next(steps)
        while True:
            call = steps.send(await make(call))
    except StopIteration as done:
        result: _T = done.value
        return result
    finally:
        steps.close()


async def read_answer(status: int, headers: Mapping[str, str], body: Body) -> Answer:
    """What came back, read no further than an answer may be long. Raises `SignInFailed`."""
    read = await body.read(MAX_ANSWER + 1)
    while not body.at_eof() and len(read) <= MAX_ANSWER:
        read += await body.read(MAX_ANSWER + 1 - len(read))
    if len(read) > MAX_ANSWER:
        raise SignInFailed(Why.TOO_LARGE)
    return Answer(status, {name.lower(): value for name, value in headers.items()}, read)

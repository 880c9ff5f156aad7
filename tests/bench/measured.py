"""What was measured, what each number means, and what it should have been."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import fmean, median


@dataclass(frozen=True, slots=True)
class Number:
    """One line of the table; `means` is a plain sentence."""

    name: str
    value: float
    unit: str
    means: str


@dataclass(frozen=True, slots=True)
class Goal:
    """A promise: `value` should be at least (or, with `at_most`, at most) `limit`. `because` explains a miss.

    `void` says why the value shows nothing in this run; such a goal counts as missed.
    """

    name: str
    value: float
    limit: float
    unit: str = ""
    at_most: bool = False
    because: str = ""
    void: str = ""

    @property
    def met(self) -> bool:
        if self.void:
            return False
        return self.value <= self.limit if self.at_most else self.value >= self.limit


@dataclass(frozen=True, slots=True)
class Series:
    """One plot: labelled values of one unit."""

    title: str
    unit: str
    points: tuple[tuple[str, float], ...]


@dataclass(slots=True)
class Section:
    """One subject: its numbers, goals and plots. `about` says what was done to get them."""

    title: str
    about: str
    numbers: list[Number] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)
    series: list[Series] = field(default_factory=list)

    def add(self, name: str, value: float, unit: str, means: str) -> None:
        self.numbers.append(Number(name, value, unit, means))


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` (0 to 1) of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def middle_ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median of ours over theirs, round by round: what was disturbed together is compared together."""
    return median(a / b for a, b in zip(ours, theirs, strict=True))


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Least-squares slope of y over x."""
    x0, y0 = fmean(x for x, _ in points), fmean(y for _, y in points)
    return sum((x - x0) * (y - y0) for x, y in points) / sum((x - x0) ** 2 for x, _ in points)

"""Token buckets against flooding: sans-I/O, the time is an argument."""

from collections import OrderedDict

_KEPT = 10000


class Quota:
    """A bucket a key: `rate` tokens a second flow in, `burst` fit. Full buckets need not be remembered."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._buckets: OrderedDict[bytes, tuple[float, float]] = OrderedDict()

    def take(self, key: bytes, tokens: float, at: float) -> bool:
        """Take `tokens` from the bucket of `key` at monotonic time `at` (seconds), if it holds as many."""
        level, since = self._buckets.pop(key, (self._burst, at))
        level = min(self._burst, level + (at - since) * self._rate)
        granted = level >= tokens
        self._buckets[key] = (level - tokens if granted else level, at)
        if len(self._buckets) > _KEPT:
            self._buckets.popitem(last=False)
        return granted

"""CPU time and memory of processes, as the kernel counts them (Linux; proc(5))."""

import os
import resource
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_IDLE, _WAITING = 3, 4
"""Places in the first line of /proc/stat."""
_PARENT, _USER, _SYSTEM = 1, 11, 12
"""Places behind the process's name in /proc/<pid>/stat."""


def _stat(pid: int) -> list[str]:
    # The name stands in parentheses and may itself hold spaces and parentheses.
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def cpu_seconds(pid: int) -> float:
    """User and system time of all threads of a process."""
    fields = _stat(pid)
    return (int(fields[_USER]) + int(fields[_SYSTEM])) / _TICKS


def children(pid: int) -> list[int]:
    """The processes whose parent this is."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int(_stat(int(entry.name))[_PARENT])
            except OSError:
                continue  # gone meanwhile
            if parent == pid:
                found.append(int(entry.name))
    return found


def family_cpu_seconds(pid: int) -> float:
    """The time of a process and its living children: a database server with its backends."""
    total = 0.0
    for member in (pid, *children(pid)):
        try:
            total += cpu_seconds(member)
        except OSError:
            continue
    return total


def busy_seconds() -> float:
    """What all processors have worked since the machine was started, for whomever; stolen time included."""
    counts = [int(count) for count in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return (sum(counts) - counts[_IDLE] - counts[_WAITING]) / _TICKS


def own_seconds() -> float:
    """What this process and all that it started and that has ended have worked."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def resident_bytes(pid: int) -> int:
    """Memory of the process that is in RAM now (RSS)."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Rss:")) * 1024

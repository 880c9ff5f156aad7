"""Numbers for operators: counts, sizes and times, never ids, names or content."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

registry = CollectorRegistry()

connections = Gauge("samsnakk_connections", "Open, signed-in connections", registry=registry)
subscriptions = Gauge("samsnakk_subscriptions", "Open subscriptions", registry=registry)
acts = Counter("samsnakk_acts_recorded", "Acts recorded durably", registry=registry)
refusals = Counter("samsnakk_refused", "Units refused, by code", ["code"], registry=registry)
security = Counter(
    "samsnakk_security_refusals", "Refused attempts in the security log", ["door", "code"], registry=registry
)
deliveries = Counter("samsnakk_deliveries", "Event frames written to readers", registry=registry)
lines = Counter("samsnakk_access_lines", "Access lines written", registry=registry)
promises = Counter("samsnakk_log_promises", "Records that the hub has promised to log", registry=registry)
cut_off = Counter("samsnakk_slow_readers_cut_off", "Connections closed because they read too slowly", registry=registry)
commit_seconds = Histogram(
    "samsnakk_commit_seconds",
    "From a verified unit to its receipt",
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5, 30),
    registry=registry,
)

"""The SQL of this package, read from its files once."""

from importlib.resources import files


def sql(name: str) -> str:
    """Return the statement kept in `sql/<name>.sql`."""
    return (files(__package__) / "sql" / f"{name}.sql").read_text("utf-8").strip().removesuffix(";")

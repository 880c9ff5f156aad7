"""Reaching past the hub into its database, as time or a superuser would."""

from typing import Any

import asyncpg

from tests.conftest import HubProcess


async def execute(hub: HubProcess, statement: str, *arguments: Any) -> str:
    connection = await asyncpg.connect(hub.database_url("superuser"))
    try:
        return await connection.execute(statement, *arguments)
    finally:
        await connection.close()


async def change_session(hub: HubProcess, session: str, change: str) -> None:
    statement = f"UPDATE sessions SET {change} WHERE id = $1"  # noqa: S608 - a test's own words
    assert await execute(hub, statement, bytes.fromhex(session)) == "UPDATE 1"

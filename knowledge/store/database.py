"""Opens the ledger's database, SQLite or PostgreSQL, and brings its schema up to date."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, inspect, text

REVISION = "0017"
"""The newest revision in `migrations/versions`; a test holds the two together."""


def open_database(url: str) -> Engine:
    """Return an engine whose schema is current; creates the SQLite file and its folder when they are missing."""
    if url.startswith("sqlite"):
        engine = create_engine(url, connect_args={"timeout": 10})
        Path(engine.url.database or "").parent.mkdir(parents=True, exist_ok=True)
        event.listen(engine, "connect", _prepare_sqlite)
    else:
        engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1), pool_pre_ping=True)
    try:
        if _revision(engine) != REVISION:
            migrate(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def migrate(engine: Engine) -> None:
    """Run all outstanding migrations in one transaction, which a second process that starts at once waits for."""
    from alembic import command  # noqa: PLC0415 - takes 0.8 s, needed only when the schema is behind
    from alembic.config import Config  # noqa: PLC0415 - the same

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(727266)"))
        else:
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # Python begins none before CREATE TABLE
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def aware(moment: datetime | None) -> datetime | None:
    """Return a moment with its zone: SQLite forgets that it was UTC."""
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment


def _revision(engine: Engine) -> str | None:
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Keep readers and the writer out of each other's way, and every commit on the disk."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()

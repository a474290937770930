"""An upgrade of a database that is in use: what was published and answered before is there afterwards."""

import json
import sqlite3

import numpy as np
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from knowledge.store import database
from knowledge.store.database import open_database
from knowledge.store.ledger import Ledger
from knowledge.store.receipts import Receipts
from knowledge.store.rows import facts
from tests.ports.test_ledger import DOCUMENT


def first(path) -> None:
    """Make a database of the first schema with one edition of one document, and an answer that cites it."""
    config = Config()
    config.set_main_option("script_location", str(database.Path(database.__file__).parent / "migrations"))
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    engine.dispose()
    said = json.dumps(facts(DOCUMENT))
    body = json.dumps({"question": "May we?", "sources": [{"passage_id": "p1", "citation": "POL §1"}]})
    with sqlite3.connect(path) as kept:
        kept.execute("PRAGMA foreign_keys=ON")
        kept.execute(
            "INSERT INTO versions VALUES ('v1', 'pol.1', 'mine', 'p.md', 'staff', ?, 'A vendor asks.', '2026-01-01')",
            (said,),
        )
        kept.execute("INSERT INTO passages VALUES ('v1', 'p1', 'POL §1', 'One', 0, 14, 'h1')")
        kept.execute("INSERT INTO editions VALUES (1, '2026-01-01 00:00:00', 'e', 2, 1, 1, 's', '{}')")
        kept.execute("INSERT INTO edition_versions VALUES (1, 'v1')")
        kept.execute("INSERT INTO shelves VALUES (1, 'staff', 'kb-1', 1, ?)", (np.zeros(2, dtype="<f4").tobytes(),))
        kept.execute("INSERT INTO pointer VALUES (1, 1)")
        kept.execute("INSERT INTO receipts VALUES ('a1', '2026-01-02 00:00:00', 1, 'ann', ?)", (body,))
        kept.execute("INSERT INTO sources VALUES ('mine', 'folder', '/x', NULL, '', 'staff', '', NULL, NULL)")
    kept.close()


def test_a_database_in_use_is_upgraded_with_all_that_is_in_it(tmp_path):
    first(tmp_path / "ledger.db")
    engine = open_database(f"sqlite:///{tmp_path / 'ledger.db'}")
    ledger = Ledger(engine)
    assert ledger.live().number == 1
    (shelf,) = ledger.shelves(1)
    assert (shelf.name, shelf.visibility, dict(shelf.dead)) == ("kb-1", "staff", {})
    found = ledger.passages(1, ["p1"], frozenset({"staff"}))
    assert (found["p1"][0].text, found["p1"][0].context) == ("A vendor asks.", "")
    assert ledger.documents(1, frozenset({"staff"})) == [DOCUMENT]
    assert Receipts(engine).citing(["p1"]) == {"p1": ["a1"]}
    chain = Receipts(engine).chain()
    assert (chain.count, chain.breaks) == (1, ())
    assert Receipts(engine).sealed("a1").untouched
    engine.dispose()

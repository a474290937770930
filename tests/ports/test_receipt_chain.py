"""The chain of receipts on SQLite and on PostgreSQL: one line of seals, and no touch that it does not tell."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete, select, update

from knowledge.store import schema
from knowledge.store.chain import START
from knowledge.store.database import open_database
from knowledge.store.receipts import Receipts
from knowledge.store.secret import shared_secret


def fill(engine, count=4):
    receipts = Receipts(engine)
    for n in range(1, count + 1):
        receipts.keep(f"a{n}", "ann", 1, {"question": f"May we {n}? ä\u2028\ud83d", "total": 0.1 * n})
    return receipts


def touch(engine, statement):
    with engine.begin() as connection:
        connection.execute(statement)


def test_receipts_of_many_writers_stand_in_one_chain(database):
    engines = [open_database(database) for _ in range(3)]
    try:
        with ThreadPoolExecutor(9) as pool:
            for n in range(60):
                # Every answer is kept twice, as after a retry.
                pool.submit(Receipts(engines[n % 3]).keep, f"a{n // 2}", "ann", 1, {"n": n})
        chain = Receipts(engines[0]).chain()
        assert (chain.count, chain.breaks) == (30, ())
        with engines[0].connect() as connection:
            rows = connection.execute(select(schema.receipts).order_by(schema.receipts.c.n)).all()
        assert [row.n for row in rows] == list(range(1, 31))
        assert [row.previous for row in rows] == [START, *(row.sha256 for row in rows[:-1])]
        assert chain.head == rows[-1].sha256
    finally:
        for engine in engines:
            engine.dispose()


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (update(schema.receipts).where(schema.receipts.c.n == 2).values(body={"question": "Other?"}), [(2, "a2")]),
        (update(schema.receipts).where(schema.receipts.c.n == 3).values(asker="eve"), [(3, "a3")]),
        (delete(schema.receipts).where(schema.receipts.c.n == 2), [(3, "a3")]),
        (delete(schema.receipts).where(schema.receipts.c.n == 4), [(4, "")]),
        (delete(schema.receipts), [(4, "")]),
        (update(schema.chain).values(sha256=START), [(4, "")]),
    ],
)
def test_a_receipt_that_is_changed_or_taken_away_is_told(engine, statement, told):
    receipts = fill(engine)
    assert receipts.chain().breaks == ()
    touch(engine, statement)
    assert [(one.n, one.answer_id) for one in receipts.chain().breaks] == told


def test_a_record_that_is_sealed_anew_still_breaks_the_chain_after_it(engine):
    receipts = fill(engine)
    from dataclasses import replace

    from knowledge.store.chain import seal

    forged = replace(receipts.sealed("a2"), body={"question": "Other?"})
    values = {"body": forged.body, "sha256": seal(forged)}
    touch(engine, update(schema.receipts).where(schema.receipts.c.n == 2).values(**values))
    assert receipts.sealed("a2").untouched
    assert [(one.n, one.words) for one in receipts.chain().breaks] == [
        (3, "receipt 2 before it was replaced after it had been sealed")
    ]


def test_the_shared_secret_is_made_once(database):
    first, second = open_database(database), open_database(database)
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda n: shared_secret((first, second)[n % 2], "links"), range(16)))
    assert [len(one) for one in made] == [32]
    assert shared_secret(first, "other") not in made
    first.dispose()
    second.dispose()

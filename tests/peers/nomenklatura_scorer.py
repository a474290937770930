"""Scores pairs of names with nomenklatura's logic-v2, in an interpreter that has it: JSON in on stdin, JSON out on stdout."""

import json
import sys
import time
from importlib.metadata import version

from followthemoney import model
from nomenklatura.matching import LogicV2, ScoringConfig

from tests.peers.measure import peak


def main():
    """Score `pairs`, two names each, and `asked`, a name with the parties that it may be, each by its names."""
    work = json.load(sys.stdin)
    config = ScoringConfig.defaults()
    LogicV2.compare(company(["Warm Up GmbH"]), company(["Warm-up Limited"]), config)
    began = time.perf_counter()
    scores = [LogicV2.compare(company([a]), company([b]), config).score for a, b in work["pairs"]]
    spent = time.perf_counter() - began
    found, times = [], []
    for name, parties in work["asked"]:
        asked, known = company([name]), [company(names) for names in parties]
        start = time.perf_counter()
        found.append([LogicV2.compare(asked, one, config).score for one in known])
        times.append((time.perf_counter() - start) * 1000)
    told = {
        "scores": scores, "pair_us": spent / max(len(scores), 1) * 1e6, "found": found, "times": times,
        "peak_mb": peak(), "versions": {name: version(name) for name in ("nomenklatura", "rigour")},
    }  # fmt: skip
    json.dump(told, sys.stdout)


def company(names):
    """Return a company of these names as nomenklatura takes it."""
    return model.get_proxy({"id": "|".join(names)[:200], "schema": "Company", "properties": {"name": list(names)}})


if __name__ == "__main__":
    main()

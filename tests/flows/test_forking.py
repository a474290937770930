"""The processes of the tests themselves: a fork is a process of its own and ends as the command ends."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

from knowledge.store.verify import Verifier
from tests.flows.forking import CHECKER, fork, launcher
from tests.flows.processes import caveat, cold


def test_a_fork_says_and_ends_as_a_process_from_nothing_does(tmp_path):
    asked = ("ask", "Can we host it?", "--as-of", "yesterday")
    forked, begun = caveat(tmp_path, *asked), cold(tmp_path, *asked)
    assert (forked.returncode, forked.stdout, forked.stderr) == (2, begun.stdout, begun.stderr)
    assert "yesterday is not a date" in forked.stderr


def test_a_fork_that_is_killed_says_by_what(tmp_path):
    with (tmp_path / "log").open("w") as log:
        server = fork(["web"], {**os.environ, "CAVEAT_HOME": str(tmp_path), "PORT": "0"}, out=log, err=log)
        assert server.returncode is None
        server.kill()
        assert server.wait_here(30) == -signal.SIGKILL


def test_the_check_of_a_refresh_that_is_killed_takes_its_fork_along_and_the_next_one_works(tmp_path):
    until = time.monotonic() + 120
    waiting = subprocess.Popen([launcher(), "-m", CHECKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with waiting:
        (stem,) = {one for one in _parents() if "tests.flows.forking" in one[2] and one[1] == os.getpid()}
        while not (forks := [pid for pid, parent, _ in _parents() if parent == stem[0]]):
            assert time.monotonic() < until
        waiting.kill()
    while any(Path(f"/proc/{pid}").exists() for pid in forks):
        assert time.monotonic() < until
    request = json.dumps({"folder": str(tmp_path), "url": "", "claims": []})
    said = subprocess.run([launcher(), "-m", CHECKER], input=request, capture_output=True, text=True, check=True)
    assert json.loads(said.stdout) == []
    Verifier(tmp_path).check([])


def _parents() -> list[tuple[int, int, str]]:
    """The processes that run: number, that of the parent, and command."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            told, command = (place / "stat").read_text(), (place / "cmdline").read_text()
        except OSError:  # it has ended meanwhile
            continue
        found.append((int(place.name), int(told.rpartition(")")[2].split()[1]), command))
    return found

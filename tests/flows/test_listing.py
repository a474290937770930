"""Lists from a publisher to screening: fetched over HTTP, held against what was, served whole, refused with a reason."""

import csv
import io
import json
import os
import signal
import subprocess
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from rich.console import Console
from starlette.responses import Response

from bot import build, sourcing, vetting
from bot.cardview import show_card
from bot.doctor import examine
from bot.dossier import as_json as card_json
from bot.model import Asker, Place, VendorCheck
from bot.renew import as_json, renew
from bot.settings import Settings
from bot.slack import cards
from bot.status import status
from knowledge.errors import ListsUnavailable, RefreshRunning, SourceRefused
from knowledge.listing import NOTHING, Came, Lister, refresh_lists
from knowledge.lists.dod import COLUMNS
from knowledge.sources.http import Http
from knowledge.store.catalog import LIST
from tests.flows.processes import CAVEAT, caveat, caveat_json
from tests.servers.sources.replay import Replay, drip

DOD, SDN, UN = "us.dod-1260h", "us.ofac-sdn", "un.consolidated"
NOW = datetime(2026, 11, 25, 8, 30, tzinfo=UTC)


@pytest.fixture
def web():
    with Replay() as replay:
        yield replay


class Home:
    """A state folder of its own with its lists; time goes on by a day with each refresh."""

    def __init__(self, folder, http):
        self.settings = Settings(CAVEAT_HOME=folder)
        self.library = build.library(self.settings)
        self.lists = vetting.lists(self.settings, self.library)
        self.now = NOW
        made = vetting.lister(self.settings, self.library)
        http.seconds = 2.0
        self.work = Lister(made.lease, made.catalog, self.lists, http, lambda: self.now)

    def add(self, name, at):
        assert self.library.catalog.add(sourcing.source_spec(self.settings, name, LIST, str(at), "", "", "staff", ""))

    def refresh(self, *only, **how):
        self.now += timedelta(days=1)
        return {one.list_id: one for one in refresh_lists(self.work, only, **how).lists}

    def state(self, name):
        return next(one for one in self.lists.states(self.now.date()) if one.id == name)

    def finds(self, text):
        view = self.lists.loaded(self.now.date())
        return [view.party(match.party)[1].name for match in view.names.find(text) if match.score == 1]


@pytest.fixture
def here(tmp_path, web):
    made = Home(tmp_path / "home", web.http)
    yield made
    made.library.engine.dispose()


def dod(count=60, first=0, columns=COLUMNS):
    """Write a Section 1260H table of invented companies."""
    written = io.StringIO()
    table = csv.DictWriter(written, columns, extrasaction="ignore")
    table.writeheader()
    for number in range(first, first + count):
        name = f"Zelkova Heavy Works {number:03} Co., Ltd."
        table.writerow(
            {**dict.fromkeys(COLUMNS, ""), "Name": name, "Start date": "2026-06-08", "Source Url": "https://x"}
        )
    return written.getvalue().encode()


def test_a_fetched_list_replaces_the_shipped_one_and_a_reader_keeps_the_view_it_holds(here, web):
    assert here.state(DOD).shipped
    assert here.finds("Zelkova Heavy Works 003 Co., Ltd.") == []
    here.add(DOD, web.put("/dod.csv", dod()))
    change = here.refresh()[DOD]
    assert (change.came, len(change.difference.added)) == (Came.TAKEN, 60)
    held = here.lists.loaded(here.now.date())
    state = here.state(DOD)
    assert (state.shipped, state.rows, state.stale, state.failure, state.read_at) == (False, 60, False, "", here.now)
    for first in (5, 10, 15):
        web.put("/dod.csv", dod(first=first))
        change = here.refresh()[DOD]
        assert [len(getattr(change.difference, kind)) for kind in ("added", "removed", "changed")] == [5, 5, 0]
    assert here.finds("Zelkova Heavy Works 003 Co., Ltd.") == []
    assert here.finds("Zelkova Heavy Works 070 Co., Ltd.") == ["Zelkova Heavy Works 070 Co., Ltd."]
    (found, *_) = held.names.find("Zelkova Heavy Works 003 Co., Ltd.")
    assert held.party(found.party)[1].listings[0].start == date(2026, 6, 8)
    assert len(list((here.settings.state / "names").iterdir())) == 2


def test_a_list_that_comes_again_is_current_again_and_one_that_does_not_grows_stale(here, web):
    web.put("/dod.csv", dod())
    here.add(DOD, f"{web.base}/dod.csv")
    here.refresh()
    here.now += timedelta(days=401)
    assert here.state(DOD).stale
    assert here.refresh()[DOD].came is Came.UNCHANGED
    assert (here.state(DOD).stale, here.state(DOD).read_at) == (False, here.now)


def test_a_list_in_another_order_is_taken_and_has_not_changed(here, web):
    here.add(DOD, web.put("/dod.csv", dod()))
    here.refresh()
    header, *rows = dod().splitlines(keepends=True)
    web.put("/dod.csv", header + b"".join(rows[::-1]))
    change = here.refresh()[DOD]
    assert (change.came, change.difference) == (Came.TAKEN, NOTHING)


def test_an_index_that_cannot_be_written_leaves_the_old_lists_and_says_so(here, web):
    here.add(DOD, web.put("/dod.csv", dod()))
    here.refresh()
    names = here.settings.state / "names"
    names.rename(names.with_name("away"))
    names.write_bytes(b"in the way")
    web.put("/dod.csv", dod(first=20))
    with pytest.raises(ListsUnavailable, match="kept in the database"):
        here.refresh()
    assert here.finds("Zelkova Heavy Works 003 Co., Ltd.")
    names.unlink()
    here.refresh()
    assert here.finds("Zelkova Heavy Works 070 Co., Ltd.")


def test_a_copy_in_a_folder_is_as_old_as_it_is_and_not_as_new_as_its_reading(here, tmp_path):
    place = tmp_path / "dod.csv"
    place.write_bytes(dod())
    long_ago = (NOW - timedelta(days=500)).timestamp()
    os.utime(place, (long_ago, long_ago))
    here.add(DOD, place)
    assert here.refresh()[DOD].came is Came.TAKEN
    assert here.state(DOD).stale
    assert here.state(DOD).day == (NOW - timedelta(days=500)).date()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (dod()[:-9], "the file is cut off: its last row has no end"),
        (dod(6), "the list has 6 rows where it is known to have at least 50"),
        (dod(columns=COLUMNS[:3]), "the format may be older or new"),
        (b"<!DOCTYPE html><html>We are sorry.</html>", "a web page instead of the list"),
        (b"", "the file is empty"),
        (
            lambda _: Response(dod(), headers={"content-length": "9999"}),
            "127.0.0.1 broke off in the middle of its answer",
        ),
        (lambda _: Response("gone", 404), "127.0.0.1 answers with status 404"),
    ],
    ids=["truncated", "tenth", "older", "page", "empty", "short", "gone"],
)
def test_what_is_no_whole_list_is_refused_and_the_last_good_one_stays(here, web, content, reason):
    here.add(DOD, web.put("/dod.csv", dod()))
    here.refresh()
    good = here.state(DOD)
    web.put("/dod.csv", content)
    change = here.refresh()[DOD]
    assert change.came is Came.REFUSED
    assert reason in change.failure
    assert change.failure.endswith("; the list read on 26 Nov 2026 stays in service")
    state = here.state(DOD)
    assert reason[5:] in state.failure
    assert (state.rows, state.read_at, state.loaded) == (60, good.read_at, True)
    assert here.finds("Zelkova Heavy Works 003 Co., Ltd.")
    assert here.library.catalog.notes()[DOD].error == change.failure
    web.put("/dod.csv", dod())
    here.refresh()
    assert (here.state(DOD).failure, here.library.catalog.notes()[DOD].error) == ("", "")


def test_one_list_that_fails_keeps_none_of_the_others_and_a_first_reading_that_fails_says_what_there_is(here, web):
    here.add(DOD, web.put("/dod.csv", dod(3)))
    here.add(UN, f"{web.base}/nothing.xml")
    here.add("us.bis-dpl", web.put("/dpl.txt", b"Name\tNone\n"))
    changes = here.refresh()
    assert [one.came for one in changes.values()] == [Came.REFUSED] * 3
    assert changes[DOD].failure.endswith("what ships with Caveat stays in service")
    assert changes[UN].failure.endswith("nothing of this list is in service")
    web.put("/dod.csv", dod())
    assert here.refresh(DOD).keys() == {DOD}
    assert here.state(DOD).rows == 60


def test_a_list_that_is_removed_leaves_and_the_shipped_one_is_back(here, web):
    here.add(DOD, web.put("/dod.csv", dod()))
    here.refresh()
    here.library.catalog.remove(DOD)
    assert here.refresh()[DOD].came is Came.WITHDRAWN
    assert here.state(DOD).shipped
    assert here.finds("Zelkova Heavy Works 003 Co., Ltd.") == []


@pytest.mark.parametrize("step", range(3))
def test_a_refresh_that_dies_at_any_step_leaves_the_old_lists_readable_and_the_next_one_goes_on(here, web, step):
    here.add(DOD, web.put("/dod.csv", dod()))
    here.refresh()
    web.put("/dod.csv", dod(first=20))
    steps = Counter()

    def die(_progress):
        steps["seen"] += 1
        if steps["seen"] == step + 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        here.refresh(watch=die)
    another = Home(here.settings.home, Http())
    for reader in (here, another):
        assert reader.finds("Zelkova Heavy Works 003 Co., Ltd.")
        assert reader.finds("Zelkova Heavy Works 070 Co., Ltd.") == []
    here.refresh()
    for reader in (here, another):
        assert reader.finds("Zelkova Heavy Works 003 Co., Ltd.") == []
        assert reader.finds("Zelkova Heavy Works 070 Co., Ltd.")
    another.library.engine.dispose()


def test_a_killed_process_leaves_what_was_in_service_and_gives_the_lease_back(here, web):
    here.add(DOD, web.put("/dod.csv", dod()))
    here.refresh()
    web.put("/dod.csv", dod(first=20))
    here.add("us.fcc-covered-list", web.put("/slow.html", drip))  # read after the other one
    env = {**os.environ, "CAVEAT_HOME": str(here.settings.home), "CAVEAT_PRIVATE_HOSTS": "127.0.0.1"}
    names = (DOD, "us.fcc-covered-list")
    with subprocess.Popen(
        [*CAVEAT, "refresh", *names], env=env, start_new_session=True, stderr=subprocess.DEVNULL
    ) as run:
        while not web.asked("/slow.html"):
            time.sleep(0.05)
            assert run.poll() is None
        with pytest.raises(RefreshRunning):
            here.refresh()
        run.send_signal(signal.SIGKILL)
    assert here.finds("Zelkova Heavy Works 003 Co., Ltd.")
    here.refresh(DOD)
    assert here.finds("Zelkova Heavy Works 070 Co., Ltd.")


def spoiled(raw, change):
    """Return sdn.csv with each of its rows changed; the mark at its end stays."""
    rows = list(csv.reader(io.StringIO(raw.decode("cp1252"))))[:-1]
    written = io.StringIO()
    csv.writer(written).writerows(change(rows))
    return written.getvalue().encode("cp1252") + b"\x1a\r\n"


def test_the_sdn_list_over_http_is_refused_truncated_reordered_older_or_with_a_tenth_of_its_rows(here, web, shared):
    served = {name: (shared / "lists/ofac" / name.lower()).read_bytes() for name in ("SDN.CSV", "ADD.CSV", "ALT.CSV", "SDN_COMMENTS.CSV")}  # fmt: skip
    for name, raw in served.items():
        web.put(f"/ofac/{name}", raw, "text/csv")
    here.add(SDN, f"{web.base}/ofac")
    change = here.refresh()[SDN]
    assert (change.reading.rows, change.reading.parties) == (8_976, 3_673)
    assert dict(change.reading.skipped) == {"person": 4_620, "vessel": 406, "aircraft": 277}
    tables = {
        "the file is cut off": served["SDN.CSV"][: len(served["SDN.CSV"]) // 2],
        "have a person's kind": spoiled(served["SDN.CSV"], lambda rows: [[*r[:2], r[3], r[2], *r[4:]] for r in rows]),
        "is not one of the 12 columns": spoiled(served["SDN.CSV"], lambda rows: [row[:10] for row in rows]),
        "parties that sdn.csv does not have": spoiled(served["SDN.CSV"], lambda rows: rows[::10]),
    }
    for reason, raw in tables.items():
        web.put("/ofac/SDN.CSV", raw, "text/csv")
        change = here.refresh()[SDN]
        assert change.came is Came.REFUSED, reason
        assert reason in change.failure
        assert "read on 26 Nov 2026, stays" in change.failure.replace("2026 stays", "2026, stays")
    assert here.state(SDN).rows == 8_976
    assert here.finds("BANCO NACIONAL DE CUBA")


def test_the_un_list_is_refused_older_and_the_retired_british_format_has_no_first_reading(here, web, shared):
    here.add(UN, web.put("/un.xml", (shared / "lists/un/consolidated.xml").read_bytes(), "text/xml"))
    old = (shared / "lists/uk/ofsi_conlist_OLD_format_sample.csv").read_bytes()
    here.add("uk.sanctions-list", web.put("/uk.csv", old, "text/csv"))
    changes = here.refresh()
    assert changes["uk.sanctions-list"].failure.endswith("; nothing of this list is in service")
    assert (changes[UN].reading.snapshot, here.state(UN).stale) == (date(2026, 2, 27), True)
    raw = (shared / "lists/un/consolidated.xml").read_bytes()
    web.put("/un.xml", raw.replace(b'dateGenerated="2026', b'dateGenerated="2025', 1), "text/xml")
    failure = here.refresh(UN)[UN].failure
    assert "is of 2025-02-27 and older than the one in service, which is of 2026-02-27" in failure
    assert failure.endswith("; the list of 27 Feb 2026, read on 26 Nov 2026, stays in service")


def test_lists_are_added_refreshed_by_schedule_and_shown_on_the_command_line(home, web):
    web.put("/dod.csv", dod())
    private = {"CAVEAT_PRIVATE_HOSTS": "127.0.0.1"}
    add = ("sources", "add", DOD, "--type", "list", "--at", f"{web.base}/dod.csv", "--every", "1d")
    assert caveat(home, *add).returncode == 0
    report = caveat_json(home, "refresh", "--due", **private)
    assert (report["edition"], report["previous"], report["failed"]) == (1, 1, [])
    assert [(one["id"], one["came"], one["added"]) for one in report["lists"]] == [(DOD, "taken", 60)]
    listed = {one["id"]: one for one in caveat_json(home, "lists")["lists"]}
    assert (listed[DOD]["rows"], listed[DOD]["loaded"], listed["eu.fsf"]["loaded"]) == (60, True, False)


def test_documents_and_lists_are_renewed_together_and_status_and_doctor_name_what_failed_and_is_stale(home, web):
    settings = Settings(CAVEAT_HOME=home, CAVEAT_PRIVATE_HOSTS="127.0.0.1")
    library = build.library(settings)
    library.catalog.add(sourcing.source_spec(settings, DOD, LIST, web.put("/dod.csv", dod(3)), "", "", "staff", ""))
    report = as_json(renew(settings, library))
    assert report["unchanged"] > 50
    assert [failure["source"] for failure in report["failed"]] == [DOD]
    (row,) = [one for one in status(settings, library)["lists"] if one["failure"]]
    assert row["note"].startswith("The list has 3 rows where it is known to have at least 50.")
    assert row["note"].endswith("The list of 2026-06-08, shipped with Caveat, is in service.")
    checks = {one["check"]: one for one in examine(settings, library)}
    assert checks[f"source {DOD}"]["state"] == "bad"
    assert "what ships with Caveat stays in service" in checks[f"source {DOD}"]["note"]


@pytest.mark.parametrize(
    ("name", "at", "words"),
    [
        ("us.nothing", "default", "us.ofac-sdn"),
        ("us.ndaa-889", "default", "ships with Caveat"),
        (DOD, "default", "no address"),
        ("wb.debarred", "default", "CAVEAT_SECRET_WB_DEBARRED"),
        (SDN, "/no/such/place", "no file or folder"),
        (SDN, "ftp://x/sdn.csv", "https://"),
    ],
)
def test_a_list_that_cannot_be_is_refused_when_it_is_added(here, name, at, words):
    with pytest.raises(SourceRefused, match=words):
        here.add(name, at)


def rearranged(raw):
    """Return the table with what stood under one column under the next, below the same header."""
    header, *rows = list(csv.reader(io.StringIO(raw.decode())))
    written = io.StringIO()
    csv.writer(written).writerows([header, *([row[-1], *row[:-1]] for row in rows)])
    return written.getvalue().encode()


async def test_a_card_says_in_every_form_how_old_the_last_good_list_is_and_why_a_later_one_was_refused(here, web):
    here.add(DOD, web.put("/dod.csv", dod()))
    here.add(UN, web.put("/un.xml", b"<html>We are sorry.</html>"))
    here.refresh()
    checking = replace(vetting.checking(here.settings, here.library), today=lambda: here.now.date())  # noqa: PLW0108 - time goes on
    refused = {
        "The file is cut off: its last row has no end.": dod()[:-9],
        "which is 10% of it": dod(6),
        "the format may be older": dod(columns=COLUMNS[:3]),
        "0% of the parties have a date where 100% had one": rearranged(dod()),
    }
    for days, (reason, raw) in enumerate(refused.items(), 1):
        web.put("/dod.csv", raw)
        assert here.refresh(DOD)[DOD].came is Came.REFUSED
        name = "Zelkova Heavy Works 003"
        card = await checking.check(VendorCheck(f"list-{days}", name, Asker("ann", staff=True), Place("terminal")))
        age = f"{days} day{'s' if days > 1 else ''} old"
        words = f"DoD Section 1260H list could not be renewed, and the one of 26 Nov 2026 ({age}) stays in service: "
        body = card_json(card)
        probable = {one["party"] for one in body["listings"] if one["grade"] == "probable"}
        assert probable == {f"{name} Co., Ltd."}
        assert {one["as_of"] for one in body["listings"]} == {"2026-11-26"}
        (listed,) = [one for one in body["lists"] if one["id"] == DOD]
        assert (listed["snapshot_date"], listed["rows"], listed["stale"]) == ("2026-11-26", 60, False)
        console = Console(width=1000, record=True, file=io.StringIO())
        show_card(console, card)
        said = (" ".join(body["unknowns"]), console.export_text(), json.dumps(cards.render(card), ensure_ascii=False))
        for form in said:
            assert words in form
            assert reason in form.partition(words)[2]
            assert (
                "UN Security Council Consolidated List could not be loaded, and nothing of it is in service: " in form
            )
    web.put("/dod.csv", dod())
    here.refresh(DOD)
    card = await checking.check(VendorCheck("renewed", name, Asker("ann", staff=True), Place("terminal")))
    assert not [limit for limit in card.limits if "could not be renewed" in limit]

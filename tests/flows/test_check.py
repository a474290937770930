"""A vendor check from the typed name to the card, over the starter edition and the lists that ship."""

import html
import re
from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest

from bot import build, vetting
from bot.card import Card
from bot.checking import Checking, check_id
from bot.dossier import as_json
from bot.model import Asker, Level, Place, VendorCheck
from bot.settings import Settings
from knowledge.model import Role
from tests.flows.asking import ANN, GUEST, TERMINAL
from tests.flows.processes import caveat, caveat_json

TOP = (
    "check_id query country edition as_of rung refused reason resolved level level_reasons categories listings lists"
    " decisions decided decision background unknowns next_steps choices sources timings_ms receipt_url"
)
INNER = {
    "resolved": "vendor_id name how grade",
    "categories": "category level findings",
    "listings": "list party grade score measure effect status valid_from valid_to citation url as_of",
    "lists": "id title snapshot_date rows stale",
    "next_steps": "text source",
}


@pytest.fixture(scope="module")
def checking(library: build.Library) -> Checking:
    return vetting.checking(Settings(CAVEAT_HOME="/nowhere"), library)


async def check(checking: Checking, name: str, asker: Asker = ANN, place: Place = TERMINAL, **more) -> Card:
    return await checking.check(VendorCheck(more.pop("key", uuid4().hex), name, asker, place, **more))


async def test_the_seed_vendor_gets_its_listing_the_law_the_policy_and_the_next_steps(checking):
    card = await check(checking, "Alibaba Cloud")
    assert card.risk.level is Level.HIGH
    assert [one.name for one in card.resolved] == ["Alibaba Group Holding Limited"]
    assert {Role.LAW, Role.POLICY, Role.NEWS} <= {claim.role for claim in card.claims}
    cited = {source.n: source for source in card.sources}
    assert "POL-03" in {cited[step.source].document.short for step in card.next_steps}
    assert card.next_steps[-1].text == "Ask the Head of Trade Compliance, who owns POL-03."


@pytest.mark.parametrize("name", ["Hikvision USA", "Kaspersky", "Bäckerei Müller GmbH"])
async def test_every_sentence_of_a_card_stands_in_its_source(checking, name):
    card = await check(checking, name)
    sources = {source.n: source.passage for source in card.sources}
    rows = dict(card.listed)
    for line in (line for section in card.sections for line in section.lines):
        if line.claim:
            passage = sources[line.source]
            assert passage.text[line.claim.start : line.claim.end] == line.claim.quote
        else:
            assert rows[line.source].id == line.row.id
    for step in card.next_steps:
        assert step.text in sources[step.source].text or step.text.startswith("Ask the ")
    assert not set(sources) & set(rows)


async def test_what_a_company_forbids_by_name_decides_and_its_passage_is_shown(checking):
    card = await check(checking, "Kaspersky")
    assert "POL-07 §5.1" in {claim.passage.citation for claim in card.claims}
    assert any("company policy forbids it" in reason for reason in card.risk.reasons)


async def test_a_single_allegation_decides_nothing_also_in_its_category(checking):
    card = await check(checking, "Alibaba Cloud", as_of=date(2026, 1, 1))
    assert Role.NEWS in {claim.role for claim in card.claims}
    assert card.risk.level in {Level.LOW, Level.MODERATE}
    assert not any("allegation" in reason for reason in card.risk.reasons)
    assert {section.level for section in card.sections} <= {Level.UNKNOWN, Level.LOW, Level.MODERATE}
    assert any(limit.startswith("No edition was kept before") for limit in card.limits)


async def test_a_passage_on_another_vendor_of_the_same_document_says_nothing_of_this_one(checking):
    card = await check(checking, "Hikvision USA")
    assert "POL-07 §5.2" in {claim.passage.citation for claim in card.claims}
    assert not any("Kaspersky" in claim.quote for claim in card.claims)


async def test_a_vendor_that_nothing_names_gets_no_level_and_only_what_policy_demands(checking):
    card = await check(checking, "Bäckerei Müller GmbH")
    assert card.risk.level is Level.UNKNOWN
    assert (card.claims, card.sections, card.rows) == ((), (), ())
    assert card.limits[0].startswith("No match in these lists as of these dates: ")
    assert "vendor whose risk level is unknown" in card.next_steps[0].text


@pytest.mark.parametrize("name", ["Target", "Box Ltd", "Security", "Data Protection"])
async def test_a_name_that_is_an_ordinary_word_is_not_found_in_texts_that_use_the_word(checking, name):
    assert (await check(checking, name)).claims == ()


async def test_a_guest_sees_no_policy_and_a_shared_place_shows_what_all_there_may_read(checking):
    for asker, place in ((GUEST, TERMINAL), (ANN, Place("channel", frozenset({"public"})))):
        card = await check(checking, "Kaspersky", asker, place)
        assert card.claims
        assert {source.document.visibility for source in card.sources} == {"public"}
        assert card.next_steps == ()
        assert not any("policy" in reason for reason in card.risk.reasons)


async def test_a_check_is_kept_once_and_its_receipt_can_be_verified(checking, library):
    first = await check(checking, "Hikvision USA", key="event-1")
    again = await check(checking, "Hikvision USA", key="event-1")
    assert first.id == again.id == check_id("event-1")
    kept = library.receipts.sealed(first.id)
    assert kept.body["kind"] == "check"
    assert kept.body["lists"][0]["snapshot_date"]
    assert kept.body["findings"][0]["sources"] == [1]
    exhibits = build.exhibits(Settings(CAVEAT_HOME="/nowhere"), library)
    assert exhibits.verify(kept).untouched
    assert "Vendor check: Hikvision USA" in exhibits.memo(kept)


async def test_what_cannot_be_searched_is_said_and_not_kept(checking, library):
    before = library.receipts.count()
    card = await check(checking, "🎉")
    assert card.refused.startswith("A name needs at least two letters.")
    assert library.receipts.count() == before


async def test_the_json_has_the_keys_of_the_contract_and_no_others(checking):
    body = as_json(await check(checking, "Hikvision USA"))
    assert list(body) == TOP.split()
    for part, keys in INNER.items():
        assert body[part]
        assert {tuple(one) for one in body[part]} == {tuple(keys.split())}
    findings = [one for section in body["categories"] for one in section["findings"]]
    keys = {"listing_id" if "listing_id" in one else "passage_id": tuple(one) for one in findings}
    assert keys == {key: ("text", "role", "quote", key, "source") for key in ("listing_id", "passage_id")}
    assert [one["n"] for one in body["sources"]] == list(range(1, len(body["sources"]) + 1))


async def test_lists_alone_answer_where_nothing_has_been_published(tmp_path):
    settings = Settings(CAVEAT_HOME=tmp_path)
    card = await check(vetting.checking(settings, build.library(settings)), "ZTE", as_of=date(2026, 11, 25))
    assert (card.rung, card.edition) == ("R4", None)
    assert card.risk.level is Level.HIGH
    assert card.limits[-1].startswith("The knowledge base is empty")


async def test_where_the_knowledge_base_takes_too_long_the_card_stands_on_lists_alone_and_says_so(checking):
    card = await check(replace(checking, seconds=0.0), "Hikvision USA")
    assert (card.rung, card.claims, len(card.resolved)) == ("R4", (), 1)
    assert card.limits[-1].startswith("The knowledge base did not answer in time")
    assert as_json(card)["listings"]


async def test_a_watch_is_neither_begun_nor_looked_at_where_the_knowledge_base_does_not_answer(checking, library):
    settings = Settings(CAVEAT_HOME="/nowhere")
    quick = vetting.watching(settings, library, checking)
    slow = vetting.watching(settings, library, replace(checking, seconds=0.0))
    asked = VendorCheck(uuid4().hex, "Hikvision USA", ANN, TERMINAL)
    assert (await slow.add(asked)).refused.startswith("The knowledge base did not answer in time")
    assert (await quick.add(asked)).new
    (watch,) = quick.watches.of(ANN.id)
    assert await slow.look(watch, ANN, TERMINAL, "later") is None
    assert quick.watches.of(ANN.id) == [watch]
    assert await quick.look(watch, ANN, TERMINAL, "later") is None
    assert quick.watches.due("later") == []
    assert await quick.stop(ANN.id, "hikvision  usa")


def test_the_command_prints_a_card_and_its_exit_code_tells_how_it_ended(home):
    said = caveat(home, "check", "Aliyun", "--as-of", "2026-11-25")
    assert said.returncode == 0, said.stderr
    assert said.stdout.startswith("High risk for Aliyun: affiliate of Alibaba Group Holding Limited")
    body = caveat_json(home, "check", "ZTE", "--as", "nobody")
    assert body["next_steps"] == []
    shown = caveat(home, "receipt", body["check_id"]).stdout
    assert "procurement bans, high: Possible match, probable by its name" in shown
    assert caveat(home, "check", "a").returncode == 2


@pytest.mark.parametrize("name", ["Alibaba Cloud", "ZTE", "CATL"])
async def test_the_printed_memo_has_every_source_that_it_numbers_list_rows_too(checking, library, name):
    card = await check(checking, name)
    memo = build.exhibits(Settings(CAVEAT_HOME="/nowhere"), library).memo(library.receipts.sealed(card.id))
    body, sources = memo.split("<h2>Sources</h2>")
    numbered = set(re.findall(r'class="n"[^>]*>(\d+)<', body)) | set(re.findall(r"\[(\d+)\]", body))
    assert numbered
    assert numbered <= set(re.findall(r'<li><span class="n">(\d+)</span>', sources))
    assert all(row.found.party.name in html.unescape(sources) for _, row in card.listed)
    assert all(html.escape(row.standing.listing.url) in sources for _, row in card.listed)
    assert f"{card.risk.level.value} risk</p>" in memo

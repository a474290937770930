"""Administrators in Teams: where they are told what, their forms and files, and who may; refreshes stand in `test_doors`."""

import asyncio
import shutil

import pytest
import pytest_asyncio

from bot import build
from bot.settings import Settings
from knowledge.store.deeds import Deeds
from tests.flows.processes import running
from tests.flows.test_slack_files import DPA
from tests.servers.teams import Teams
from tests.servers.teams.content import elements, shown
from tests.servers.teams.model import ELSEWHERE, HOME

RULE = b"# Robots\n\n## 1 Rule\n\nZephyr robots may be kept for six months at most after the contract has ended.\n"
pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("teams_kb")]


class Keepers:
    """A server with two administrators, who have a group chat of their own, and who else writes to it."""

    def __init__(self, teams, home):
        self.teams, self.home = teams, home
        self.kim, self.lee = teams.add_person("Kim"), teams.add_person("Lee")
        self.guest = teams.add_person("Guy", role="guest")
        self.outsider = teams.add_person("Eve", tenant=ELSEWHERE)
        self.odd = teams.add_person("Odd", role="")
        self.keepers = teams.add("groupChat", self.kim, self.lee)
        self.mixed = teams.add("groupChat", self.kim, teams.grace, self.lee)
        self.general = teams.add("channel", self.kim, teams.grace)
        self.named = [self.kim, self.lee, self.guest, self.outsider, self.odd]

    def deeds(self):
        """The audit log."""
        return Deeds(build.library(Settings(CAVEAT_HOME=self.home)).engine).all()

    async def told(self, where, number):
        """What the bot wrote there last, once it wrote so often."""
        await self.teams.wait(lambda: len(self.teams.said(where)) >= number, 60)
        assert len(self.teams.said(where)) == number, [seen(one) for one in self.teams.said(where)]
        return self.teams.said(where)[-1]

    async def next(self, where, doing):
        """What the bot wrote there after this was done."""
        count = len(self.teams.said(where))
        await doing
        return await self.told(where, count + 1)


def seen(message):
    """All words of a message."""
    return "\n".join([message.text, *map(shown, message.cards)])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def keepers(starter_home, tmp_path_factory):
    """One server for the tests of this file."""
    home = shutil.copytree(starter_home, tmp_path_factory.mktemp("teamskb") / "home")
    async with Teams() as teams:
        made = Keepers(teams, home)
        admins = ",".join([f"{HOME}/{made.kim.object}", *(one.object for one in made.named[1:])])
        async with running(home, "serve", **teams.environment, CAVEAT_ADMINS=admins) as server:
            teams.endpoint = f"{server.url}/api/messages"
            yield made
            assert "Traceback" not in server.errors.read_text()


async def test_replies_stand_where_all_who_read_along_are_administrators_and_else_come_to_one_alone(keepers):
    teams, kim = keepers.teams, keepers.kim
    own = teams.personal(kim)
    assert "questions" in seen(await keepers.next(keepers.keepers, teams.say(kim, keepers.keepers, "vendor-kb status")))
    for where in (keepers.mixed, keepers.general):
        assert "question" in seen(await keepers.next(own, teams.say(kim, where, "/vendor-kb gaps")))
        assert teams.said(where) == []
    keepers.keepers.people.append(teams.grace)
    question = await keepers.next(own, teams.say(kim, keepers.keepers, "vendor-kb refresh"))
    keepers.keepers.people.remove(teams.grace)
    assert "Read all sources" in seen(question)
    said = await keepers.next(own, teams.say(kim, own, "vendor-kb frobnicate"))
    assert "There is no vendor-kb frobnicate, so nothing was done." in seen(said)
    assert "pairs add BRAND" in seen(said)
    unreachable = teams.people.pop(keepers.lee.id)
    refused = await keepers.next(keepers.mixed, teams.say(keepers.lee, keepers.mixed, "vendor-kb gaps"))
    teams.people[unreachable.id] = unreachable
    assert "I may not write to you alone" in seen(refused)


async def test_exactly_administrators_may_use_commands_buttons_forms_and_files(keepers):
    teams, kim = keepers.teams, keepers.kim
    own = teams.personal(kim)
    question = await keepers.next(own, teams.say(kim, own, "vendor-kb refresh"))
    before, fetched = keepers.deeds(), len(teams.fetched)
    await asyncio.gather(*(_denied(keepers, one, question) for one in (teams.grace, keepers.guest, keepers.odd)))
    strange = teams.activity(keepers.outsider, teams.personal(keepers.outsider), "message", text="vendor-kb status")
    assert await teams.deliver(strange) == 401
    for verb, text in (("kb_start", "{}"), ("kb_start", "["), ("kb_rollback", "one"), ("kb_tell", "[1]")):
        value = {"action": {"type": "Action.Execute", "verb": verb, "data": {"verb": verb, "text": text}}}
        forged = teams.activity(kim, own, "invoke", name="adaptiveCard/action", value=value, replyToId=question.id)
        reply = await keepers.next(own, teams.deliver(forged))
        assert "does nothing here any more" in seen(reply), (verb, text)
    assert len(teams.fetched) == fetched, "nobody's file is fetched who may not file it"
    assert "Read all sources" in seen(question)
    assert all(one.outcome.startswith("refused") for one in keepers.deeds() if one not in before)


async def _denied(keepers, one, question):
    """Whoever is no administrator gets the same words for commands, files, buttons and forms, and help."""
    teams, alone = keepers.teams, keepers.teams.personal(one)
    for word in ("gaps", "add", "frobnicate", "remove starter"):
        reply = await keepers.next(alone, teams.say(one, alone, f"vendor-kb {word}"))
        assert "Only administrators" in seen(reply), (one.name, word)
    assert "keeps the knowledge base" in seen(await keepers.next(alone, teams.say(one, alone, "vendor-kb help")))
    shared = await keepers.next(alone, teams.share(one, "robots.md", RULE))
    assert ("write your question into" if one is teams.grace else "Only administrators") in seen(shared)
    for verb, text in (("kb_start", '["mine"]'), ("kb_rollback", "1"), ("kb_file", "0" * 32), ("kb_tell", '["",""]')):
        value = {"action": {"type": "Action.Execute", "verb": verb, "data": {"verb": verb, "text": text}}}
        forged = teams.activity(one, alone, "invoke", name="adaptiveCard/action", value=value, replyToId=question.id)
        count = len(teams.said(alone))
        await teams.deliver(forged)
        answered = next(body for sent, _, body, _ in teams.deliveries if sent is forged)
        if one is teams.grace or verb == "kb_file":
            assert "Only administrators" in answered["value"]
        else:  # named, and yet no member: who that is is asked of Teams, after the press was taken
            assert "Only administrators" in seen(await keepers.told(alone, count + 1))


async def test_forms_say_what_is_wrong_and_files_are_kept_or_refused_in_words(keepers):
    teams, lee = keepers.teams, keepers.lee
    own = teams.personal(lee)
    form = await keepers.next(own, teams.say(lee, own, "vendor-kb add"))
    good = {"name": "news", "type": "feed", "at": "https://example.test/feed.xml", "visibility": "staff", "kind": "-"}
    for change, words in (
        ({"name": ""}, "Name is missing"), ({"visibility": "everyone"}, "visibility"), ({"at": "x" * 2001}, "too long"),
        ({"type": "folder", "at": "/etc"}, "caveat sources add"), ({"name": "bad name"}, "name"),
    ):  # fmt: skip
        said = await teams.press(lee, form, "Add", **good | change)
        assert words in said["value"], change
        assert "Nothing was done" in said["value"]
    await teams.press(lee, form, "Add", **good)
    await teams.wait(lambda: "Source news is added" in seen(form), 60)
    again = await keepers.next(own, teams.say(lee, own, "vendor-kb add"))
    assert "already" in (await teams.press(lee, again, "Add", **good))["value"]

    earlier = len(teams.fetched)
    offer = await keepers.next(own, teams.share(lee, "robot-rules.md", RULE))
    filled = {"title": "Robot rules", "visibility": "everyone", "kind": "policy"}
    assert "Write public" in (await teams.press(lee, offer, "File it", **filled))["value"]
    other = teams.activity(
        keepers.kim, teams.personal(keepers.kim), "invoke", name="adaptiveCard/action",
        value={"action": {"verb": "kb_file", "data": next(
            one["data"] for one in elements(offer.cards[0]) if one["type"] == "Action.Execute"
        ) | filled | {"visibility": "public"}}},
    )  # fmt: skip
    assert "does not wait here" in seen(await keepers.next(teams.personal(keepers.kim), teams.deliver(other)))
    await teams.press(lee, offer, "File it", **filled | {"visibility": "public"})
    await teams.wait(lambda: "is kept as robot-rules-" in seen(offer), 60)
    (kept,) = (keepers.home / "uploads").glob("robot-rules-*.md")
    assert kept.read_bytes() == RULE
    assert {token for _, token in teams.fetched} == {""}, "no token of ours goes to where files lie"

    before = len(teams.fetched)
    for name, content, more, words in (
        ("virus.exe", b"MZ", {}, "this format is not read"),
        ("rules.pdf", b"no pdf", {}, "no PDF although its name says so"),
        ("rules.docx", b"PK\x03\x04 no archive", {}, "no .docx although"),
        ("rules.md", b"<!DOCTYPE html><html>", {}, "a web page came"),
        ("rules.md", b"", {"status": 403}, "does not give it out any more"),
        ("huge.md", b"x" * 20_000_001, {}, "larger than 20 MB"),
        ("rules.md", b"", {"url": "https://evil.example/a"}, "does not lie in SharePoint"),
        ("rules.md", b"", {"url": f"http://{teams.host}@evil.example/a"}, "does not lie in SharePoint"),
        ("rules.md", "http://localhost:1/other", {"status": 302}, "does not lie in SharePoint"),
    ):  # fmt: skip
        reply = await keepers.next(own, teams.share(lee, name, content, **more))
        assert words in seen(reply), name
        assert "was not kept" in seen(reply)
    assert len(teams.fetched) == before + 6
    led = await keepers.next(
        own, teams.share(lee, "led.md", f"{teams.url}/files/{teams.fetched[earlier][0]}", status=302)
    )
    assert "Shall led.md be filed" in seen(led)
    count = len(teams.said(own))
    await teams.share(lee, "both.md", b"# Both", text="hello")
    await teams.wait(lambda: len(teams.said(own)) == count + 2, 60)
    assert sorted("Shall both.md" in seen(one) for one in teams.said(own)[count:]) == [False, True]
    count = len(teams.said(teams.personal(teams.grace)))
    await teams.share(teams.grace, "hers.md", b"# Hers", text="hello")
    await keepers.told(teams.personal(teams.grace), count + 1)
    told = [one.what for one in keepers.deeds() if one.who == f"teams:{lee.object}"]
    assert [what for what in told if what != "refresh"] == ["source added", "upload"]


async def test_a_file_is_read_for_the_question_that_comes_with_it_and_its_follow_ups_of_that_person_alone(keepers):
    teams, grace = keepers.teams, keepers.teams.grace
    own = teams.personal(grace)
    asked = "Where is customer data stored according to the attached agreement?"
    first = seen(await keepers.next(own, teams.share(grace, "quenvora dpa.pdf", DPA, text=asked)))
    assert "Customer data is stored in data centres in Frankfurt and Dublin only." in first
    assert "that you attached, not checked against its source" in first
    hours = "And within how many hours does it say that a breach is notified?"
    assert "within 96 hours" in seen(await keepers.next(own, teams.say(grace, own, hours)))
    kim = teams.personal(keepers.kim)
    assert "96 hours" not in seen(await keepers.next(kim, teams.say(keepers.kim, kim, hours)))
    lost = seen(await keepers.next(own, teams.share(grace, "gone.pdf", b"", text=asked, status=404)))
    assert "gone.pdf was not read: Teams does not give it out any more" in lost
    packed = seen(await keepers.next(own, teams.share(grace, "terms.pdf", b"PK\x03\x04", text=asked)))
    assert "terms.pdf was not read" in packed
    assert {token for _, token in teams.fetched} == {""}

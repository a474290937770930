"""What administrators are told: the replies to each command, a refresh while it runs and when it has ended, an update."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.kb.reply import Button, Part, Point, Reply
from bot.kb.wants import FILE, REMOVE, ROLLBACK, START, TELL
from bot.words import plain
from knowledge.report import Affected
from knowledge.store.conversation import Gap
from knowledge.store.pairs import Pair

MOST = 12
LONGEST = 300
STEPS = {"read": "Reading", "embed": "Embedding", "write": "Writing", "verify": "Checking"}
_BAR = 20


def told(title: str, lines: Sequence[str] = ()) -> Reply:
    """Return a title with lines below it."""
    return Reply(title, tuple(cut(line) for line in lines))


def cut(text: str, longest: int = LONGEST) -> str:
    """Return a text cut to a length, with a mark where it was."""
    text = plain(text)
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def offer_refresh(words: str, names: Sequence[str] = ()) -> Reply:
    """Return words with the button that begins a refresh of these sources, of all where none is named."""
    return Reply(words, buttons=(Button(START, "Refresh now", json.dumps(list(names))),))


def asked(names: Sequence[str]) -> Reply:
    """Return the question before a refresh."""
    of = ", ".join(names) or "all sources and lists"
    return offer_refresh(
        f"Read {of} again and publish what has changed? Answers come from the edition in service until then.", names
    )


def removing(name: str) -> Reply:
    """Return the question before a source is removed."""
    words = f"Remove the source {name}? Its documents leave with the next refresh; answers that were given keep theirs."
    return Reply(words, buttons=(Button(REMOVE, "Remove it", name, danger=True),))


def back(live: int, previous: int) -> Reply:
    """Return the question before a rollback."""
    words = f"Put edition {previous} back into service instead of edition {live}? Edition {live} is kept."
    return Reply(words, buttons=(Button(ROLLBACK, f"Go back to edition {previous}", str(previous), danger=True),))


def paired(pair: Pair) -> Reply:
    """Return what came of a new pair."""
    return told(f"{pair.brand} is tied to {pair.legal} from now on. The next check uses it.")


def unpaired(brand: str, gone: int) -> Reply:
    """Return what came of pairs that were removed."""
    return told(f"{brand} is not tied to anything any more ({gone} removed). The next check knows it.")


def offered(files: Sequence[tuple[str, str]], refused: Sequence[str]) -> Reply:
    """Return the buttons that ask about shared files, given as id and name, and why others cannot be filed."""
    if not files:
        return told(" ".join(refused))
    words = "Press a button to file a document into the knowledge base: I ask for its title and its readers first."
    return Reply(words, tuple(map(cut, refused)), buttons=filing(files))


def filing(files: Sequence[tuple[str, str]]) -> tuple[Button, ...]:
    """Return a button for each shared file, given as id and name, that opens the form which files it."""
    return tuple(Button(FILE, f"File {name[:60]}", json.dumps([id_, name[:200]])) for id_, name in files)


def standing(report: Mapping[str, Any]) -> Reply:
    """Return what is in service, what has problems, and how far a refresh is."""
    if report["edition"] is None:
        title = "No edition is published yet."
    else:
        title = f"Edition {report['edition']} is in service since {report['published_at'][:16].replace('T', ' ')} UTC."
    run = report["refresh"]
    lines = [
        f"{report['documents']} documents in {report['passages']} passages from {len(report['sources'])} sources",
        f"{len([one for one in report['lists'] if one['rows']])} screening lists, {_stale(report)} of them stale",
        f"{report['unanswered']} questions wait for a source; {report['receipts']} receipts are kept",
    ]
    if run:
        of = f", {STEPS.get(run['step'], run['step']).lower()} {run['done']} of {run['total']}" if run["total"] else ""
        note = f": {run['note']}" if run["note"] else ""
        lines.append(f"Last refresh: {run['state']}{of if run['state'] == 'running' else ''}{note}")
    return told(title, [*lines, *troubles(report)])


def troubles(report: Mapping[str, Any]) -> list[str]:
    """Say which sources and documents have problems."""
    found = [f"Problem with {one['name']}: {one['error']}" for one in report["sources"] if one["error"]]
    found += [f"Problem with list {one['id']}: {one['failure']}" for one in report["lists"] if one["failure"]]
    found += [f"Not read: {one['source']}: {one['ref']} ({one['error']})" for one in report["failed"] if one["ref"]]
    return found[:MOST]


def _stale(report: Mapping[str, Any]) -> int:
    return sum(bool(one["stale"]) for one in report["lists"])


def sources(report: Mapping[str, Any]) -> Reply:
    """Return every source with its readers, its schedule and when it last went well."""
    return told(f"{len(report['sources'])} sources", [_source(one) for one in report["sources"]])


def _source(one: Mapping[str, Any]) -> str:
    every = f"every {one['every_minutes']} minutes" if one["every_minutes"] else "by hand"
    good = f"read well {one['good_at'][:10]}" if one["good_at"] else "not read yet"
    trouble = f" · problem: {one['error']}" if one["error"] else ""
    owner = f" · {one['owner']}" if one["owner"] else ""
    return f"{one['name']} ({one['type']}, {one['visibility']}) · {one['documents']} documents · {every} · {good}{owner}{trouble}"


def gaps(found: Sequence[Gap]) -> Reply:
    """Return the questions that no edition could answer."""
    if not found:
        return told("Every question of the last half year found a source, or has been answered since.")
    lines = [f"{one.asked_at.date().isoformat()}: {one.question}" for one in found[:MOST]]
    more = f"; the {MOST} oldest are" if len(found) > MOST else ""
    return told(f"{len(found)} questions that no source answers yet{more}", lines)


def pairs(kept: Sequence[Pair]) -> Reply:
    """Return the brands that administrators added."""
    if not kept:
        return told("No brand was added yet. vendor-kb pairs add BRAND = LEGAL NAME (source) adds one.")
    return told(f"{len(kept)} brands", [f"{one.brand} = {one.legal} (source: {one.row.source})" for one in kept])


def moved(found: Sequence[Affected], key: str = "") -> Reply:
    """Return the earlier answers whose ground has moved, each with the button that tells its thread."""
    if not found:
        return told("No earlier answer cites what the last change moved.")
    part = _affected(found, key)
    return Reply(part.title, parts=(Part("", part.points),))


def _affected(found: Sequence[Affected], key: str) -> Part:
    return Part(f"{len(found)} earlier answers cite what has changed", tuple(_point(one, key) for one in found[:MOST]))


def _point(one: Affected, key: str) -> Point:
    said = [f"changed: {', '.join(one.changed)}"] if one.changed else []
    said += [f"no longer there: {', '.join(one.vanished)}"] if one.vanished else []
    words = f"{cut(one.question)} ({one.asked_at[:10]}) · {cut('; '.join(said))}"
    return Point(words, Button(TELL, "Post an update in its thread", json.dumps([key, one.answer_id])))


def under_way(names: Sequence[str], progress: Mapping[str, Any]) -> Reply:
    """Return the message of a refresh that runs."""
    of = ", ".join(names) or "all sources"
    title = f"Refreshing {cut(of)}. Answers come from the edition in service until it is done."
    step, done, total = progress.get("step", ""), progress.get("done", 0), progress.get("total", 0)
    if not step:
        line = "Starting"
    elif total:
        filled = min(_BAR, _BAR * done // total)
        line = f"{STEPS.get(step, step)} {done} of {total}  {'█' * filled}{'░' * (_BAR - filled)}"
    else:
        line = STEPS.get(step, step)
    return told(title, [line])


def ended(outcome: Mapping[str, Any], key: str) -> Reply:
    """Return the message of a refresh that has ended: the difference it made, or why nothing was published."""
    if why := outcome.get("error"):
        then = "Ask again when it is done." if outcome.get("running") else "Mend that and refresh again."
        return told(
            f"The refresh ended without a new edition: {str(why).rstrip('.')}. The edition before it stays in service. {then}"
        )
    new = outcome["edition"] != outcome["previous"]
    title = f"The refresh is done: edition {outcome['edition']} {'is' if new else 'stays'} in service."
    lines = [
        ", ".join(f"{outcome[name]} {name}" for name in ("added", "changed", "removed", "unchanged")) + " documents"
    ]
    lines += [_tally(one) for one in outcome.get("sources", ()) if one["added"] or one["changed"] or one["removed"]][
        :MOST
    ]
    lines += [_failure(one) for one in outcome["failed"][:MOST]]
    if (more := len(outcome["failed"]) - MOST) > 0:
        lines.append(f"{more} more could not be read")
    lines += [_list(one) for one in outcome["lists"] if one["came"] != "unchanged"][:MOST]
    lines += [f"Watched: {one['vendor']}: {' '.join(one['news'])}" for one in outcome.get("watched", ())[:MOST]]
    lines.append("Whoever watches a vendor in a chat is told of its changes in their own conversation.")
    found = [_read(one) for one in outcome.get("impact", ())]
    return Reply(title, tuple(map(cut, lines)), (_affected(found, key),) if found else ())


def _tally(one: Mapping[str, Any]) -> str:
    return f"{one['source']}: {one['added']} added, {one['changed']} changed, {one['removed']} removed"


def _failure(one: Mapping[str, Any]) -> str:
    where = f"{one['source']}: {one['ref']}".removesuffix(": ")
    return f"Not read: {where} ({one['error']})"


def _list(one: Mapping[str, Any]) -> str:
    if one["failure"]:
        return f"List {one['id']}: {one['failure']}"
    return f"List {one['id']}: {one['came']}, {one['added']} added, {one['removed']} removed, {one['changed']} changed"


def _read(one: Mapping[str, Any]) -> Affected:
    return Affected(
        one["answer_id"], one["question"], one["asked_at"], tuple(one["changed"]), tuple(one["vanished"]), one["uses"]
    )


def find(outcome: Mapping[str, Any], answer_id: str) -> Affected | None:
    """Return what a refresh did to the ground of one answer."""
    return next((_read(one) for one in outcome.get("impact", ()) if one["answer_id"] == answer_id), None)


def update(changed: Sequence[str], vanished: Sequence[str], hidden: int, edition: int | None, receipt: str) -> Reply:
    """Return the notice in the thread of an answer whose ground has moved."""
    lead = f"What this answer stood on has changed with edition {edition}. I ask the question again; the new answer follows here."
    parts = [
        Part(title, tuple(Point(cut(one)) for one in names[:MOST]))
        for title, names in (("Changed", changed), ("No longer there", vanished))
        if names
    ]
    if hidden:
        parts.append(Part(f"{hidden} more that cannot be read here any more."))
    link = ("Receipt: the answer as it was given, with every quote", receipt) if receipt else None
    return Reply(lead, parts=tuple(parts), link=link)

"""Shows receipts, and what a verification of them found, in a terminal and as plain JSON."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from bot.audit import Verdict
from bot.words import RUNGS, UNDERSTOOD, plain, spoken
from knowledge.model import Role
from knowledge.store.chain import Chain, Kept


def show_receipt(console: Console, kept: Kept) -> None:
    """Print a receipt: what was asked, what was answered on which quotes, and how it was made."""
    body = kept.body
    cited = {source["n"]: source for source in body.get("sources", ())}
    console.print(Text(plain(body["question"]), style="bold"))
    for earlier in body.get("before", ()):
        console.print(Text(f"after: {plain(earlier)}", style="dim"))
    if body.get("understood"):
        console.print(Text(UNDERSTOOD.format(question=plain(body["understood"])), style="dim"))
    console.print(Text(plain(body.get("summary", ""))))
    for claim in body.get("claims", ()):
        source = cited[claim["source"]]
        says = spoken(Role(claim["role"]), attached="attached" in source)
        head = f"\n{says} [{claim['source']}] {plain(source['citation'])}"
        console.print(Text(head, style="bold"))
        quote = f"“{plain(claim['quote'])}”"
        console.print(Padding(Text(quote, style="italic"), (0, 0, 0, 2)))
        if not quote.endswith(f"{plain(claim['text'])}”"):
            console.print(Padding(Text(plain(claim["text"])), (0, 0, 0, 2)))
    _list(console, "Listings", map(_listing, body.get("findings", ()) if body.get("kind") == "check" else ()))
    _list(console, "Decided by reviewers", map(str, body.get("decided", ())))
    _list(console, "Not known", map(str, body.get("unknowns", ())))
    _list(console, "Next steps", (f"{step['text']} [{step['source']}]" for step in body.get("next_steps", ())))
    rows = body.get("list_sources", ())
    _list(console, "Sources", (_source(source) for source in (*rows, *cited.values())))
    _list(console, "How this was made", _made(kept))


def show_verdict(console: Console, verdict: Verdict) -> None:
    """Print in words whether a receipt is untouched, and what has become of its sources."""
    kept = verdict.kept
    record = "is as it was sealed" if kept.untouched else "is NOT the one that was sealed: it was changed afterwards"
    console.print(Text(f"The record of answer {kept.answer_id} (receipt {kept.n}) {record}."))
    show_chain(console, verdict.chain)
    sources = len(kept.body.get("sources", ())) if kept.untouched else 0
    if not kept.untouched:
        console.print("What it says of its sources was not looked at: it proves nothing any more.")
    if verdict.altered:
        console.print(Text(f"Not in the ledger as they were quoted: {plain(', '.join(verdict.altered))}."))
    elif sources:
        console.print(
            Text(f"Every cited passage ({sources}) is in the ledger with the hashes and quotes of the record.")
        )
    for one in verdict.since:
        console.print(Text(plain(f"Since then: [{one.n}] {one.citation} {one.words}.")))
    if sources and not verdict.since:
        console.print("No cited source has changed, ended or vanished since.")
    words = (
        "Verified: nothing was touched."
        if verdict.untouched
        else "NOT verified: see above. Nothing was changed by this check."
    )
    console.print(Text(words, style="bold"))


def show_chain(console: Console, chain: Chain) -> None:
    """Print in words whether the chain of all receipts holds."""
    for broken in chain.breaks:
        where = f"At receipt {broken.n}{f' (answer {broken.answer_id})' if broken.answer_id else ''}"
        console.print(Text(f"{where}: {broken.words}."))
    state = f"is BROKEN in {_count(len(chain.breaks), 'place')}" if chain.breaks else "is whole"
    console.print(Text(f"The chain of {_count(chain.count, 'receipt')} {state}; its last seal is {chain.head}."))
    if chain.removed:
        console.print(Text(f"Of {_count(chain.removed, 'receipt')} only the seals are left: their time was over."))
    if chain.count:
        console.print(
            Text(
                "Note it elsewhere: while a whole chain still holds a receipt with this seal, nothing before it was rewritten.",
                style="dim",
            )
        )


def verdict_json(verdict: Verdict) -> dict[str, Any]:
    """Return what a verification found as plain JSON."""
    return {
        "untouched": verdict.untouched,
        "record_untouched": verdict.kept.untouched,
        "altered": list(verdict.altered),
        "since": [asdict(one) for one in verdict.since],
        "chain": chain_json(verdict.chain),
    }


def chain_json(chain: Chain) -> dict[str, Any]:
    """Return what a look at the chain found as plain JSON."""
    return {
        "receipts": chain.count,
        "removed": chain.removed,
        "head": chain.head,
        "untouched": not chain.breaks,
        "breaks": [*map(asdict, chain.breaks)],
    }


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _source(source: Mapping[str, Any]) -> str:
    said = source.get("label") or source.get("status", "")
    return (
        f"[{source['n']}] {source['citation']}: {source.get('title', '')} ({said}) {source.get('url') or ''}".rstrip()
    )


def _listing(finding: Mapping[str, Any]) -> str:
    cited = " ".join(f"[{n}]" for n in finding["sources"])
    return f"{finding['category'].replace('-', ' ')}, {finding['level']}: {finding['why']} {cited}"


def _made(kept: Kept) -> Iterable[str]:
    body = kept.body
    rung = RUNGS.get(body.get("rung", ""), "")
    place = body.get("place", {}).get("name", "an unknown place")
    yield f"asked by {kept.asker} at {place}, {body.get('made_at') or kept.created_at.isoformat()}"
    yield f"edition {kept.edition or 'none'}, as of {body.get('as_of', 'unknown')}, {body.get('rung', '')}{f': {rung}' if rung else ''}"
    yield f"model {body.get('model') or 'none'}, Caveat {body.get('caveat', 'unknown')}"
    dropped = ", ".join(f"{check} {count}" for check, count in body.get("dropped", {}).items())
    yield f"left out by checks: {dropped or 'nothing'}"
    yield f"receipt {kept.n}, seal {kept.sha256}, before it {kept.previous}"


def _list(console: Console, title: str, items: Iterable[str]) -> None:
    shown = list(items)
    if shown:
        console.print(Text(f"\n{title}", style="bold"))
    for item in shown:
        console.print(Padding(Text(f"• {plain(item)}"), (0, 0, 0, 2)))

"""The part of `docs/benchmarks.md` that says how names are matched, from the figures of `tests.bench_screening`."""

from collections.abc import Mapping, Sequence
from typing import Any

Figures = Mapping[str, Any]
BARS = {10_000: 20, 50_000: 20, 500_000: 50}
"""Milliseconds that 95 of 100 names may take at most."""
CARD = 400
MEMORY, FIRST = 150, 300
"""Megabytes and milliseconds of a new process that answers its first name over 10,000 parties."""

PAGE = """\
# Names, beside what one would pick instead

Written by `python -m tests.bench_screening` (`make bench-screening`), {about}.

## Pairs of names

| | set | precision | recall | F1 | threshold | µs a pair |
| --- | --- | ---: | ---: | ---: | ---: | ---: |
{quality}

name_bench and checks are nomenklatura's pairs of organisations (266 and 82; 93 pairs stand in both), own pairs are ours, that no
choice was made on. Caveat is judged at its one frozen threshold; "as graded" is its whole search, each set's listed sides being
the index, where possible, probable and confirmed are one party (no scorer can know the 16 own pairs of a brand and its owner).
Every rapidfuzz scorer is judged at the threshold with the best F1 **of that very set, chosen in its favour**, on names that our
fold has cleaned; "best" of logic-v2 as well. logic-v2 was tuned on both shared sets, and our weights were fitted on them: only own
pairs were new to all. Labels are noisy: F1 much above .93 means over-fitting. Where Caveat is not ahead: on own pairs its score alone stands behind logic-v2, because a
number or a word that differs ("Plant 36", "Plant 63") is shown as possible with what differs, and left to a person.{absent}

moov-io/watchman was not run here; its row is **published**: the scores that its own tests expect of eleven cases, judged at its
threshold for a review, and its 15.7 µs a pair of businesses. It publishes 18.2 ms a search, and that an exact name without any
other data scores .855.

## Over whole lists

{listed:,} names that may be the right ones: the shared lists, and the right side of each pair of one party.

| | right party found | alarms on ordinary companies | threshold | found at Caveat's alarms | p50, ms | p95, ms | peak memory, MB |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
{found}

![right parties found at Caveat's alarms against the time of a name](screening.svg)

{wanted} names whose right party is known, {ordinary:,} ordinary companies (every fourth for the peers), without those that are
listed by their name or by a brand of our table. One core. rapidfuzz scans all names; logic-v2 scores the {candidates} parties at most
that **our** index finds, and its time and memory are those of scoring alone. rapidfuzz stands at the threshold that was best on name_bench, where it
alarms at nearly everybody; "found at Caveat's alarms" is its recall at the lowest threshold with no more alarms than ours.

## Size

Matching alone on one core, names of all kinds asked one after the other, listed parties and made-up ones whose words follow
each other as theirs do.

| parties | names | p50, ms | p95, ms | bar | peak memory, MB | new process: import, ms | open and first answer, ms | peak, MB | built, s | on disk, MB |
| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
{sizes}

Bars of the new process at 10,000 parties: {first} ms to the first answer, {memory} MB. Its imports are {modules}.

The whole card without a model, over the starter edition and a list of that many parties that was refreshed as any list is
(bar: p95 {card} ms):

| parties | cards | p50, ms | p95, ms | peak memory, MB |
| ---: | ---: | ---: | ---: | ---: |
{cards}
"""


def page(
    about: str,
    *,
    quality: Mapping[str, Figures],
    found: Mapping[str, Figures],
    sizes: Sequence[Figures],
    cards: Sequence[Figures],
    counts: Figures,
) -> str:
    """Return the part in Markdown; `counts` says how much was asked of what, and which versions."""
    versions = ", ".join(f"{name} {version}" for name, version in counts["versions"].items())
    absent = (
        f"\nVersions: {versions}."
        if versions
        else "\nnomenklatura was not installed: its own harness gives logic-v2 F1 .872 on name_bench at .70 (**published**)."
    )
    return PAGE.format(
        about=about,
        quality="\n".join(_quality(quality)),
        found="\n".join(_found(found)),
        sizes="\n".join(map(_size, sizes)),
        cards="\n".join(_card(row) for row in cards),
        modules=", ".join(f"{name} {size:.1f} MB" for name, size in list(sizes[0]["cold"]["modules"].items())[:5]),
        absent=absent,
        first=FIRST,
        memory=MEMORY,
        card=CARD,
        **{name: counts[name] for name in ("listed", "wanted", "ordinary", "candidates")},
    )


def _quality(quality: Mapping[str, Figures]) -> list[str]:
    return [
        f"| {_bold(title)} | {name} | {row['precision']:.3f} | {row['recall']:.3f} | {row['f1']:.3f} | {row['threshold']:.2f} | {row['pair_us']:.1f} |"
        for title, rows in quality.items()
        for name, row in rows.items()
    ]


def _found(found: Mapping[str, Figures]) -> list[str]:
    return [
        f"| {_bold(title)} | {row['recall']:.3f} | {row['alarms']:.3f} | {row['threshold']:.2f} | {row['level']:.3f} | {row['p50_ms']:.1f} | {row['p95_ms']:.1f} | {row['peak_mb']:,.0f} |"
        for title, row in found.items()
    ]


def _size(row: Figures) -> str:
    cold = row["cold"]
    told = (
        f"{row['size']:,}", f"{row['names']:,}", f"{row['p50_ms']:.1f}", f"{row['p95_ms']:.1f}", str(BARS[row["size"]]),
        f"{row['peak_mb']:.0f}", f"{cold['import_ms']:.0f}", f"{cold['first_ms']:.0f}", f"{cold['peak_mb']:.0f}",
        f"{row['built_s']:.0f}", f"{row['disk_mb']:.0f}",
    )  # fmt: skip
    return f"| {' | '.join(told)} |"


def _card(row: Figures) -> str:
    return f"| {row['size']:,} | {row['cards']} | {row['p50_ms']:.0f} | {row['p95_ms']:.0f} | {row['peak_mb']:.0f} |"


def _bold(title: str) -> str:
    return f"**{title}**" if title.startswith("Caveat") else title

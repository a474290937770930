"""Which measures an OFAC row falls under: the list it stands on, its programs and, for Russia, the directives it names."""

import re

NON_SDN = "ofac-non-sdn"
"""A row of the non-SDN list whose program is of no known kind: what it entails stands in the row itself."""

PROGRAMS = {
    "UKRAINE-EO13662": "ofac-ssi", "CMIC-EO13959": "ofac-cmic", "NS-PLC": "ofac-ns-plc", "561-Related": "ofac-capta",
    "FSE-IR": "ofac-fse", "FSE-SY": "ofac-fse", "BURMA-EO14014": "ofac-ns-mbs", "CAATSA - RUSSIA": "ofac-ns-mbs",
    "ILLICIT-DRUGS-EO14059": "ofac-ns-mbs",
}  # fmt: skip
"""The measure of a program on the lists that do not block."""
_DIRECTIVE = re.compile(r"\b14024 Directive (?:Information Subject to Directive )?(?P<number>\d)")


def measures(programs: tuple[str, ...], remarks: str, *, blocked: bool) -> tuple[str, ...]:
    """Return the ids of the measures of one row; `blocked` says that it stands on the SDN list."""
    if blocked:
        return ("ofac-sdn",)
    found = [PROGRAMS[program] for program in programs if program in PROGRAMS]
    found += ["ofac-capta" if number == "2" else "ofac-ns-mbs" for number in _DIRECTIVE.findall(remarks)]
    return tuple(dict.fromkeys(found)) or (NON_SDN,)


def split(programs: str) -> tuple[str, ...]:
    """Return the programs of a CSV cell, which joins several as "A] [B"."""
    return tuple(filter(None, (part.strip(" []") for part in programs.split("] ["))))


def started(measure: str, what: str) -> bool:
    """Tell whether a day of listing, as OFAC labels it, belongs to a measure."""
    if measure == "ofac-cmic":
        return what == "CMIC"
    directive = _DIRECTIVE.search(what)
    if not directive:
        return False
    return measure == ("ofac-capta" if directive["number"] == "2" else "ofac-ns-mbs")

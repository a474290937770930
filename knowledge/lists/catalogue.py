"""The lists that are known: who publishes each, where, in which formats, who may reuse it and when it counts as stale."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from knowledge.lists import advanced, cbp, csl, dod, dpl, fcc, fsf, kev, ofac, sam, sdn, uflpa, uksl, un, worldbank
from knowledge.lists.statutory import shipped
from knowledge.party import ListRead

Files = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Source:
    """One list in one format: `addresses` by file name, `least` the fewest rows that it is known to have.

    `verified` says that `read` has been tried on the publisher's own file; otherwise its first live run has to show it.
    """

    list_id: str
    title: str
    publisher: str
    addresses: Mapping[str, str]
    format: str
    stale_after_days: int
    read: Callable[[Files], ListRead]
    rights: str
    least: int = 1
    verified: bool = True


_OFAC = "US Treasury, Office of Foreign Assets Control"
_SLS = "https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports"
_PUBLIC = "US Government work, no copyright in the US"
_CSL = "https://data.trade.gov/downloadable_consolidated_screening_list/v1"


_NEVER = 36_500
"""Days after which a statute is stale: its names change only with another one."""


def _shipped(list_id: str) -> Callable[[Files], ListRead]:
    """Return a reader of a list that ships with Caveat, which needs no files."""
    return lambda _files: next(read for read in shipped() if read.list_id == list_id)


def _exports(*names: str) -> dict[str, str]:
    return {name: f"{_SLS}/{name}" for name in names}


LISTS = (
    Source("us.ofac-sdn", "OFAC SDN List", _OFAC, _exports("SDN.CSV", "ADD.CSV", "ALT.CSV", "SDN_COMMENTS.CSV"), "csv", 3, ofac.read_sdn, _PUBLIC, 6_000),
    Source("us.ofac-sdn", "OFAC SDN List", _OFAC, _exports("SDN.XML"), "xml", 3, sdn.read_sdn, _PUBLIC, 6_000),
    Source("us.ofac-sdn", "OFAC SDN List", _OFAC, {"sdn_advanced.xml": "https://www.treasury.gov/ofac/downloads/sanctions/1.0/sdn_advanced.xml"}, "advanced xml", 3, advanced.read_sdn, _PUBLIC, 6_000, verified=False),
    Source("us.ofac-non-sdn", "OFAC Consolidated Non-SDN List", _OFAC, _exports("CONS_PRIM.CSV", "CONS_ADD.CSV", "CONS_ALT.CSV", "CONS_COMMENTS.CSV"), "csv", 3, ofac.read_consolidated, _PUBLIC, 200),
    Source("us.ofac-non-sdn", "OFAC Consolidated Non-SDN List", _OFAC, _exports("CONSOLIDATED.XML"), "xml", 3, sdn.read_consolidated, _PUBLIC, 200),
    Source("us.ofac-non-sdn", "OFAC Consolidated Non-SDN List", _OFAC, _exports("CONS_ADVANCED.XML"), "advanced xml", 3, advanced.read_consolidated, _PUBLIC, 200, verified=False),
    Source("us.csl", "Consolidated Screening List", "US Commerce, International Trade Administration", {"consolidated.csv": f"{_CSL}/consolidated.csv"}, "csv", 3, csl.read, _PUBLIC, 10_000),
    Source("us.csl", "Consolidated Screening List", "US Commerce, International Trade Administration", {"consolidated.json": f"{_CSL}/consolidated.json"}, "json", 3, csl.read, _PUBLIC, 10_000, verified=False),
    Source("us.bis-dpl", "BIS Denied Persons List", "US Commerce, Bureau of Industry and Security", {"dpl.txt": "https://www.bis.doc.gov/dpl/dpl.txt"}, "tab-separated", 30, dpl.read, _PUBLIC, 200),
    Source("us.uflpa", "UFLPA Entity List", "US Homeland Security, Forced Labor Enforcement Task Force", {"uflpa-entity-list.html": uflpa.URL}, "html", 14, uflpa.read, _PUBLIC, 50, verified=False),
    Source("us.cbp-wro", "CBP withhold release orders and findings", "US Customs and Border Protection", {"wro.html": cbp.URL}, "html", 14, cbp.read, _PUBLIC, 20, verified=False),
    Source("us.fcc-covered-list", "FCC Covered List", "US Federal Communications Commission", {"coveredlist.html": fcc.URL}, "html", 14, fcc.read, _PUBLIC, 10, verified=False),
    Source("us.dod-1260h", "DoD Section 1260H list", "US Department of Defense", {}, "csv of ours", 400, dod.read, _PUBLIC, 50),
    Source("us.sam-exclusions", "SAM exclusions", "US General Services Administration", {"SAM_Exclusions_Public_Extract_V2.CSV": sam.URL}, "csv", 3, sam.read, _PUBLIC, 20_000, verified=False),
    Source("eu.fsf", "EU consolidated list of financial sanctions", "European Commission", {"xmlFullSanctionsList_1_1.xml": fsf.URL}, "xml", 3, fsf.read, "Commission reuse, Decision 2011/833/EU (verify)", 1_000, verified=False),
    Source("uk.sanctions-list", "UK Sanctions List", "UK Foreign, Commonwealth and Development Office", {"UK-Sanctions-List.csv": "https://sanctionslist.fcdo.gov.uk/docs/UK-Sanctions-List.csv"}, "csv", 3, uksl.read, "Open Government Licence v3 (verify)", 1_000, verified=False),
    Source("un.consolidated", "UN Security Council Consolidated List", "UN Security Council", {"consolidated.xml": un.URL}, "xml", 3, un.read, "UN terms (verify)", 500),
    Source("wb.debarred", "World Bank debarred firms", "World Bank", {"firms.json": "https://apigwext.worldbank.org/dvsvc/v1.0/json/APPLICATION/ADOBE_EXPRNCE_MGR/FIRM/SANCTIONED_FIRM"}, "json", 7, worldbank.read, "World Bank terms (verify)", 500),
    Source("us.cisa-kev", "CISA Known Exploited Vulnerabilities", "US Cybersecurity and Infrastructure Security Agency", {"known_exploited_vulnerabilities.json": "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json"}, "json", 7, kev.read, "CC0-1.0", 1_000),
    Source("us.ndaa-889", "Section 889", "US Congress", {}, "shipped", _NEVER, _shipped("us.ndaa-889"), _PUBLIC, 5),
    Source("us.ndaa-5949", "Section 5949", "US Congress", {}, "shipped", _NEVER, _shipped("us.ndaa-5949"), _PUBLIC, 3),
    Source("us.ndaa-154", "Section 154", "US Congress", {}, "shipped", _NEVER, _shipped("us.ndaa-154"), _PUBLIC, 6),
    Source("us.fcc-covered-list", "FCC Covered List", "US Federal Communications Commission", {}, "shipped", 60, _shipped("us.fcc-covered-list"), _PUBLIC),
    Source("us.dod-1260h", "DoD Section 1260H list", "US Department of Defense", {}, "shipped", 400, _shipped("us.dod-1260h"), _PUBLIC),
)  # fmt: skip
"""Every list in every format; one in the format "shipped" needs no refresh and is what there is before the first."""


def source(list_id: str, form: str = "") -> Source:
    """Return a list in a format, by default the first that it has; KeyError for a list or format that is not known."""
    found = next((one for one in LISTS if one.list_id == list_id and form in ("", one.format)), None)
    if found is None:
        raise KeyError(f"{list_id} {form}".strip())
    return found

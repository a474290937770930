"""Single files at fixed addresses as a source: CISA's KEV catalogue and NIST's OSCAL catalogues."""

from knowledge.errors import SourceUnreachable
from knowledge.model import SourceSpec
from knowledge.ports import UNKNOWN, Known, Listed, Raw, Ref
from knowledge.sources.http import Http
from knowledge.sources.naming import addressed, whole

KEV = "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json"
_MUST = {"kev": "catalogVersion", "oscal": "catalog"}
_WEB = {"kev": "https://www.cisa.gov/known-exploited-vulnerabilities-catalog"}


class Catalogue:
    """Reads JSON files that are replaced as a whole, asking each time whether they have changed."""

    patience = 2

    def __init__(self, http: Http, addresses: tuple[str, ...], type_: str) -> None:
        self._http = http
        self._addresses = addresses
        self._type = type_

    def list(self, since: str) -> Listed:  # noqa: ARG002 - each file says itself whether it changed
        """Return the files' addresses."""
        return Listed(tuple(Ref(address) for address in self._addresses))

    def fetch(self, ref: Ref, known: Known = UNKNOWN) -> Raw | None:
        """Return a file, None when it has not changed; a page in its place is no catalogue, and nothing is lost by it."""
        reply = self._http.get(ref.name, known=known, accept="application/json")
        if reply is None and known != UNKNOWN:
            return None
        file = whole(reply, "the catalogue")
        value = file.json()
        if not isinstance(value, dict) or _MUST[self._type] not in value:
            raise SourceUnreachable("the address answers with JSON that is not the catalogue")
        return Raw(file.content, f"{self._type}.json", {"url": _WEB.get(self._type, ref.name)}, file.known)

    def ids(self) -> frozenset[str]:
        """Return the files' addresses."""
        return frozenset(self._addresses)


def connect(spec: SourceSpec, http: Http) -> Catalogue:
    """Open `kev` (the address may be left to `default`) or `oscal` (addresses of catalogues in JSON)."""
    typed = spec.at.replace(",", " ").split()
    if spec.type == "kev" and typed in ([], ["default"]):
        typed = [KEV]
    return Catalogue(http, tuple(addressed(part) for part in typed), spec.type)

"""Links, addresses, mentions and markup in any form: no claim may hold one."""

import re
import unicodedata

_ADDRESS = re.compile(
    r"(?<![^\W\d_])[a-z][a-z+.-]{1,30}:\S|[\\/]{2}|@\S|\S@|\]\s?[(\[]|\[(?!\d{4}\] [A-Z]{2})\^?\w+\]|<[!@#/?a-z]|&\#?\w{2,};|::"
    r"|\b\d{1,3}(?:\.\d{1,3}){3}\b|\b0x[0-9a-f]{6,}\b|\b(?:[0-9a-f]{1,4}:){3,}|\blocalhost\b|\bwww\."
    r"|[\w-]\.(?:com|org|net|io|ai|co|cn|ru|eu|de|uk|info|biz|xyz|dev|app|link|site|top|zip|cloud|online|shop|example"
    r"|test|invalid|onion|local|internal)\b(?!\.\s?[a-z]\.)|\.gov[/:.]\w|-\w{1,60}\.gov\b|(?-i:(?:[a-z][a-z0-9-]|[0-9-][a-z])\.[a-z]{2,}\b)",
    re.IGNORECASE,
)
"""Every form of link, address or mention. Not one: SAM.gov (nobody but the US government can own such a name), a court's
[2026] IEHC 347, ISO27001:2022."""


def addressed(text: str) -> bool:
    """Tell whether a text holds a link, an address, a mention or markup in any form."""
    return any(_ADDRESS.search(form) for form in (text, unicodedata.normalize("NFKC", text).replace("。", ".")))

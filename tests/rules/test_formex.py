"""Formex: all words of an act, its own numbers only, and the quotation marks that are told by number."""

import re

import pytest

from knowledge import parse
from knowledge.chunk import chunk
from knowledge.describe import describe
from knowledge.model import Part, SourceSpec
from knowledge.parse.markup import tree

ACT = """<ACT><TITLE><TI><P>Regulation (EU) 2099/7</P></TI></TITLE><ENACTING.TERMS>
<ARTICLE IDENTIFIER="001"><TI.ART>Article 1</TI.ART><STI.ART>Definitions</STI.ART><ALINEA>In this Regulation:<LIST><ITEM><NP>
<NO.P>(1)</NO.P><TXT><QUOT.START CODE="2018"/>vendor<QUOT.END CODE="2019"/> means a seller;</TXT></NP></ITEM></LIST></ALINEA></ARTICLE>
<ARTICLE IDENTIFIER="002"><TI.ART>Article 2</TI.ART><ALINEA><LIST><ITEM><NP><NO.P>(1)</NO.P><TXT>Article 6 becomes:</TXT><P><QUOT.S>
<ARTICLE IDENTIFIER="006"><TI.ART>Article 6</TI.ART><PARAG><NO.PARAG>1.</NO.PARAG><ALINEA>New.</ALINEA></PARAG></ARTICLE></QUOT.S></P></NP>
</ITEM></LIST></ALINEA></ARTICLE></ENACTING.TERMS></ACT>"""


def test_an_article_put_into_another_act_is_no_article_of_this_one():
    (parsed,) = parse.read(ACT.encode(), "act.xml")
    found = {one.citation: one for one in chunk(describe(parsed, "act.xml", SourceSpec("law", "folder", "")), parsed)}
    assert set(found) == {f"Regulation (EU) 2099/7 {name}" for name in ("Title", "Art. 1", "Art. 1(1)", "Art. 2(1)")}
    assert found["Regulation (EU) 2099/7 Art. 2(1)"].text.split() == "(1) Article 6 becomes: Article 6 1. New.".split()
    term = found["Regulation (EU) 2099/7 Art. 1(1)"]
    assert (term.part, term.term, term.text) == (Part.DEFINITION, "vendor", "(1) ‘vendor’ means a seller;")


@pytest.mark.parametrize("name", ["document_1.fmx.xml", "crr-excerpt.fmx.xml"])
def test_no_word_of_a_real_act_is_lost(shared, name):
    raw = (shared / "sources" / "eu" / "formex" / name).read_bytes()
    (parsed,) = parse.read(raw, name)
    root = tree(raw)
    texts = " ".join(node.text or "" for node in root.iter() if isinstance(node.tag, str) and not inside(node))
    printed = re.findall(r"[^\W\d_]{6,}", texts)
    assert len(printed) > 200
    assert [word for word in printed if word not in parsed.text] == []


def inside(node) -> bool:
    return any(one.tag in {"NOTE", "BIB.INSTANCE"} for one in (node, *node.iterancestors()))

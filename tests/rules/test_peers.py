"""The comparison with other retrievers: how rankings are scored, how the set is sampled, what the plot shows."""

import json
import re
from xml.etree import ElementTree as ET

import pytest

from tests.peers.obliqa import measured, read_passages, read_questions, sample
from tests.peers.plot import LETTER, LINE, Dot, scatter

SVG = "{http://www.w3.org/2000/svg}"
CROWD = [
    Dot("Caveat", 2.4, 0.731, ours=True),
    Dot("bm25s", 0.2, 0.662),
    Dot("LlamaIndex + Chroma", 17.2, 0.561),
    Dot("LangChain + Chroma", 14.1, 0.560),
    Dot("Haystack + Chroma", 20.1, 0.561),
]


def test_a_second_hit_of_a_passage_takes_no_rank():
    found, gold = [(1, "a"), (1, "x"), (1, "x"), (1, "b")], frozenset({(1, "x"), (1, "b")})
    assert measured([(found, gold)]) == {"recall@10": 1.0, "map@10": pytest.approx(0.5833), "ndcg@10": 0.6934}


def test_what_comes_after_the_tenth_passage_counts_for_nothing():
    found = [(1, str(n)) for n in range(11)]
    assert measured([(found, frozenset({(1, "10")}))]) == {"recall@10": 0.0, "map@10": 0.0, "ndcg@10": 0.0}


def test_a_sample_asks_only_what_its_documents_answer(tmp_path):
    documents, file, place = tmp_path / "all", tmp_path / "split.json", tmp_path / "sample"
    documents.mkdir(), place.mkdir()
    for number in (1, 2, 10):
        row = {"ID": f"id{number}", "DocumentID": number, "PassageID": "1.", "Passage": f"Text {number}."}
        empty = {"ID": f"empty{number}", "DocumentID": number, "PassageID": "2.", "Passage": " "}
        (documents / f"{number}.json").write_text(json.dumps([row, empty]), "utf-8")
    asked = [
        {"Question": f"What of {number}?", "Passages": [{"DocumentID": number, "PassageID": "1."}]}
        for number in (10, 2, 1)
    ]
    file.write_text(json.dumps(asked), "utf-8")
    at, questions = sample(documents, file, place, 2, 5)
    assert [passage.id for passage in read_passages(at)] == ["id1", "id2"]
    assert [question.text for question in read_questions(questions)] == ["What of 2?", "What of 1?"]


def test_every_system_has_a_dot_and_a_label_that_nothing_covers():
    drawing = ET.fromstring(scatter(CROWD, "a < b"))
    assert len(drawing.findall(f"{SVG}circle")) == len(CROWD)
    labels = [(one.text, float(one.get("x")), float(one.get("y"))) for one in drawing.iter(f"{SVG}text")]
    names = {dot.name for dot in CROWD}
    boxes = [(x, x + len(words) * LETTER, y - 5) for words, x, y in labels if words in names]
    assert len(boxes) == len(CROWD)
    boxes += [
        (float(one.get("cx")), float(one.get("cx")), float(one.get("cy"))) for one in drawing.iter(f"{SVG}circle")
    ]
    for n, (start, end, at) in enumerate(boxes):
        for left, right, middle in boxes[n + 1 :]:
            assert abs(at - middle) >= LINE - 0.2 or end < left or right < start


def test_time_is_marked_in_powers_of_ten():
    marks = re.findall(r">([\d.]+)</text>", scatter(CROWD, "title"))
    assert marks[:5] == ["0.1", "1", "10", "100", "1000"]

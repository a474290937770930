"""Advisories: a product that is fixed is not called affected, and a remedy is told with its products and its address."""

from knowledge.parse.csaf import read
from tests.rules.test_parse import leaves


def advisory(status, remedies=()):
    branches = [
        {"category": "vendor", "name": "Acme", "branches": [
            {"category": "product_version", "name": f"Pump {number}", "product": {"product_id": f"P{number}", "name": "x"}}
            for number in (1, 2, 3)
        ]}
    ]  # fmt: skip
    document = {
        "category": "csaf_security_advisory", "title": "T", "publisher": {"name": "CISA"},
        "tracking": {"id": "A-1", "initial_release_date": "2024-01-01", "current_release_date": "2024-01-01", "version": "1", "status": "final"},
    }  # fmt: skip
    flaw = {"cve": "CVE-2024-1", "product_status": status, "remediations": list(remedies)}
    (parsed,) = read({"document": document, "product_tree": {"branches": branches}, "vulnerabilities": [flaw]})
    found = {}
    for one in leaves(parsed.units):
        found.setdefault(one.pinpoint.pin, []).append(parsed.text[one.start : one.end])
    return found


def test_products_stand_by_what_is_said_of_them():
    assert advisory({"known_affected": ["P1"], "fixed": ["P2"]}) == {
        "products": ["Acme Pump 1"], "products fixed or not affected": ["Acme Pump 2"], "other products": ["Acme Pump 3"],
    }  # fmt: skip


def test_products_of_which_nothing_is_said_are_those_of_the_advisory():
    assert advisory({}) == {"products": ["Acme Pump 1", "Acme Pump 2", "Acme Pump 3"]}


def test_remedies_for_different_products_name_them_and_keep_their_addresses():
    remedies = [
        {"details": "Update from:", "url": "https://a.example", "product_ids": ["P1"]}, {"details": "No fix.", "product_ids": ["P2"]},
    ]  # fmt: skip
    assert advisory({"known_affected": ["P1", "P2", "P3"]}, remedies)["CVE-2024-1 remediation"] == [
        "Acme Pump 1", "Update from: https://a.example", "Acme Pump 2", "No fix.",
    ]  # fmt: skip

"""The app package keeps the limits that Teams publishes for a manifest, its icons and its commands."""

import io
import json
import struct
import zipfile
import zlib

import pytest

from bot.teams.commands import CHECK_USAGE, USAGE, understood
from bot.teams.package import COMMANDS, package
from tests.flows.processes import caveat

APP = "00000000-0000-4000-8000-00000000cafe"


def opened(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("slash", [False, True])
def test_the_manifest_is_within_the_published_limits(slash):
    files = opened(package(APP, "https://caveat.example", "0.1.0", slash=slash))
    assert sorted(files) == ["color.png", "manifest.json", "outline.png"]
    made = json.loads(files["manifest.json"])
    assert made["manifestVersion"] in made["$schema"].replace("vDevPreview", "devPreview")
    assert len(made["name"]["short"]) <= 30
    assert len(made["name"]["full"]) <= 100
    assert len(made["description"]["short"]) <= 80
    assert len(made["description"]["full"]) <= 4_000
    assert len(made["developer"]["name"]) <= 32
    assert all(value.startswith("https://") for name, value in made["developer"].items() if name != "name")
    (bot,) = made["bots"]
    assert bot["botId"] == made["id"] == APP
    assert bot["supportsFiles"]
    assert set(bot["scopes"]) == {"personal", "team", "groupChat"}
    assert len(bot["commandLists"]) <= 3
    for one in bot["commandLists"]:
        assert len(one["commands"]) <= 12
        assert all(len(command["title"]) <= 32 and len(command["description"]) <= 128 for command in one["commands"])
        assert ("triggers" in one) <= slash
    assert made["validDomains"] == ["caveat.example"]
    assert package(APP, "https://caveat.example", "0.1.0", slash=slash) == package(
        APP, "https://caveat.example", "0.1.0", slash=slash
    )


def test_the_icons_have_their_sizes_and_the_outline_is_white_on_nothing():
    files = opened(package(APP, "https://caveat.example", "0.1.0"))
    for name, size, grounds in (("color.png", 192, {255}), ("outline.png", 32, {0, 255})):
        content = files[name]
        assert struct.unpack(">II", content[16:24]) == (size, size)
        raw = zlib.decompress(content[content.index(b"IDAT") + 4 : content.index(b"IEND") - 8])
        pixels = [raw[y * (size * 4 + 1) + 1 :][x * 4 : x * 4 + 4] for y in range(size) for x in range(size)]
        assert {pixel[3] for pixel in pixels} == grounds
        drawn = [pixel for pixel in pixels if pixel == b"\xff\xff\xff\xff"]
        assert 0.05 < len(drawn) / len(pixels) < 0.5
        if name == "outline.png":
            assert {bytes(pixel[:3]) for pixel in pixels if pixel[3]} == {b"\xff\xff\xff"}


def test_every_command_of_the_manifest_is_understood():
    for title, _ in COMMANDS:
        assert understood(f"/{title} Alibaba Cloud").text == "Alibaba Cloud"
    assert understood("vendor-check") == type(understood(""))(USAGE, CHECK_USAGE)


def test_the_command_writes_the_package_and_says_what_is_missing(tmp_path):
    out = tmp_path / "caveat.zip"
    without = caveat(tmp_path, "teams", "package", "--out", str(out))
    assert (without.returncode, out.exists()) == (2, False)
    assert "CLIENT_ID" in without.stderr
    plain = caveat(tmp_path, "teams", "package", "--url", "http://x.example", "--out", str(out), CLIENT_ID=APP)
    assert (plain.returncode, out.exists()) == (2, False)
    made = caveat(tmp_path, "teams", "package", "--url", "https://x.example/", "--out", str(out), CLIENT_ID=APP)
    assert made.returncode == 0
    assert "https://x.example/api/messages" in made.stdout
    assert json.loads(opened(out.read_bytes())["manifest.json"])["id"] == APP

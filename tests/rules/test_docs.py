"""What the documents promise is there, and nothing of a workplace leaks into the tree."""

import re
import subprocess
import tomllib
from datetime import UTC, datetime
from pathlib import Path

from typer.main import get_command

from bot.cli import app
from bot.metrics import Metrics, State
from bot.settings import Settings

ROOT = Path(__file__).resolve().parent.parent.parent
README = (ROOT / "README.md").read_text("utf-8")
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.splitlines() if (ROOT / name).is_file()]


def setting_names() -> set[str]:
    names = set()
    for field in Settings.model_fields.values():
        alias = field.validation_alias
        names |= {alias} if isinstance(alias, str) else set(alias.choices)
    return names


def prose(text: str) -> str:
    """Return a page without what stands in it as code."""
    return re.sub(r"(?ms)^```.*?^```$|`[^`\n]*`", "", text)


def anchors(text: str) -> set[str]:
    """Return what a page's headings are linked by, as GitHub names them: in order, with a number where one comes again."""
    found: dict[str, int] = {}
    for heading in re.findall(r"(?m)^#{1,6} (.+)$", re.sub(r"(?ms)^```.*?^```$", "", text)):
        name = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        again = found[name] = found.get(name, -1) + 1
        if again:
            found[f"{name}-{again}"] = 0
    return set(found)


def astray(page: Path, text: str) -> list[str]:
    """Return the relative links of a page that lead to no file or to no heading, as they are written."""
    lost = []
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(text)):
        place, _, anchor = target.partition("#")
        if "://" in target:
            continue
        led = (page.parent / place).resolve() if place else page
        if not led.exists() or (anchor and anchor not in anchors(text if led == page else led.read_text("utf-8"))):
            lost.append(f"{page.relative_to(ROOT).as_posix()}: {target}")
    return lost


def known(commands: object, words: list[str]) -> bool:
    """Tell whether words after `caveat` name a command, and one of its own where it has any."""
    found = getattr(commands, "commands", {}).get(words[0])
    return found is not None and (not hasattr(found, "commands") or len(words) == 1 or words[1] in found.commands)


def test_every_setting_stands_in_the_readme():
    assert [name for name in setting_names() if f"`{name}`" not in README] == []


def test_the_answers_and_the_card_in_the_readme_are_made_of_the_shipped_texts():
    shown = re.findall(r"(?ms)^```text\n\$ (.+?)\n(.*?)^```$", README)
    shipped = " ".join(
        re.sub(r"\s+", " ", path.read_text("utf-8")) for path in (ROOT / "knowledge" / "corpus").rglob("*.md")
    )
    assert shown[0][0].startswith("make ask"), "an answer that anybody can have is the first to be seen"
    assert sum("; R1" in printed and "; answer" in printed for _, printed in shown) >= 5
    assert any("; R0: " in printed for _, printed in shown)
    assert any(asked.startswith("caveat check") for asked, _ in shown)
    quotes = {asked: re.findall(r"“([^”]{20,})”", re.sub(r"\s+", " ", printed)) for asked, printed in shown}
    assert len(quotes[shown[0][0]]) >= 4
    assert [quote for found in quotes.values() for quote in found if quote not in shipped] == []


def test_the_readme_is_read_in_one_go():
    unfolded = re.sub(r"(?ms)^<details>.*?^</details>\n", "", README)
    assert README.count("<details>") == README.count("</details>") == 3
    assert len(unfolded.splitlines()) <= 250


def test_every_link_between_the_pages_leads_somewhere():
    assert [lost for page in PAGES for lost in astray(page, page.read_text("utf-8"))] == []


def test_a_link_to_no_file_and_one_to_no_heading_are_found():
    written = (
        "[a](docs/asking.md#read-an-answer) [b](docs/nowhere.md) ![c](no.svg) [d](docs/asking.md#no-heading) `[e](f)`"
    )
    assert astray(ROOT / "README.md", written) == [
        "README.md: docs/nowhere.md", "README.md: no.svg", "README.md: docs/asking.md#no-heading",
    ]  # fmt: skip
    assert anchors("# A `b`, c\n\n```sh\n# no heading\n```\n## Two\n## Two\n") == {"a-b-c", "two", "two-1"}


def test_every_page_says_first_whom_it_is_for_and_stands_in_the_index_of_the_readme():
    pages = [page for page in PAGES if page.parent.name == "docs"]
    assert len(pages) > 10
    assert [page.name for page in pages if f"](docs/{page.name})" not in README] == []
    # What `make bench-peers` writes begins with how it was made.
    unsaid = [page.name for page in pages if not re.match(r"# .+\n\nFor ", page.read_text("utf-8"))]
    assert unsaid == ["benchmarks.md"]


def test_every_command_that_the_pages_show_exists():
    commands = get_command(app)
    shown = [
        (page.name, words.split())
        for page in PAGES
        for words in re.findall(r"(?:(?m:^)|[`/ ])caveat((?: [a-z]+){1,2})", page.read_text("utf-8"))
    ]
    assert len(shown) > 80
    assert [(name, words) for name, words in shown if not known(commands, words)] == []


def test_every_figure_and_every_span_stands_in_the_page_on_operations():
    told = (ROOT / "docs" / "operations.md").read_text("utf-8")
    state = State(edition=1, published_at=datetime.now(UTC), jobs={}, refreshes={}, failing=0)
    figures = set(re.findall(r"(?m)^# TYPE (caveat_\w+?)(?:_created)? ", Metrics(lambda: state).page().decode()))
    assert len(figures) == 15
    assert [name for name in figures if f"| `{name}` |" not in told] == []
    assert [name for name in figures if not re.search(rf"expr: .*{name}", told)] == [], "each has a rule for an alert"
    sources = [path.read_text("utf-8") for room in ("bot", "knowledge") for path in (ROOT / room).rglob("*.py")]
    spans = {name for source in sources for name in re.findall(r'\bspan\(\s*"([^"]+)"', source)}
    assert len(spans) > 20
    assert [name for name in spans if f"`{name}`" not in told] == []


def test_no_other_variable_of_the_environment_is_read(monkeypatch, tmp_path):
    for name in ("HOME", "HOST", "MODEL", "ADMINS", "EXECUTOR", "DATABASE_URL", "EMBEDDER"):
        monkeypatch.setenv(name, str(tmp_path / "elsewhere"))
    settings = Settings()
    assert settings.home == Path("~/.local/share/caveat")
    assert (settings.host, settings.model, settings.admins, settings.executor) == ("127.0.0.1", "", "", "")


def test_every_file_says_in_its_first_line_what_it_is_for():
    silent = [
        path.relative_to(ROOT).as_posix()
        for path in tracked()
        if path.suffix == ".py"
        and path.read_text("utf-8").strip()
        and not path.read_text("utf-8").startswith(('"""', "#!"))
    ]
    assert silent == []


def test_no_registry_host_no_path_of_a_machine_and_no_token_is_committed():
    wrong = []
    for path in tracked():
        if path.suffix == ".npy" or path == Path(__file__):
            continue
        text = path.read_text("utf-8")
        if path.suffix == ".lock" and (
            "://" in text or re.search(r"(?m)^\s*--(extra-)?index-url|^\s*--find-links", text)
        ):
            wrong.append(path)
        if re.search(r"(?<![\w.}])/(?:work|root)/", text):
            wrong.append(path)
        if re.search(r"xox[abp]-\d{6,}|sk-[A-Za-z0-9]{32,}", text):
            wrong.append(path)
    assert wrong == []


def test_the_lock_names_a_hash_for_every_package():
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    packages = re.findall(r"(?m)^[a-z0-9][\w.\[\]-]*==", lock)
    assert len(packages) > 50
    for block in re.split(r"(?m)^(?=[a-z0-9][\w.\[\]-]*==)", lock)[1:]:
        assert "--hash=sha256:" in block, block[:60]


def test_the_project_keeps_its_shape():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert project["project"]["name"] == "caveat"
    assert project["project"]["scripts"] == {"caveat": "bot.__main__:main"}
    wanted = {name.split(">")[0].split("=")[0] for name in project["project"]["dependencies"]}
    assert {"slack-bolt", "openai", "chromadb", "tenacity"} <= wanted
    assert {"bot", "knowledge", "tests", "docs"} <= {path.name for path in ROOT.iterdir() if path.is_dir()}
    assert [line.split(":")[0] for line in (ROOT / "Procfile").read_text("utf-8").splitlines()] == [
        "release",
        "web",
        "worker",
    ]

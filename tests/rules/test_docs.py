"""What the documents promise is there, and nothing of a workplace leaks into the tree."""

import re
import subprocess
import tomllib
from datetime import UTC, datetime
from pathlib import Path

from bot.metrics import Metrics, State
from bot.settings import Settings

ROOT = Path(__file__).resolve().parent.parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.splitlines() if (ROOT / name).is_file()]


def setting_names() -> set[str]:
    names = set()
    for field in Settings.model_fields.values():
        alias = field.validation_alias
        names |= {alias} if isinstance(alias, str) else set(alias.choices)
    return names


def test_every_setting_stands_in_the_readme():
    assert [name for name in setting_names() if f"`{name}`" not in README] == []


def test_the_answer_on_the_first_screen_is_made_of_the_shipped_texts():
    shown = README.split("```")[1]
    shipped = " ".join(
        re.sub(r"\s+", " ", path.read_text("utf-8")) for path in (ROOT / "knowledge" / "corpus").rglob("*.md")
    )
    quotes = [re.sub(r"\s+", " ", quote) for quote in re.findall(r"“([^”]+)”", shown)]
    assert len(quotes) >= 4
    assert [quote for quote in quotes if quote not in shipped] == []


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

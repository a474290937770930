"""What the documents promise is there, and nothing of a workplace leaks into the tree."""

import re
import subprocess
import tomllib
from pathlib import Path

from bot.settings import Settings

ROOT = Path(__file__).resolve().parent.parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.splitlines() if (ROOT / name).is_file()]


def test_every_setting_stands_in_the_readme():
    names = {choice for field in Settings.model_fields.values() for choice in field.validation_alias.choices}
    missing = [name for name in names if name.isupper() and f"`{name}`" not in README]
    assert missing == []


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
        if re.search(r"(?m)^\s*(--index-url|--extra-index-url|--find-links)|pypi\.org|files\.pythonhosted", text):
            wrong.append(path)
        if re.search(r"(?<![\w.])/(?:work|root)/", text):
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

"""What every test stands on: an open loopback, the shared data where it is, and one published starter edition."""

import fcntl
import os
import shutil
import socket
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import build
from bot.desk import Desk
from bot.settings import Settings
from knowledge.refresh import refresh
from tests.flows.forking import launcher
from tests.flows.processes import COLD

SHARED = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
SECRETS = (
    "CAVEAT_HOME", "CAVEAT_DATABASE_URL", "CAVEAT_CHROMA_URL", "CAVEAT_EMBEDDER", "CAVEAT_MODEL", "OPENAI_API_KEY",
    "OPENAI_BASE_URL", "SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN", "SLACK_API_URL", "PORT",
    "CAVEAT_PUBLIC_URL", "CAVEAT_LINK_SECRET", "CAVEAT_LINK_DAYS", "CAVEAT_ADMINS", "CAVEAT_REVIEWERS", "CAVEAT_DECISION_DAYS",
    "CAVEAT_SECRET_KEY",
    "CAVEAT_SLACK_TEAMS", "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "CAVEAT_METRICS_PORT",
    "CLIENT_ID", "CLIENT_SECRET", "TENANT_ID",
    "CAVEAT_RETENTION_DAYS", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_TRACES_EXPORTER",
    "OTEL_SDK_DISABLED",
)  # fmt: skip


def _open_loopback() -> None:
    """Bring the loopback up where it is down, as it is in a fresh network namespace (`unshare -n`)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        request = struct.pack("16sH14s", b"lo", 0, b"")
        flags = struct.unpack("16sH14s", fcntl.ioctl(probe, 0x8913, request))[1]  # SIOCGIFFLAGS
        if not flags & 1:
            fcntl.ioctl(probe, 0x8914, struct.pack("16sH14s", b"lo", flags | 1, b""))  # SIOCSIFFLAGS, IFF_UP


def pytest_configure() -> None:
    for name in SECRETS:
        os.environ.pop(name, None)
    try:
        _open_loopback()
    except OSError:
        pytest.exit("the loopback is down and cannot be brought up: run the tests as root there", returncode=4)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The shared data of the workplace; tests that need it are skipped where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("the shared data is not here")
    return SHARED


@pytest.fixture(scope="session")
def interpreter() -> Iterator[None]:
    """An interpreter for the processes that a refresh starts which does not import the program anew in each."""
    real = sys.executable
    if not COLD:
        sys.executable = launcher()
    yield
    sys.executable = real


@pytest.fixture(scope="session")
def starter_home(interpreter: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder with the starter edition published; never written to, copy it with `home`."""
    home = tmp_path_factory.mktemp("starter")
    report = refresh(build.library(Settings(CAVEAT_HOME=home)).refresher)
    assert report.failed == ()
    return home


@pytest.fixture
def home(starter_home: Path, tmp_path: Path) -> Path:
    """A state folder of one's own with the starter edition published."""
    return Path(shutil.copytree(starter_home, tmp_path / "home"))


@pytest.fixture(scope="session")
def library(starter_home: Path, tmp_path_factory: pytest.TempPathFactory) -> build.Library:
    """The starter library, shared by tests that only ask."""
    place = tmp_path_factory.mktemp("asked") / "home"
    return build.library(Settings(CAVEAT_HOME=Path(shutil.copytree(starter_home, place))))


@pytest.fixture(scope="session")
def desk(library: build.Library) -> Desk:
    """A desk over the starter library that has no language model."""
    return build.desk(Settings(CAVEAT_HOME="/nowhere"), library)

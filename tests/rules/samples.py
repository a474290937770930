"""The samples of public lists, which stay outside the repository, and ways to spoil them."""

from tests.sets import SHARED

LISTS = SHARED / "lists"


def files(folder, *names):
    """The named files of a folder by their names."""
    return {name: (LISTS / folder / name).read_bytes() for name in names}


def tenths(raw):
    """The file cut at every tenth."""
    return [raw[: len(raw) * tenth // 10] for tenth in range(10)]

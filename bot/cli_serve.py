"""What runs on a server: `caveat serve`, `web` and `worker`, and `caveat migrate`, which goes before them."""

import typer

from bot.shell import told


def migrate() -> None:
    """Bring the database's schema up to date."""
    from bot import build

    with told(as_json=False):
        build.library(build.settings())
    typer.echo("The database is up to date.")


def serve() -> None:
    """Run web and worker in one process."""
    _serve(web=True, worker=True)


def web() -> None:
    """Run the web process: take in events and requests, leave the work to workers."""
    _serve(web=True, worker=False)


def worker() -> None:
    """Run the worker process: do the work that web processes took in."""
    _serve(web=False, worker=True)


def _serve(*, web: bool, worker: bool) -> None:
    from bot import build
    from bot.serve import run

    with told(as_json=False):
        settings = build.settings()
        run(settings, build.library(settings), web=web, worker=worker)

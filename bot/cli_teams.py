"""`caveat teams`: what an administrator needs to bring the bot into Microsoft Teams."""

from pathlib import Path
from typing import Annotated

import typer

from bot.shell import BAD_INPUT, AsJson, fail, say, told

teams = typer.Typer(help="Bring the bot into Microsoft Teams.", no_args_is_help=True, rich_markup_mode=None)
NOWHERE = "https://localhost"


@teams.callback()
def _group() -> None:
    """Bring the bot into Microsoft Teams."""


@teams.command("package")
def package(
    out: Annotated[Path, typer.Option("--out", metavar="FILE.zip", help="Where the package is written.")],
    url: Annotated[
        str, typer.Option("--url", help="Where people reach this server; CAVEAT_PUBLIC_URL by default.")
    ] = "",
    slash: Annotated[
        bool, typer.Option("--slash", help="Slash commands, by the manifest's developer preview.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write the app package that is uploaded to Teams: manifest and icons."""
    from importlib.metadata import version
    from uuid import UUID

    from bot import build
    from bot.teams.package import package as packed

    with told(as_json=as_json):
        settings = build.settings()
    try:
        app = str(UUID(settings.teams_client_id))
    except ValueError:
        fail(
            "CLIENT_ID must be the app's id in Entra, such as 00000000-0000-0000-0000-000000000000",
            BAD_INPUT,
            as_json=as_json,
        )
    url = (url or settings.public_url or NOWHERE).rstrip("/")
    if not url.startswith("https://") or len(url) > 1_000:
        fail(
            "the address of this server must begin with https:// in Teams: give it by --url", BAD_INPUT, as_json=as_json
        )
    try:
        out.write_bytes(packed(app, url, version("caveat"), slash=slash))
    except OSError:
        fail(f"{out} cannot be written: nothing was made", BAD_INPUT, as_json=as_json)
    point = f"{url}/api/messages"
    note = " No address is known yet: give --url before you upload it." if url == NOWHERE else ""
    say(
        {"package": str(out), "app": app, "messaging_endpoint": point},
        f"{out} is made.{note} Upload it in the Teams admin centre, and set the bot's messaging endpoint to {point}",
        as_json=as_json,
    )

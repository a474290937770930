"""`caveat slack`: what an administrator needs to set the app up in Slack."""

import re
from typing import Annotated

import typer

from bot.shell import BAD_INPUT, AsJson, fail, print_json, told

slack = typer.Typer(help="The app in Slack.", no_args_is_help=True, rich_markup_mode=None)
_NO_ADDRESS = "Slack needs an address: name it with --url https://HOST, or use --socket, which needs none"


@slack.callback()
def rooms() -> None:
    """Set the app up in Slack."""


@slack.command()
def manifest(
    url: Annotated[
        str, typer.Option("--url", metavar="URL", help="Where Slack reaches this server; else CAVEAT_PUBLIC_URL.")
    ] = "",
    socket: Annotated[bool, typer.Option("--socket", help="For Socket Mode, without a public address.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print the app's manifest, to be pasted where Slack creates an app from a manifest."""
    from bot import build
    from bot.slack.manifest import manifest as made

    with told(as_json=as_json):
        address = "" if socket else (url or build.settings().public_url).rstrip("/")
    if url and socket:
        fail("--url and --socket are two ways to be reached: choose one", BAD_INPUT, as_json=as_json)
    if not socket and not re.fullmatch(r"https://[A-Za-z0-9.\-]+(:\d+)?(/[A-Za-z0-9._~/-]*)?", address):
        fail(_NO_ADDRESS if not address else "Slack takes https:// addresses only", BAD_INPUT, as_json=as_json)
    body = made(address)
    if as_json:
        print_json(body)
    else:
        import yaml

        typer.echo(yaml.safe_dump(body, sort_keys=False, allow_unicode=True, width=120), nl=False)

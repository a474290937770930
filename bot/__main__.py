"""The `caveat` command."""

import json
import sys

from bot.cli import app
from bot.shell import FAILURE


def main() -> None:
    """Run the command line; what nobody foresaw ends in words and an exit code, never in a foreign error's text."""
    try:
        app()
    except Exception as error:  # noqa: BLE001 - the one place where a process turns anything into words
        words = (
            f"something broke ({type(error).__name__}). The edition in service is whole and as it was. Check that the state folder and the database can be read and written and that the disk has room"
            " (caveat doctor), then try again."
        )
        if "--json" in sys.argv:
            sys.stdout.write(json.dumps({"error": words}) + "\n")
        else:
            sys.stderr.write(f"caveat: {words}\n")
        raise SystemExit(FAILURE) from None


if __name__ == "__main__":
    main()

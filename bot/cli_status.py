"""`caveat status` and `caveat doctor`: what is in service, and what is configured, reachable and stale."""

import typer

from bot.shell import ANSWERED, FAILURE, AsJson, console, print_json, told


def status(as_json: AsJson = False) -> None:
    """Show the edition in service, the sources and what failed."""
    from bot import build
    from bot.status import status as report_status

    with told(as_json=as_json):
        settings = build.settings()
        report = report_status(settings, build.library(settings))
    if as_json:
        print_json(report)
        return
    from bot.terminal import table

    screen = console()
    rows = [(name, str(value)) for name, value in report.items() if not isinstance(value, (list, dict))]
    screen.print(table(("", ""), rows))
    screen.print(
        table(
            ("source", "documents", "last read", "problem"),
            (
                [str(one[key] or "") for key in ("name", "documents", "checked_at", "error")]
                for one in report["sources"]
            ),
        )
    )
    for failure in report["failed"]:
        where = f"{failure['source']}: {failure['ref']}".removesuffix(": ")
        screen.print(f"  failed  {where}: {failure['error']}", markup=False)
    for one in report["lists"]:
        if one["stale"] or one["failure"]:
            screen.print(f"  list  {one['id']}: {one['note']}", markup=False)
    for letter in report["dead_letters"]:
        taken = f"{letter['door']} {letter['key']}, asked {letter['since']}, given up {letter['failed_at']}"
        then = f"tried again {letter['next_at']}" if letter["next_at"] else "see caveat work"
        screen.print(f"  undelivered  {taken}: {letter['why']}; {then}", markup=False)


def doctor(as_json: AsJson = False) -> None:
    """Tell what is configured, reachable and stale."""
    from bot import build
    from bot.doctor import examine

    with told(as_json=as_json):
        settings = build.settings()
        checks = examine(settings, build.library(settings))
    if as_json:
        print_json({"checks": checks})
    else:
        from bot.terminal import table

        console().print(
            table(("check", "state", "what it means"), ([one["check"], one["state"], one["note"]] for one in checks))
        )
    raise typer.Exit(FAILURE if any(one["state"] == "bad" for one in checks) else ANSWERED)

"""Asks the desk as a test's person would."""

from uuid import uuid4

from bot.desk import Desk
from bot.model import Answer, Asker, Place, Question

ANN = Asker("ann", staff=True)
GUEST = Asker("guest")
TERMINAL = Place("terminal")


async def ask(desk: Desk, text: str, asker: Asker = ANN, place: Place = TERMINAL, **more) -> Answer:
    return await desk.ask(Question(more.pop("key", uuid4().hex), text, asker, place, **more))


def cited(answer: Answer) -> list[str]:
    return [claim.passage.citation for claim in answer.claims]

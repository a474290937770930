"""The order in which waiting questions are let through."""

import asyncio

import pytest

from bot.gate import Gate, Limits, Ticket


class Crowd:
    """Tickets at a gate; each stays inside until it is let out."""

    def __init__(self, **limits):
        self.gate = Gate(Limits(**limits))
        self.inside = []
        self.tasks = {}
        self.tickets = {}
        self.outs = {}

    async def come(self, name, asker, place=""):
        self.tickets[name], self.outs[name] = Ticket(asker, place), asyncio.Event()

        async def stay():
            async with self.gate.turn(self.tickets[name]):
                self.inside.append(name)
                await self.outs[name].wait()
            self.inside.remove(name)

        self.tasks[name] = asyncio.create_task(stay())
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    async def leave(self, name):
        self.outs[name].set()
        await self.tasks[name]
        await asyncio.sleep(0)

    async def close(self):
        for task in self.tasks.values():
            task.cancel()
        await asyncio.gather(*self.tasks.values(), return_exceptions=True)


async def test_a_burst_of_one_asker_lets_another_s_question_go_before():
    crowd = Crowd(at_once=1)
    for number in range(4):
        await crowd.come(f"a{number}", "ada")
    await crowd.come("g", "grace")
    assert crowd.inside == ["a0"]
    assert [crowd.gate.place_of(crowd.tickets[name]) for name in ("a0", "g", "a1", "a2", "a3")] == [0, 1, 2, 3, 4]
    await crowd.leave("a0")
    assert crowd.inside == ["g"]
    await crowd.leave("g")
    assert crowd.inside == ["a1"]
    await crowd.close()


async def test_an_asker_and_a_place_hold_only_so_many_places_inside():
    crowd = Crowd(at_once=4, per_asker=2, per_place=3)
    for number in range(3):
        await crowd.come(f"a{number}", "ada", "general")
    await crowd.come("g", "grace", "general")
    await crowd.come("h", "heidi", "general")
    await crowd.come("i", "ivan", "elsewhere")
    assert crowd.inside == ["a0", "a1", "g", "i"]
    await crowd.leave("i")
    assert crowd.inside == ["a0", "a1", "g"], "the place is full, and the asker as well"
    await crowd.leave("a0")
    assert crowd.inside == ["a1", "g", "h"]
    await crowd.close()


async def test_who_gives_up_makes_room_and_a_closed_gate_sends_everybody_away():
    crowd = Crowd(at_once=1)
    for name in ("a", "b", "c"):
        await crowd.come(name, name)
    crowd.tasks["a"].cancel()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert "b" in crowd.inside
    crowd.gate.close()
    with pytest.raises(asyncio.CancelledError):
        await crowd.tasks["c"]
    await crowd.leave("b")
    await crowd.come("d", "d")
    assert crowd.tasks["d"].cancelled()
    await crowd.close()

"""A cancellation arrives at the await, as an exception: it can be caught for cleaning up, and even
be swallowed. Whoever is cancelled before it ran never runs."""
import asyncio


async def work(name):
    try:
        print(f"{name} waits")
        await asyncio.sleep(10)
    except asyncio.CancelledError:
        print(f"{name} cleans up")
        raise
    finally:
        print(f"{name} is over")


async def stubborn():
    try:
        await asyncio.sleep(10)
    except asyncio.CancelledError:
        print("stubborn does not care")
    await asyncio.sleep(0)
    return "done nevertheless"


async def deaf_to_errors():
    try:
        await asyncio.sleep(10)
    except Exception:
        print("never: a cancellation is no ordinary error")


async def outcome_of(name, task):
    try:
        print(f"{name}: {await task}")
    except asyncio.CancelledError:
        print(f"{name}: cancelled")
    print(f"{name}: done {task.done()}, cancelled {task.cancelled()}, cancel {task.cancel()}")


async def main():
    before = asyncio.create_task(work("before it ran"))
    print(f"cancel {before.cancel()}, done {before.done()}, cancelled {before.cancelled()}")
    await outcome_of("before", before)

    waiting = asyncio.create_task(work("work"))
    await asyncio.sleep(0)
    print(f"cancel {waiting.cancel()}, done {waiting.done()}, cancelled {waiting.cancelled()}")
    await outcome_of("waiting", waiting)

    swallowed = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    swallowed.cancel()
    await outcome_of("swallowed", swallowed)

    deaf = asyncio.create_task(deaf_to_errors())
    await asyncio.sleep(0)
    deaf.cancel()
    await outcome_of("deaf", deaf)


asyncio.run(main())

"""Cleaning up may take turns of its own, and may be cancelled too; who waits for the task waits for
that."""
import asyncio


async def clean_up(name):
    print(f"{name} begins to clean up")
    await asyncio.sleep(0.03)
    print(f"{name} has cleaned up")


async def work(name):
    try:
        await asyncio.sleep(10)
    except asyncio.CancelledError:
        await clean_up(name)
        raise


async def outcome_of(name, task):
    try:
        await task
        print(f"{name} ended")
    except asyncio.CancelledError:
        print(f"{name} was cancelled")


async def main():
    once = asyncio.create_task(work("once"))
    await asyncio.sleep(0)
    once.cancel()
    print(f"main has cancelled it, {once.done()}")
    await asyncio.sleep(0)
    print(f"main after a turn, {once.done()}")
    await outcome_of("once", once)

    twice = asyncio.create_task(work("twice"))
    await asyncio.sleep(0)
    twice.cancel()
    await asyncio.sleep(0)
    twice.cancel()
    await outcome_of("twice", twice)

    at_once = asyncio.create_task(work("twice at once"))
    await asyncio.sleep(0)
    print(f"cancel {at_once.cancel()}, {at_once.cancel()}")
    await outcome_of("twice at once", at_once)


asyncio.run(main())

"""Saying when something begins, and how long it took: for a result, a failure and a cancellation.
The times themselves are left out here."""
import asyncio
import re
import time


def say(line):
    print(re.sub(r"\d+\.\d{3} s", "... s", line))


# The runtime's own, which asyncio has not.
async def timed(name, awaitable):
    began = time.monotonic()
    say(f"{name} started")
    how = "failed after"
    try:
        result = await awaitable
        how = "finished in"
        return result
    except asyncio.CancelledError:
        how = "was cancelled after"
        raise
    finally:
        say(f"{name} {how} {time.monotonic() - began:.3f} s")


async def work(seconds):
    print("work begins")
    await asyncio.sleep(seconds)
    print("work ends")
    return "a result"


async def fail():
    await asyncio.sleep(0)
    raise RuntimeError("a failure")


async def main():
    coroutine = timed("not yet", work(0.03))
    print("nothing is said before it is awaited")
    print(f"main has {await coroutine}")
    try:
        await timed("failing", fail())
    except RuntimeError as error:
        print(f"main is told of {error}")
    try:
        await asyncio.wait_for(timed("endless", asyncio.sleep(10)), 0.03)
    except asyncio.TimeoutError:
        print("the time has run out")
    await asyncio.gather(timed("a", work(0.07)), timed("b", asyncio.create_task(work(0.03))))


asyncio.run(main())

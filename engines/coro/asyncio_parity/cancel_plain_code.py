"""A cancellation never interrupts plain code: it takes effect at the next await that has to wait,
or else at the end."""
import asyncio


async def cancels_itself(then):
    asyncio.current_task().cancel()
    print("itself goes on")
    await at_once()
    print("itself goes on after an await that did not wait")
    if then is None:
        return "result"
    try:
        await then()
        print("never")
    except asyncio.CancelledError:
        print("itself is cancelled at the await")
        raise


async def at_once():
    return "at once"


async def nap():
    await asyncio.sleep(0.03)


async def turn():
    await asyncio.sleep(0)


async def failing():
    asyncio.current_task().cancel()
    raise RuntimeError("failing comes first")


async def outcome_of(task):
    try:
        print(f"main has {await task}")
    except asyncio.CancelledError:
        print("main is told that it was cancelled")
    except RuntimeError as error:
        print(f"main is told of {error}")


async def main():
    await outcome_of(asyncio.create_task(cancels_itself(nap)))
    await outcome_of(asyncio.create_task(cancels_itself(turn)))
    await outcome_of(asyncio.create_task(cancels_itself(None)))
    await outcome_of(asyncio.create_task(failing()))


asyncio.run(main())

"""A task that does not care about being cancelled, behind a limit: its result counts after all, and
what it throws instead is told."""
import asyncio


async def stubborn():
    try:
        await asyncio.sleep(10)
    except asyncio.CancelledError:
        print("stubborn goes on")
    await asyncio.sleep(0.03)
    print("stubborn ends")
    return "a late result"


async def clumsy():
    try:
        await asyncio.sleep(10)
    except asyncio.CancelledError:
        raise RuntimeError("clumsy failed to clean up")


async def main():
    print(f"main has {await asyncio.wait_for(stubborn(), 0.03)}")
    try:
        await asyncio.wait_for(clumsy(), 0.03)
    except RuntimeError as error:
        print(f"main is told: {error}")


asyncio.run(main())

"""Many at once, of which some fail: the first failure is told at once, and the others go on."""
import asyncio


async def work(name, seconds):
    await asyncio.sleep(seconds)
    print(f"{name} ends")


async def fail(name, seconds):
    await asyncio.sleep(seconds)
    print(f"{name} fails")
    raise RuntimeError(name)


async def main():
    slow = asyncio.create_task(work("slow", 0.09))
    all_of_them = asyncio.gather(slow, fail("early", 0.02), fail("late", 0.05))
    try:
        await all_of_them
    except RuntimeError as error:
        print(f"main is told of {error}, {all_of_them.done()}, {slow.done()}")
    print(f"its exception is {all_of_them.exception()}")
    await slow
    print("main has waited for the slow one")
    cancelled = asyncio.create_task(work("never", 10))
    asyncio.get_running_loop().call_soon(cancelled.cancel)
    try:
        await asyncio.gather(work("other", 0), cancelled)
    except asyncio.CancelledError:
        print("main is told that one was cancelled")


asyncio.run(main())

"""A shield: the time runs out, or who waits is cancelled, but the task goes on and can be awaited
later."""
import asyncio


async def work(name):
    try:
        await asyncio.sleep(0.06)
        print(f"{name} ends")
        return name
    except asyncio.CancelledError:
        print(f"{name} is cancelled")
        raise


async def waits(task):
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        print("who waits is cancelled")
        raise


async def main():
    task = asyncio.create_task(work("work"))
    try:
        await asyncio.wait_for(asyncio.shield(task), 0.03)
    except asyncio.TimeoutError:
        print(f"the time has run out, {task.done()}")
    print(f"main has {await task}")

    task = asyncio.create_task(work("more work"))
    waiter = asyncio.create_task(waits(task))
    await asyncio.sleep(0.03)
    waiter.cancel()
    try:
        await waiter
    except asyncio.CancelledError:
        print(f"the waiter was cancelled, the task {task.cancelled()}")
    print(f"main has {await asyncio.shield(task)}")

    task = asyncio.create_task(work("the inner one"))
    shield = asyncio.shield(task)
    await asyncio.sleep(0)
    task.cancel()
    try:
        await shield
    except asyncio.CancelledError:
        print(f"no shield against cancelling the task itself, {shield.cancelled()}")


asyncio.run(main())

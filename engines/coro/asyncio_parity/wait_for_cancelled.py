"""Whoever is cancelled while waiting with a limit cancels what they wait for, and waits for its
end; unless it is done in the same moment."""
import asyncio


async def inner():
    try:
        await asyncio.sleep(10)
    except asyncio.CancelledError:
        print("inner begins to clean up")
        await asyncio.sleep(0.03)
        print("inner has cleaned up")
        raise


async def outer():
    try:
        await asyncio.wait_for(inner(), 10)
    except asyncio.CancelledError:
        print("outer is cancelled")
        raise


async def limited(future):
    return await asyncio.wait_for(future, 10)


async def main():
    task = asyncio.create_task(outer())
    await asyncio.sleep(0.03)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        print(f"main is told, {task.cancelled()}")
    future = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(limited(future))
    await asyncio.sleep(0)
    future.set_result("a result")
    task.cancel()
    print(f"main has {await task}")


asyncio.run(main())

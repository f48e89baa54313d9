"""A cancellation reaches what the task awaits: another task, a future. And it never reaches what
only runs beside it."""
import asyncio


async def inner(name):
    try:
        print(f"{name} waits")
        await asyncio.sleep(10)
    except asyncio.CancelledError:
        print(f"{name} is cancelled")
        raise


async def middle():
    try:
        await inner("coroutine")
    finally:
        print("middle is over")


async def outer(task):
    try:
        await task
    except asyncio.CancelledError:
        print(f"outer is cancelled, its task {task.cancelled()}")
        raise


async def swallows(task):
    try:
        await task
    except asyncio.CancelledError:
        print("swallowed")
    return "result"


async def cancel(task):
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    try:
        print(f"the task gave {await task}")
    except asyncio.CancelledError:
        print("the task was cancelled")


async def main():
    await cancel(asyncio.create_task(middle()))

    beside = asyncio.create_task(inner("beside"))
    task = asyncio.create_task(inner("task"))
    await cancel(asyncio.create_task(outer(task)))

    future = asyncio.get_running_loop().create_future()
    await cancel(asyncio.create_task(outer(future)))
    print(f"the future was cancelled {future.cancelled()}")

    task = asyncio.create_task(inner("inner task"))
    await cancel(asyncio.create_task(swallows(asyncio.create_task(outer(task)))))

    # A task that somebody else cancels looks to who awaits it as if they were cancelled themselves.
    task = asyncio.create_task(inner("other"))
    waiter = asyncio.create_task(swallows(task))
    await asyncio.sleep(0)
    task.cancel()
    print(f"the waiter gave {await waiter}")
    print(f"beside is done {beside.done()}")


asyncio.run(main())

"""A limit for waiting: the result in time, or TimeoutError once the task is cancelled and over."""
import asyncio


async def work(name, seconds):
    try:
        print(f"{name} begins")
        await asyncio.sleep(seconds)
        print(f"{name} ends")
        return name
    except asyncio.CancelledError:
        print(f"{name} is cancelled")
        raise


async def fail():
    raise RuntimeError("failed in time")


async def timeout_of(awaitable, seconds):
    try:
        print(f"main has {await asyncio.wait_for(awaitable, seconds)}")
    except asyncio.TimeoutError:
        print("main: the time has run out")
    except RuntimeError as error:
        print(f"main: {error}")


async def main():
    await timeout_of(work("in time", 0.01), 10)
    await timeout_of(work("too late", 10), 0.03)
    await timeout_of(work("not at all", 10), 0)
    await timeout_of(fail(), 10)
    task = asyncio.create_task(work("a task", 10))
    await timeout_of(task, 0.03)
    print(f"the task is cancelled {task.cancelled()}")
    done = asyncio.create_task(work("done", 0))
    await done
    await timeout_of(done, 0)
    await timeout_of(asyncio.get_running_loop().create_future(), 0.03)


asyncio.run(main())

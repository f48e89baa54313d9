"""An exception travels through all that await, from coroutine to coroutine and task to task, until
somebody catches it; a task keeps it for whoever awaits, as often as they do."""
import asyncio


async def fail():
    await asyncio.sleep(0)
    raise ValueError("the cause")


async def middle():
    try:
        await fail()
        print("never")
    finally:
        print("middle is left")


async def outer():
    try:
        await asyncio.create_task(middle())
        print("never")
    except ValueError as error:
        print(f"outer translates {error}")
        raise RuntimeError("the consequence")


async def catches():
    try:
        await middle()
    except ValueError as error:
        print(f"caught {error}")
    await asyncio.sleep(0)
    return "went on"


async def main():
    task = asyncio.create_task(outer())
    for _ in range(2):
        try:
            await task
        except RuntimeError as error:
            print(f"main is told of {error}")
    print(f"done {task.done()}, cancelled {task.cancelled()}, exception {task.exception()}")
    print(f"main has {await catches()}")
    await middle()


try:
    asyncio.run(main())
except ValueError as error:
    print(f"run throws {error}")

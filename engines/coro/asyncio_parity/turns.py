"""Whose turn it is: an awaited coroutine runs on at once, a task begins at the next turn, and
sleep(0) lets the others go first."""
import asyncio


async def inner(name):
    print(f"{name} inside")


async def work(name):
    print(f"{name} begins")
    await inner(name)
    await asyncio.sleep(0)
    print(f"{name} goes on")
    await asyncio.sleep(0)
    print(f"{name} ends")
    return name


async def main():
    print("main begins")
    await work("awaited")
    first = asyncio.create_task(work("first"))
    second = asyncio.create_task(work("second"))
    never_awaited = work("coroutine")
    print("main has made two tasks")
    await asyncio.sleep(0)
    print("main after a turn")
    print(f"main has {await second}")
    print(f"main has {await first}, {first.done()}")
    print(f"main has {await first} again, at once")
    never_awaited.close()


asyncio.run(main())

"""Callbacks among tasks: first come, first served, whoever they are; one that fails harms
nobody."""
import asyncio


def fail():
    raise RuntimeError("as it should")


async def work():
    print("task begins")
    asyncio.get_running_loop().call_soon(print, "soon, asked for by the task")
    await asyncio.sleep(0)
    print("task ends")


async def main():
    loop = asyncio.get_running_loop()
    loop.call_soon(print, "soon 1")
    task = asyncio.create_task(work())
    loop.call_soon(print, "soon 2")
    loop.call_soon(fail)
    never = loop.call_soon(print, "never")
    never.cancel()
    loop.call_later(0.09, print, "late")
    loop.call_later(0.03, print, "early")
    never = loop.call_later(0.03, print, "never")
    never.cancel()
    loop.call_later(0, print, "at once, after all that was ready")
    print("main has asked for all")
    await task
    print("main has the task")
    await asyncio.sleep(0.06)
    print("main between early and late")
    await asyncio.sleep(0.06)
    never.cancel()


asyncio.run(main())

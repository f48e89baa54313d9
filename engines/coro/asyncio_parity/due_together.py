"""Timers and sleepers that are due together: callbacks run in the turn in which they are due, a
sleeper a turn later, since its timer completes a future that wakes it."""
import asyncio
import time


async def sleeper(name, seconds):
    await asyncio.sleep(seconds)
    print(f"{name} wakes")
    await asyncio.sleep(0)
    print(f"{name} ends")


async def main():
    loop = asyncio.get_running_loop()
    first = asyncio.create_task(sleeper("first", 0.03))
    loop.call_later(0.03, print, "timer")
    second = asyncio.create_task(sleeper("second", 0.01))
    await asyncio.sleep(0)
    loop.call_later(0.02, print, "another timer")
    loop.call_soon(print, "soon")
    time.sleep(0.06)
    print("main has kept the loop until all were due")
    await asyncio.sleep(0)
    print("main after a turn")
    await first
    await second


asyncio.run(main())

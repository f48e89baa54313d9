"""What blocks, on another thread: the loop ticks on meanwhile. Nobody can stop a thread: a call
that is cancelled is no longer waited for, but run() does not end before it has ended."""
import asyncio
import concurrent.futures
import threading
import time


def blocking(seconds):
    time.sleep(seconds)
    return "a result"


def failing():
    raise RuntimeError("a failure")


def too_long():
    time.sleep(0.09)
    print("the call has ended, unheard")


def never():
    print("never")


async def ticker():
    for tick in range(3):
        print(f"tick {tick}")
        await asyncio.sleep(0.03)


async def main():
    loop = asyncio.get_running_loop()
    ticking = asyncio.create_task(ticker())
    print(f"main has {await loop.run_in_executor(None, blocking, 0.15)}, {ticking.done()}")
    try:
        await loop.run_in_executor(None, failing)
    except RuntimeError as error:
        print(f"main is told of {error}")
    here = threading.get_ident()
    there = await loop.run_in_executor(None, threading.get_ident)
    print(f"on another thread {here != there}")

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        first = loop.run_in_executor(pool, blocking, 0.03)
        second = loop.run_in_executor(pool, never)
        print(f"the only thread is busy, so the second is called off {second.cancel()}")
        print(f"the first has {await first}")

    try:
        await asyncio.wait_for(loop.run_in_executor(None, too_long), 0.03)
    except asyncio.TimeoutError:
        print("the time has run out")
    print("main ends")


asyncio.run(main())
print("run is over")

"""Debug mode tells of what takes too long and of what was forgotten. The words differ, so that they
are reduced to what is told of whom."""
import asyncio
import gc
import logging
import re
import time
import warnings


class Reports(logging.Handler):
    def emit(self, record):
        message = record.getMessage()
        whose = re.search(r"coro=<(\w+)", message) or re.search(r"Handle (\w+)", message)
        if " took " in message:
            print(f"slow: {whose[1]}")
        if "never retrieved" in message:
            print(f"never taken: {whose[1]}, {record.exc_info[1]}")


def warn(message, *_, **__):
    whose = re.search(r"coroutine .(\w+)", str(message))
    print(f"never awaited: {whose[1]}")


logging.getLogger("asyncio").addHandler(Reports())
logging.getLogger("asyncio").propagate = False
warnings.simplefilter("always")
warnings.showwarning = warn


async def slow():
    time.sleep(0.06)


async def slow_later():
    await asyncio.sleep(0)
    time.sleep(0.06)


async def quick():
    await asyncio.sleep(0.06)


async def failing():
    raise RuntimeError("a failure")


async def main():
    asyncio.get_running_loop().slow_callback_duration = 0.03
    await asyncio.create_task(quick())
    print("quick is over")
    await asyncio.create_task(slow())
    print("slow is over")
    await asyncio.create_task(slow_later())
    print("slow_later is over")
    quick()
    print("quick is forgotten")
    taken = asyncio.create_task(failing())
    asyncio.create_task(failing())
    await asyncio.sleep(0)
    try:
        await taken
    except RuntimeError:
        print("one was taken")
    gc.collect()
    asyncio.get_running_loop().slow_callback_duration = 0.1
    await asyncio.create_task(slow())
    print("slow is not too slow any more")


asyncio.run(main(), debug=True)

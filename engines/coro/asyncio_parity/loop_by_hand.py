"""A loop without run(): what is asked for waits until it runs; it runs until what it was asked for
is done, and the others have the rest of that turn; then all waits for the next time, or is never
heard of."""
import asyncio
import time


async def ticker(name):
    for tick in range(5):
        print(f"{name} {tick}")
        await asyncio.sleep(0)


async def nap():
    print("nap begins")
    await asyncio.sleep(0)
    print("nap ends")
    return "rested"


async def fail():
    raise RuntimeError("failed")


async def keeps_the_loop():
    loop = asyncio.get_running_loop()
    loop.call_later(0.03, print, "due in the last turn")
    loop.call_soon(print, "soon")
    time.sleep(0.06)
    print("has kept the loop")


async def nested(loop):
    other = nap()
    try:
        loop.run_until_complete(other)
    except RuntimeError:
        print("a loop runs already")
    other.close()


loop = asyncio.new_event_loop()
loop.call_soon(print, "a callback")
ticking = loop.create_task(ticker("tick"))
print("nothing has run yet")
print(f"the nap gave {loop.run_until_complete(nap())}")
loop.call_soon(print, "another callback")
try:
    loop.run_until_complete(fail())
except RuntimeError as error:
    print(f"it has {error}")
future = loop.create_future()
loop.call_soon(future.set_result, "a result")
print(f"the future gave {loop.run_until_complete(future)}")
print(f"once more, with a turn for the others: {loop.run_until_complete(future)}")
loop.run_until_complete(keeps_the_loop())
loop.run_until_complete(nested(loop))
loop.call_soon(print, "never")
loop.call_later(0, print, "never")
loop.close()
try:
    loop.call_soon(print, "never")
except RuntimeError:
    print("the loop is closed")
try:
    loop.run_until_complete(future)
except RuntimeError:
    print("the loop is closed")
try:
    asyncio.get_running_loop()
except RuntimeError:
    print("no loop runs here")

"""A cancelled future: who waits for it is told by CancelledError; and whoever is cancelled while
waiting cancels it, for all."""
import asyncio


async def waiter(name, future):
    try:
        await future
    except asyncio.CancelledError:
        print(f"{name} is told")
    await asyncio.sleep(0)
    print(f"{name} ends")


async def main():
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    a = asyncio.create_task(waiter("a", future))
    b = asyncio.create_task(waiter("b", future))
    await asyncio.sleep(0)
    print(f"cancel {future.cancel()}, {future.done()}, {future.cancelled()}, {future.cancel()}")
    await a
    await b
    try:
        future.result()
    except asyncio.CancelledError:
        print("its result is CancelledError")
    try:
        future.set_result(None)
    except asyncio.InvalidStateError:
        print("it can't be set any more")

    future = loop.create_future()
    c = asyncio.create_task(waiter("c", future))
    d = asyncio.create_task(waiter("d", future))
    await asyncio.sleep(0)
    c.cancel()
    print(f"cancelling c has cancelled the future {future.cancelled()}")
    await c
    await d
    print(f"and d, who was not cancelled {d.cancelled()}")


asyncio.run(main())

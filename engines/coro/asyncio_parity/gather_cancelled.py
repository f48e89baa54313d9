"""Cancelling what gathers cancels all that it gathers, and it ends when they have ended."""
import asyncio


async def work(name):
    try:
        print(f"{name} begins")
        await asyncio.sleep(10)
    except asyncio.CancelledError:
        print(f"{name} is cancelled")
        raise


async def quick():
    print("quick ends")


async def main():
    both = asyncio.gather(work("a"), quick(), work("b"))
    await asyncio.sleep(0.03)
    print(f"cancel says {both.cancel()}, {both.done()}")
    try:
        await both
    except asyncio.CancelledError:
        print(f"main is told, {both.done()}")
    print(f"cancel says {both.cancel()}")

    async def waiter():
        await asyncio.gather(work("c"), work("d"))

    task = asyncio.create_task(waiter())
    await asyncio.sleep(0.03)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        print("the waiter was cancelled")


asyncio.run(main())

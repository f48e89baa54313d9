"""What runs beside a limit, turn by turn: who waits with one goes on a turn later than who waits
without."""
import asyncio


async def ticker():
    for turn in range(8):
        print(f"turn {turn}")
        await asyncio.sleep(0)


async def work():
    print("work begins")
    await asyncio.sleep(0)
    print("work ends")


async def never_runs():
    print("never")


async def main():
    ticking = asyncio.create_task(ticker())
    await asyncio.create_task(work())
    print("main has waited without a limit")
    await ticking
    ticking = asyncio.create_task(ticker())
    await asyncio.wait_for(work(), 10)
    print("main has waited with a limit")
    await ticking
    ticking = asyncio.create_task(ticker())
    try:
        await asyncio.wait_for(never_runs(), 0)
    except asyncio.TimeoutError:
        print("main has not waited at all")
    await ticking


asyncio.run(main())

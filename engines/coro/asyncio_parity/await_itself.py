"""A task that awaits itself is told so, and may go on."""
import asyncio


async def awaits_itself():
    try:
        await asyncio.current_task()
    except RuntimeError:
        print("a task can't await itself")
    await asyncio.sleep(0)
    return "went on"


async def main():
    task = asyncio.create_task(awaits_itself())
    print(f"it {await task}")


asyncio.run(main())

"""Many at once: they begin in the order of the arguments, which is that of the results too, in
whatever order they end."""
import asyncio


async def work(name, seconds):
    print(f"{name} begins")
    await asyncio.sleep(seconds)
    print(f"{name} ends")
    return name


async def main():
    task = asyncio.create_task(work("a task", 0))
    slow, fast, tasks = await asyncio.gather(work("slow", 0.06), work("fast", 0.02), task)
    print(f"main has {slow}, {fast}, {tasks}")
    results = await asyncio.gather(*[work(name, 0) for name in ["a", "b", "c"]])
    print(f"main has {', '.join(results)}")
    nothing = await asyncio.gather()
    print(f"main has {len(nothing)}")
    both = asyncio.gather(work("left", 0), work("right", 0))
    print(f"main has not begun to wait, {both.done()}")
    await asyncio.sleep(0)
    print("main after a turn")
    await both
    print(f"main has waited, {both.done()}")


asyncio.run(main())

"""What run() does when main has ended: the tasks that are left are cancelled, and may clean up.
Only one is left at a time, since Python cancels them in no order."""
import asyncio


async def left(name):
    try:
        print(f"{name} waits")
        await asyncio.sleep(10)
    except asyncio.CancelledError:
        print(f"{name} is cancelled")
        await asyncio.sleep(0.03)
        print(f"{name} has cleaned up")
        raise


async def quick():
    print("quick begins")
    await asyncio.sleep(0)
    print("quick has its last turn")
    await asyncio.sleep(0)
    print("never")


async def main(what):
    asyncio.create_task(what)
    await asyncio.sleep(0)
    asyncio.get_running_loop().call_soon(print, "a last callback")
    asyncio.get_running_loop().call_later(10, print, "never")
    print("main ends")
    return "its result"


async def fails():
    asyncio.create_task(left("beside failure"))
    await asyncio.sleep(0)
    raise RuntimeError("main failed")


print(f"run gives {asyncio.run(main(left('left')))}")
print(f"run gives {asyncio.run(main(quick()))}")
try:
    asyncio.run(fails())
except RuntimeError as error:
    print(f"run throws {error}")

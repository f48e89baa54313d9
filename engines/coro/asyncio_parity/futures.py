"""A future: several wait for it, and go on in the order in which they came, a turn after it is set;
it can be set once."""
import asyncio


async def waiter(name, future):
    try:
        print(f"{name} has {await future}")
    except RuntimeError as error:
        print(f"{name} is told of {error}")


def try_to(what):
    try:
        print(f"there is {what()}")
    except asyncio.InvalidStateError:
        print("InvalidStateError")


async def main():
    future = asyncio.get_running_loop().create_future()
    waiters = [asyncio.create_task(waiter(name, future)) for name in ["a", "b", "c"]]
    await asyncio.sleep(0)
    print(f"done {future.done()}, cancelled {future.cancelled()}")
    try_to(future.result)
    try_to(future.exception)
    future.set_result("a result")
    print(f"done {future.done()}, cancelled {future.cancelled()}")
    try_to(future.result)
    try_to(lambda: future.set_result("another"))
    try_to(lambda: future.set_exception(RuntimeError("a failure")))
    try_to(future.result)
    print(f"cancel {future.cancel()}")
    print(f"main has {await future}, at once")
    await asyncio.gather(*waiters)

    failed = asyncio.get_running_loop().create_future()
    waiters = [asyncio.create_task(waiter(name, failed)) for name in ["d", "e"]]
    failed.set_exception(RuntimeError("a failure"))
    print(f"done {failed.done()}, exception {failed.exception()}")
    await asyncio.gather(*waiters)


asyncio.run(main())

"""What computes, in other processes: with a result, an exception's message, and an error where the
process dies."""
import asyncio
import concurrent.futures
import os


def square(number):
    return number * number


def fail(number):
    raise RuntimeError(f"no {number}, please")


def process_of(_):
    return os.getpid()


def die(status):
    os._exit(status)


async def main():
    loop = asyncio.get_running_loop()
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        squares = [loop.run_in_executor(pool, square, number) for number in range(5)]
        print(f"main has {', '.join(str(each) for each in await asyncio.gather(*squares))}")
        there = await loop.run_in_executor(pool, process_of, 0)
        print(f"in another process {there != os.getpid()}")
        try:
            await loop.run_in_executor(pool, fail, 7)
        except RuntimeError as error:
            print(f"main is told: {error}")
        try:
            await loop.run_in_executor(pool, die, 1)
        except concurrent.futures.process.BrokenProcessPool:
            print("the process has died")


if __name__ == "__main__":
    asyncio.run(main())

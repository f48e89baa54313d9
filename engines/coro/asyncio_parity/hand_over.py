"""Producers and a consumer who hand over by futures, turn by turn: a queue as one may build it."""
import asyncio
import collections


class Queue:
    def __init__(self):
        self.items = collections.deque()
        self.waiting = collections.deque()

    def put(self, item):
        self.items.append(item)
        while self.waiting:
            waiter = self.waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                break

    async def get(self):
        while not self.items:
            waiter = asyncio.get_running_loop().create_future()
            self.waiting.append(waiter)
            await waiter
        return self.items.popleft()


async def produce(queue, name, count):
    for number in range(count):
        print(f"{name} puts {number}")
        queue.put(f"{name} {number}")
        await asyncio.sleep(0)


async def consume(queue, name):
    while True:
        print(f"{name} has {await queue.get()}")


async def main():
    queue = Queue()
    consumers = [asyncio.create_task(consume(queue, name)) for name in ["x", "y", "z"]]
    await asyncio.sleep(0)
    consumers[1].cancel()
    await asyncio.gather(produce(queue, "a", 4), produce(queue, "b", 3))
    await asyncio.sleep(0.03)
    for consumer in consumers:
        print(f"cancel {consumer.cancel()}")
    queue.put("for nobody")
    await asyncio.sleep(0)
    print(f"left {len(queue.items)}, {consumers[0].cancelled()}, {consumers[2].cancelled()}")


asyncio.run(main())

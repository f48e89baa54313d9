"""What the engines on an event loop share: which loop, and how it ends. Not a conversation: loop.py
has it as coroutines over streams, loop_protocol.py as callbacks.

Freshly started, asyncio spends much on page faults of what it receives into (256 KiB a call, above
glibc's threshold for mmap): it gets to its full speed only after a while. MALLOC_TOP_PAD_=4194304 in
the environment would mend that; it is not set here, since who runs a server by the book gets it so.
"""

import asyncio
import sys

import protocol


def make():
    """The loop that the command line asks for, `--uvloop` before the role, and its name."""
    if sys.argv[1:2] != ["--uvloop"]:
        return asyncio.new_event_loop(), "asyncio"
    del sys.argv[1]
    try:
        import uvloop
    except ImportError as error:
        protocol.end(f"no uvloop ({error}); install the package python3-uvloop", protocol.UNAVAILABLE)
    return uvloop.new_event_loop(), f"uvloop {uvloop.__version__}"


def play(loop, work):
    """Runs a coroutine on `loop` until it is done, or the host is told to stop. What is still going
    on then is left alone, for the process ends."""
    loop.run_until_complete(until_stopped(loop, loop.create_task(work)))


async def until_stopped(loop, task):
    stopped = loop.create_future()

    def stop():
        if not stopped.done():
            stopped.set_result(None)

    # A signal's handler runs between any two instructions, so all it does is to wake the loop.
    protocol.stopping.call(lambda: loop.call_soon_threadsafe(stop))
    await asyncio.wait([task, stopped], return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        task.result()  # raises what it raised


def count_pauses(loop, serving):
    """A loop that can't accept for lack of descriptors says so here, and tries again later."""
    def on_trouble(_, context):
        if isinstance(context.get("exception"), OSError):
            serving.accept_pauses += 1
        else:
            loop.default_exception_handler(context)
    loop.set_exception_handler(on_trouble)

"""What measures limits by hand: engines and the load generator beside programs that do the same. None of
it is the harness: it makes no results and needs a quiet machine.

    scripts/limit.py --engines epoll --pairs 20
"""

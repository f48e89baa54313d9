"""An echo over sockets that are awaited: cancelling one that waits leaves the socket as it was, for
the next. A refused connection is an error."""
import asyncio
import socket


async def serve(listener):
    loop = asyncio.get_running_loop()
    connection, _ = await loop.sock_accept(listener)
    print("server has a connection")
    while True:
        received = await loop.sock_recv(connection, 100)
        print(f"server has {received.decode() or 'the end'}")
        if not received:
            break
        await loop.sock_sendall(connection, received)
    connection.close()


async def receive(client):
    received = await asyncio.get_running_loop().sock_recv(client, 100)
    return received.decode() or "the end"


async def too_late(awaitable):
    try:
        await asyncio.wait_for(awaitable, 0.03)
    except asyncio.TimeoutError:
        print("nothing came in time")


def new_socket():
    new = socket.socket()
    new.setblocking(False)
    return new


async def main():
    loop = asyncio.get_running_loop()
    listener = new_socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    address = listener.getsockname()

    await too_late(loop.sock_accept(listener))
    server = asyncio.create_task(serve(listener))
    client = new_socket()
    await loop.sock_connect(client, address)
    await too_late(receive(client))
    await loop.sock_sendall(client, b"hello")
    print(f"client has {await receive(client)}")
    await too_late(receive(client))
    await loop.sock_sendall(client, b"hello again")
    print(f"client has {await receive(client)}")
    client.shutdown(socket.SHUT_WR)
    await server
    print(f"client has {await receive(client)}")

    listener.close()
    refused = new_socket()
    try:
        await loop.sock_connect(refused, address)
    except OSError as error:
        print(f"refused {isinstance(error, ConnectionRefusedError)}")
    refused.close()
    client.close()


asyncio.run(main())

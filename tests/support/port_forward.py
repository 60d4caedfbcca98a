"""Forwards TCP connections, as an SSH tunnel does. Prism tells workers to connect to `localhost`.

python port_forward.py PORT HOST:PORT
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress


async def copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while chunk := await source.read(65536):
            target.write(chunk)
            await target.drain()
    target.close()


async def main() -> None:
    host, port = sys.argv[2].split(":")

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection(host, int(port))
        await asyncio.gather(copy(reader, there_writer), copy(there_reader, writer))

    server = await asyncio.start_server(connect, "localhost", int(sys.argv[1]))
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())

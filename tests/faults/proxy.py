"""A small TCP proxy that delays what passes and cuts connections, by a seeded chance."""

import asyncio
import socket
import struct
import threading
from random import Random


class Proxy:
    """Between clients and one local port, in a thread of its own."""

    def __init__(self, port: int, target: int, seed: int) -> None:
        self.port, self._target, self._chance = port, target, Random(seed)
        self.cut = self.delayed = 0
        self._open: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self.calm = False
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", self.port))
        self._loop.run_forever()

    def cut_one(self) -> None:
        """Reset one connection, in the middle of whatever it carries."""

        def cut() -> None:
            if self._open and not self.calm:
                writer = self._chance.choice(sorted(self._open, key=id))
                raw = writer.get_extra_info("socket")
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # RST
                writer.transport.abort()
                self.cut += 1

        self._loop.call_soon_threadsafe(cut)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            theirs, ours = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        self._open.add(writer)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._pass(reader, ours))
                tasks.create_task(self._pass(theirs, writer))
        except* OSError:
            pass
        finally:
            self._open.discard(writer)
            for end in (ours, writer):
                end.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            if not self.calm and self._chance.random() < 0.01:
                self.delayed += 1
                await asyncio.sleep(self._chance.uniform(0.05, 0.5))
            writer.write(data)
            await writer.drain()
        raise ConnectionResetError  # one end is closed: the other as well

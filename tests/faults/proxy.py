"""A small TCP proxy that delays what passes, cuts connections and sends some of them twice, by a seeded chance."""

import asyncio
import socket
import struct
import threading
from random import Random


class Proxy:
    """Between clients and one local port, in a thread of its own.

    `doubles`: the share of connections whose bytes reach the target on a second connection too, whose answer nobody
    reads. That is for protocols where the client need not hear to go on speaking: one HTTP request a connection.
    """

    def __init__(self, port: int, target: int, seed: int, doubles: float = 0.0) -> None:
        self.port, self._target, self._chance, self._doubles = port, target, Random(seed), doubles
        self.cut = self.delayed = self.doubled = 0
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
        many = 2 if not self.calm and self._chance.random() < self._doubles else 1
        targets = [asyncio.open_connection("127.0.0.1", self._target) for _ in range(many)]
        try:
            ends = await asyncio.gather(*targets)
        except OSError:
            writer.transport.abort()
            return
        self.doubled += many - 1
        self._open.add(writer)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._pass(reader, *(ours for _, ours in ends)))
                for n, (theirs, _) in enumerate(ends):
                    tasks.create_task(self._pass(theirs, *([writer] if n == 0 else [])))
        except* OSError:
            pass
        finally:
            self._open.discard(writer)
            for end in (writer, *(ours for _, ours in ends)):
                end.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, *writers: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            if not self.calm and self._chance.random() < 0.01:
                self.delayed += 1
                await asyncio.sleep(self._chance.uniform(0.05, 0.5))
            for writer in writers:
                writer.write(data)
                await writer.drain()
        if writers:
            raise ConnectionResetError  # one end is closed: the other as well

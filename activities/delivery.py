"""The two ways in which a letter or a message can fail to arrive. Mail and webhooks share them.

Their texts end up in logs and in Temporal's histories, where no personal data may be: they carry a code of
the protocol and nothing that the other side said, since servers like to quote the address and the text.
"""

from __future__ import annotations


class DeliveryFailed(Exception):
    """It may work later (the server is away, busy, or greylists): try again."""


class ServerAway(DeliveryFailed):
    """The server itself cannot be reached: nor could it for any other letter now."""


class DeliveryRefused(Exception):
    """It will never work as it is (bad address, bad content, a robot that was removed): do not try again.

    `positions` are the places in `Mail.to` that were refused, when the others were accepted; empty when
    nothing was delivered.
    """

    def __init__(self, message: str, positions: tuple[int, ...] = ()) -> None:
        super().__init__(message, positions)
        self.message, self.positions = message, positions

    def __str__(self) -> str:
        return self.message

"""A small Discord that works: REST and gateway over loopback, for the real client to talk to."""

from tests.fakes.discord.faults import Fault, Faults
from tests.fakes.discord.server import FakeDiscord
from tests.fakes.discord.visits import Visit
from tests.fakes.discord.world import World

__all__ = ["FakeDiscord", "Fault", "Faults", "Visit", "World"]

"""The product's settings with a short lease and a quick scheduler, for faults that need no real time."""

from kodala.settings import *  # noqa: F403

LEASE_SECONDS = 3.0
LEASE_HEARTBEAT_SECONDS = 0.5
SCHEDULER_SECONDS = 1.0

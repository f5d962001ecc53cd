"""Settings of the real worker that a test starts: its own queue, tasks really sent."""

import os

from tests.settings import *  # noqa: F403

CELERY_TASK_ALWAYS_EAGER = False
CELERY_TASK_DEFAULT_QUEUE = os.environ["KODALA_TEST_QUEUE"]

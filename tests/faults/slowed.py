"""The product's Celery application, in which cells take a moment to be stored, for `celery -A`.

So a test can be sure to meet that stage in its middle. While there is a file `poison` in the folder of the
installation, one delivery kills whoever checks it.
"""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django

django.setup()

from kodala.celery import app  # noqa: E402
from kodala.core.runs import Step  # noqa: E402
from microcells import services  # noqa: E402
from microcells.models import Delivery  # noqa: E402

__all__ = ["app"]
SLOW_STAGE, PAUSE_S = "microcells.build_microcells", 1.5
POISON = "gift.csv"
closing, check_file = Step.closing, services.check_file


@contextmanager
def after_a_moment(step: Step) -> Iterator[None]:
    """Close the slow stage a little later."""
    time.sleep(PAUSE_S if step.run.stage == SLOW_STAGE else 0)
    with closing(step):
        yield


def deadly(delivery: Delivery, *given: Any) -> Any:
    """Read a file, or die of it."""
    if delivery.file_name == POISON and (Path(os.environ["KODALA_VAR"]) / "poison").exists():
        os.kill(os.getpid(), signal.SIGKILL)
    return check_file(delivery, *given)


Step.closing = after_a_moment  # type: ignore[method-assign]
services.check_file = deadly

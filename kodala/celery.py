"""The Celery application; the tasks and their order stand in kodala/pipeline.py."""

import os
from pathlib import Path
from typing import Any

from celery import Celery
from celery.signals import worker_ready, worker_shutdown
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kodala.settings")

app = Celery("kodala")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.include = ["kodala.pipeline"]
app.conf.beat_schedule = {
    # A busy worker must not find an hour's worth of them: each lapses before the next is sent.
    "resume": {"task": "pipeline.resume_all", "schedule": 60.0, "options": {"expires": 55}}
}


def _ready_file() -> Path:
    return Path(settings.VAR_DIR) / "services" / "worker.ready"


@worker_ready.connect
def tell_that_the_worker_is_ready(**_: Any) -> None:
    """Leave a file that `./run` waits for, and take up what an earlier stop left open."""
    from kodala.pipeline import resume_all

    _ready_file().parent.mkdir(parents=True, exist_ok=True)
    _ready_file().write_text(str(os.getpid()))
    resume_all()


@worker_shutdown.connect
def tell_that_the_worker_is_gone(**_: Any) -> None:
    """Take the file away again."""
    _ready_file().unlink(missing_ok=True)

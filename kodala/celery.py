"""The Celery application; the tasks and their order stand in kodala/pipeline.py."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kodala.settings")

app = Celery("kodala")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.include = ["kodala.pipeline"]
app.conf.beat_schedule = {
    # A busy worker must not find an hour's worth of them: each lapses before the next is sent.
    "resume": {"task": "pipeline.resume_all", "schedule": 60.0, "options": {"expires": 55}}
}

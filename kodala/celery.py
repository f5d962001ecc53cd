"""The Celery application; the tasks stand in kodala/pipeline.py and kodala/helping.py."""

import os

from celery import Celery
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kodala.settings")

# Together with the length of a lease (15 s) this takes up a dead worker's delivery within 30 s.
SCHEDULER_S = float(getattr(settings, "SCHEDULER_SECONDS", 10.0))

# An order to delete raw data is carried out within this time.
HOUSE_S = 30.0

app = Celery("kodala")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.include = ["kodala.pipeline"]
app.conf.beat_schedule = {
    # A busy worker must not find an hour's worth of them: each lapses before the next is sent.
    "resume": {"task": "pipeline.resume_all", "schedule": SCHEDULER_S, "options": {"expires": SCHEDULER_S}},
    # Costs two queries while there is nothing to delete and nothing to count.
    "keep-house": {
        "task": "microcells.delete_expired_cells",
        "schedule": HOUSE_S,
        "options": {"expires": HOUSE_S},
    },
}

"""The product's settings as the tests need them: plain names of static files, a quick password hash."""

import json
import os

# Of tests that run side by side each part has a database and a queue of its own.
if part := os.environ.get("PYTEST_XDIST_WORKER"):
    os.environ.update(json.loads(os.environ["KODALA_TEST_SLOTS"])[int(part.removeprefix("gw"))])
os.environ.setdefault("KODALA_SECRET_KEY", "only-for-tests-" + "x" * 50)
os.environ.setdefault("KODALA_HASHED_STATIC", "0")

from kodala.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["127.0.0.1", "testserver"]

# Stages run one after the other inside the test; tests of the real worker start one of their own.
CELERY_TASK_ALWAYS_EAGER = True

INSTALLED_APPS = [*INSTALLED_APPS, "tests.emptying"]  # noqa: F405

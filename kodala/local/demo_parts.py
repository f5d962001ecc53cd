"""The four programs of the demo: Celery worker, scheduler, builder of the invented city, web server."""

import os
from pathlib import Path

from kodala.local.parts import Part
from kodala.local.project import Project
from kodala.local.web_address import HOST

MOST_PROCESSES = 2  # of the worker: the demo leaves the rest of the machine to its user


def worker_part(project: Project, environment: dict[str, str]) -> Part:
    """The Celery worker; it writes `worker_ready_file` as soon as it takes tasks."""
    command = [project.python, "-m", "celery", "-q", "-A", "kodala", "worker"]
    command += [
        "-Q",
        "kodala,kodala_pieces",
        "-c",
        str(min(os.cpu_count() or 1, MOST_PROCESSES)),
        "-l",
        "WARNING",
        "--without-gossip",
        "--without-mingle",
    ]
    return Part("worker", "Der Celery-Worker", command, environment, project.services / "worker.log")


def scheduler_part(project: Project, environment: dict[str, str]) -> Part:
    """The scheduler: every few seconds it has a look taken for deliveries that a dead worker left behind."""
    command = [project.python, "-m", "celery", "-q", "-A", "kodala", "beat", "-l", "WARNING", "--pidfile="]
    command += ["--schedule", project.services / "beat-schedule"]
    return Part("scheduler", "Der Zeitplaner", command, environment, project.services / "scheduler.log")


def worker_ready_file(project: Project) -> Path:
    """The file that the worker writes when it is ready, and removes when it ends."""
    return project.services / "worker.ready"


def city_part(project: Project, environment: dict[str, str]) -> Part:
    """Builds the invented city as delivery files and carries them through the pipeline; prints as it goes."""
    command = [project.python, "manage.py", "create_demo"]
    return Part("city", "Die erfundene Stadt", command, environment, None)


def web_part(project: Project, environment: dict[str, str], port: int) -> Part:
    """The web server on this machine only. Its access log would note who looks at what: it is off."""
    command = [project.python, "-m", "gunicorn", "kodala.wsgi:application", "-b", f"{HOST}:{port}"]
    command += ["-w", "2", "-k", "gthread", "--threads", "4", "--preload", "--no-control-socket"]
    command += ["--log-level", "warning"]
    return Part("web", "Der Webserver", command, environment, project.services / "web.log")

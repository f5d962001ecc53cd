"""`./run stop`: end everything that still runs for this checkout."""

from kodala.local.console import say
from kodala.local.demo_claim import stop_running_demo
from kodala.local.leftovers import end_leftovers
from kodala.local.project import Project
from kodala.local.services import choose_services, stop_services
from kodala.local.services_in_use import staying_mark


def stop(project: Project, _arguments: list[str]) -> int:
    """End a running demo, what a killed one left behind, and the private servers."""
    staying_mark(project).unlink(missing_ok=True)
    ended = [
        sentence
        for happened, sentence in (
            (stop_running_demo(project), "Die Demo ist beendet."),
            (end_leftovers(project) > 0, "Übrig gebliebene Prozesse sind beendet."),
            (stop_services(choose_services(project)), "Die privaten Server sind angehalten."),
        )
        if happened
    ]
    say("\n".join(ended) if ended else "Es lief nichts.")
    return 0

"""`./run demo`: from nothing to the invented city in the browser."""

import signal

from kodala.local.compilation import Compilation, compiling_meanwhile
from kodala.local.console import say, step
from kodala.local.demo_claim import claim_demo, note_address, running_address
from kodala.local.demo_parts import city_part, scheduler_part, web_part, worker_part, worker_ready_file
from kodala.local.demo_tables import collect_static_files, migrate
from kodala.local.environment import owner_environment, web_environment
from kodala.local.errors import SetupError
from kodala.local.interrupts import StopRequest, ignored
from kodala.local.leftovers import end_leftovers
from kodala.local.parts import run_part
from kodala.local.preparation import prepare
from kodala.local.project import Project
from kodala.local.services import Services
from kodala.local.services_in_use import services_in_use, start_with_a_word
from kodala.local.supervisor import Supervisor
from kodala.local.web_address import HOST, find_free_port, page_status

LOGIN_PAGE = "/anmelden/"
WRONG_USE = 2


def demo(project: Project, arguments: list[str]) -> int:
    """Set up, build the city and show it until Ctrl-C; with --once end as soon as its login page answers."""
    if arguments not in ([], ["--once"]):
        say("So geht es: ./run demo oder ./run demo --once")
        return WRONG_USE
    once = bool(arguments)
    with claim_demo(project) as claimed:
        if not claimed:
            return _point_to_the_other(project, once=once)
        if ended := end_leftovers(project):
            say(f"Von einer abgebrochenen Demo liefen noch {ended} Prozesse; sie sind beendet.")
        prepare(project, for_tests=False)
        with compiling_meanwhile(project) as compilation, services_in_use(project) as services:
            return _run(project, services, compilation, once=once)


def _point_to_the_other(project: Project, *, once: bool) -> int:
    address = running_address(project)
    say(f"Die Demo läuft schon: {address}" if address else "Die Demo wird gerade schon gestartet.")
    say("Anhalten geht mit ./run stop.")
    return 1 if once else 0


def _run(project: Project, services: Services, compilation: Compilation, *, once: bool) -> int:
    supervisor = Supervisor(project)
    environment = owner_environment(project, services)
    try:
        migrate(project, services, environment)
        collect_static_files(project, environment)
        port = _start_parts(project, services, supervisor)
        compilation.wait()
        _build_city(project, environment)
        return _check_once(port) if once else _serve(project, services, supervisor, port)
    finally:
        with ignored():
            supervisor.end_all()


def _start_parts(project: Project, services: Services, supervisor: Supervisor) -> int:
    """Start worker, scheduler and web server side by side and wait; gives the port of the pages.

    The web process runs as the role that reads only what is published.
    """
    worker = worker_part(project, owner_environment(project, services))
    ready = worker_ready_file(project)
    ready.unlink(missing_ok=True)
    port = find_free_port()
    web = web_part(project, web_environment(project, services), port)
    with step("Celery-Worker und Webserver werden gestartet"):
        supervisor.start(worker)
        supervisor.start(scheduler_part(project, owner_environment(project, services)))
        supervisor.start(web)
        supervisor.wait_until(worker, ready.exists)
        supervisor.wait_until(web, lambda: page_status(port, LOGIN_PAGE) is not None)
    return port


def _build_city(project: Project, environment: dict[str, str]) -> None:
    with step("Die erfundene Stadt wird gebaut und eingelesen", shows_output=True):
        if code := run_part(project, city_part(project, environment)):
            log = project.services / "worker.log"
            raise SetupError(
                f"Die erfundene Stadt ließ sich nicht bauen (Code {code}).", f"Siehe auch {log}."
            )


def _check_once(port: int) -> int:
    status = page_status(port, LOGIN_PAGE)
    if status != 200:
        say(f"Die Anmeldeseite antwortet mit {status} statt 200.")
        return 1
    say("Die Anmeldeseite antwortet. Alles läuft; mit ./run demo ist es im Browser zu sehen.")
    return 0


def _serve(project: Project, services: Services, supervisor: Supervisor, port: int) -> int:
    """Look after everything until somebody ends it; Ctrl-C is the proper end, not a failure."""
    address = f"http://{HOST}:{port}/"
    note_address(project, address)
    say(f"\nDie Demo läuft: {address}   (beenden mit Strg+C)")
    try:
        supervisor.watch(lambda: start_with_a_word(services))
    except StopRequest as request:
        say("\nDie Demo wird beendet …")
        return 0 if request.signal_number == signal.SIGINT else request.exit_code
    return 0

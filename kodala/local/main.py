"""The commands of `./run`: which word starts what, and what is said when something is missing."""

from collections.abc import Callable
from pathlib import Path

from kodala.local.bench import bench
from kodala.local.console import say
from kodala.local.demo import demo
from kodala.local.developer import manage, print_environment
from kodala.local.errors import SetupError
from kodala.local.interrupts import StopRequest, listen
from kodala.local.project import Project, open_project
from kodala.local.stopping import stop
from kodala.local.testing import run_checks_alone, run_javascript_tests, run_tests

ROOT = Path(__file__).resolve().parents[2]
HELP = """\
KoDaLa – so geht es:

  ./run demo             richtet alles ein und zeigt die erfundene Stadt im Browser (Ende mit Strg+C)
  ./run demo --once      dasselbe, gibt aber nur das Ergebnis aus und endet
  ./run test             richtet alles ein und führt alle Prüfungen und Tests aus
  ./run test PFAD …      führt nur diese Tests aus; weitere Angaben gehen an pytest
  ./run bench [NAME …]   misst die Geschwindigkeit
  ./run manage BEFEHL …  führt einen Verwaltungsbefehl aus, etwa: ./run manage load_areas DATEI
  ./run stop             hält alles an, was noch läuft

Von Hand muss nichts installiert werden. Alles liegt danach im Ordner var/."""
WRONG_USE = 2
SETUP_FAILED = 1

Command = Callable[[Project, list[str]], int]
COMMANDS: dict[str, Command] = {
    "demo": demo,
    "test": run_tests,
    "check": run_checks_alone,
    "test-js": run_javascript_tests,
    "bench": bench,
    "manage": manage,
    "stop": stop,
    "env": print_environment,
}


def main(arguments: list[str]) -> int:
    """Carry out one command and give the exit code."""
    if not arguments or arguments[0] in ("help", "hilfe", "-h", "--help"):
        say(HELP)
        return 0 if arguments else WRONG_USE
    name, *rest = arguments
    if name not in COMMANDS:
        say(f"Den Befehl „{name}“ gibt es nicht.\n\n{HELP}")
        return WRONG_USE
    listen()
    try:
        return COMMANDS[name](open_project(ROOT), rest)
    except StopRequest as request:
        say("\nAbgebrochen.")
        return request.exit_code
    except SetupError as error:
        say(f"\n{error.reason}\n→ {error.mend}")
        return SETUP_FAILED
    except OSError as error:
        say(f"\nDas Betriebssystem lehnt etwas ab: {error}\n→ Bitte Rechte und freien Platz prüfen.")
        return SETUP_FAILED

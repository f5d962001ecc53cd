"""What the demo needs before its parts start: tables and collected static files, each only when changed."""

from collections.abc import Iterator
from pathlib import Path

from kodala.local.children import must_succeed, run_to_end
from kodala.local.console import step
from kodala.local.database import DATABASE
from kodala.local.project import Project
from kodala.local.services import Services
from kodala.local.stamps import fingerprint, is_done, set_done

# What was migrated, "" before the first time
APPLIED = """
SELECT to_regclass('public.django_migrations') IS NOT NULL AS has_table \\gset
\\if :has_table
    SELECT app, name FROM django_migrations ORDER BY 1, 2;
\\endif
"""


def migrate(project: Project, services: Services, environment: dict[str, str]) -> None:
    """Bring the tables up to the code; skipped when code, packages and tables are as after the last time."""
    stamp = project.services / "migrate.stamp"
    sources = [project.root / "requirements.lock", *_own_code(project)]
    if is_done(stamp, fingerprint(_applied(services), files=sources)):
        return
    _manage(project, environment, "Die Tabellen werden angelegt oder ergänzt", "migrate", "--noinput")
    if services.postgres:
        set_done(stamp, fingerprint(_applied(services), files=sources))


def collect_static_files(project: Project, environment: dict[str, str]) -> None:
    """Collect style sheets, scripts and images; skipped when none of their sources has changed."""
    target = Path(environment["KODALA_STATIC_ROOT"])
    sources = [file for file in (project.root / "static").rglob("*") if file.is_file()]
    sources += [project.root / "requirements.lock", *_own_code(project)]
    mark = fingerprint(str(target), files=sources)
    stamp = project.services / "static.stamp"
    if is_done(stamp, mark) and any(target.iterdir()):
        return
    _manage(
        project, environment, "Bilder und Skripte der Seiten werden gesammelt", "collectstatic", "--noinput"
    )
    set_done(stamp, mark)


def _own_code(project: Project) -> Iterator[Path]:
    for room in ("kodala", "microcells", "typology", "seniors"):
        yield from (project.root / room).rglob("*.py")


def _applied(services: Services) -> str:
    postgres = services.postgres
    return postgres.execute(DATABASE, APPLIED) if postgres else ""


def _manage(project: Project, environment: dict[str, str], sentence: str, *words: str) -> None:
    with step(sentence):
        outcome = run_to_end([project.python, "manage.py", *words], environment, folder=project.root)
        reason = f"manage.py {words[0]} ist gescheitert."
        must_succeed(outcome, reason, "Die Meldung oben nennt den Grund.")

"""The private PostgreSQL cluster: make it, start it, stop it, and mend what a crash left behind."""

import os
import shutil
import time
from contextlib import suppress
from pathlib import Path

from kodala.local.children import last_lines, must_succeed, run_to_end
from kodala.local.errors import SetupError
from kodala.local.places import SOCKET_NAME, Place
from kodala.local.postgres_programs import find_postgres
from kodala.local.postgres_settings import FILE_NAME, settings_text
from kodala.local.private_system import server_environment
from kodala.local.processes import find_process
from kodala.local.project import Project

SUPERUSER = "postgres"
# umlauts need a locale other than C to compare without case; macOS knows only the second
LOCALES = ("C.UTF-8", "en_US.UTF-8")
STARTS_TRIED = 20
NO_SUCH_PROCESS = "99999999"


class Postgres:
    """One private cluster at its place."""

    def __init__(self, project: Project, place: Place) -> None:
        self.place = place
        self.data = place.home / "postgres"
        self.log = place.home / "postgres.log"
        self.programs = self._programs(project)
        self.environment = server_environment(project, self.programs) | {"HOME": str(place.home)}

    def is_running(self) -> bool:
        """Whether the server answers. `pg_ctl status` would believe a zombie or a stranger's process."""
        return self._run("pg_isready", "-q", "-h", self.place.sockets, "-t", "3") == 0

    def is_made(self) -> bool:
        return (self.data / "PG_VERSION").exists()

    def make(self) -> None:
        """Make the cluster beside its place and move it there, so that no half-made one ever counts."""
        beside = self.place.home / "postgres.new"
        for locale in LOCALES:
            shutil.rmtree(beside, ignore_errors=True)
            options = ["-U", SUPERUSER, "--encoding=UTF8", f"--locale={locale}", "--no-sync"]
            outcome = run_to_end(
                [
                    self.programs / "initdb",
                    "-D",
                    beside,
                    "--auth-local=trust",
                    "--auth-host=reject",
                    *options,
                ],
                self.environment,
                user_and_group=self.place.owner,
            )
            if outcome.exit_code == 0:
                with (beside / "postgresql.conf").open("a") as file:
                    file.write(f"\ninclude = '{FILE_NAME}'\n")
                beside.rename(self.data)
                return
        raise SetupError(
            f"PostgreSQL konnte keine Datenbank anlegen.\n{last_lines(outcome.output)}",
            f"Bitte prüfen, ob in {self.place.home} noch Platz ist.",
        )

    def start(self) -> None:
        """Start the server and wait until it answers; after a crash its memory may be in use for a moment."""
        self._clear_away_the_dead()
        self._write_settings()
        for _ in range(STARTS_TRIED):
            if self._control("start", "-l", self.log, "-t", "120") == 0:
                return
            log = self.log.read_text(errors="replace") if self.log.exists() else ""
            if "still in use" not in log.rpartition("starting PostgreSQL")[2]:
                break
            time.sleep(0.5)
        raise SetupError(
            f"PostgreSQL ist nicht angelaufen.\n{last_lines(log)}",
            f"Das Protokoll steht in {self.log}. Wenn nichts hilft: ./run stop, dann {self.data} löschen.",
        )

    def stop(self) -> None:
        """Stop the server if it runs; clear away what a dead one left behind."""
        if not self.is_running():
            self._clear_away_the_dead()
        if self.is_running() and self._control("stop", "-m", "fast", "-t", "60") != 0:
            self._control("stop", "-m", "immediate", "-t", "60")

    def execute(self, database: str, sql: str) -> str:
        """Run SQL as superuser and give its rows as text, one per line."""
        command = [self.programs / "psql", "-XAtq", "-v", "ON_ERROR_STOP=1"]
        command += ["-h", self.place.sockets, "-U", SUPERUSER, "-d", database, "-f", "-"]
        outcome = run_to_end(command, self.environment, user_and_group=self.place.owner, typed=sql)
        mend = f"Das Protokoll steht in {self.log}."
        return must_succeed(outcome, "PostgreSQL hat eine Anweisung abgelehnt.", mend)

    def _programs(self, project: Project) -> Path:
        major = int((self.data / "PG_VERSION").read_text()) if self.is_made() else None
        found = find_postgres(project, major)
        if found:
            return found
        if major is None:
            raise SetupError(
                "Es gibt keinen PostgreSQL-Server mit PostGIS.", "Bitte PostgreSQL mit PostGIS installieren."
            )
        raise SetupError(
            f"Die Daten in {self.data} stammen von PostgreSQL {major}; diese Version ist nicht mehr da.",
            f"Bitte PostgreSQL {major} mit PostGIS installieren oder {self.data} löschen (mit allen Daten).",
        )

    def _control(self, *words: str | Path) -> int:
        return self._run("pg_ctl", "-D", self.data, "-w", *words)

    def _run(self, program: str, *words: str | Path) -> int:
        command = [self.programs / program, *words]
        return run_to_end(command, self.environment, user_and_group=self.place.owner).exit_code

    def _write_settings(self) -> None:
        file = self.data / FILE_NAME
        file.write_text(settings_text(self.place.sockets))
        if self.place.owner:
            os.chown(file, *self.place.owner)

    def _clear_away_the_dead(self) -> None:
        """Make a start possible after kill -9: PostgreSQL believes in any process with the old number."""
        pid_file = self.data / "postmaster.pid"
        lines = pid_file.read_text().splitlines(keepends=True) if pid_file.exists() else []
        if lines and self._is_still_alive(lines[0].strip()):
            return
        for name in (f"{SOCKET_NAME}.lock", SOCKET_NAME):
            (self.place.sockets / name).unlink(missing_ok=True)
        if lines:
            # The line with the shared memory stays: through it PostgreSQL itself notices surviving children.
            lines[0] = f"{NO_SUCH_PROCESS}\n"
            pid_file.write_text("".join(lines))

    def _is_still_alive(self, number: str) -> bool:
        """Wait for a server that is just starting or stopping; False when it is gone."""
        for _ in range(40):
            process = find_process(int(number)) if number.isdigit() else None
            if process is None or process.is_zombie or "postgres" not in process.command:
                return False
            if self.is_running():
                return True
            with suppress(InterruptedError):
                time.sleep(0.25)
        raise SetupError(
            f"Ein PostgreSQL-Prozess ({number}) läuft noch, antwortet aber nicht.",
            f"Bitte diesen Prozess beenden: kill {number}",
        )

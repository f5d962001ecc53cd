"""Keep the parts of the demo alive, and end them all together."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from kodala.local.children import Child
from kodala.local.console import say
from kodala.local.errors import SetupError
from kodala.local.interrupts import held_back
from kodala.local.parts import Part, end_parts, log_end, start_part
from kodala.local.project import Project

RESTARTS_ALLOWED = 5  # within the time below; a part that dies now and then is started again for ever
RESTARTS_REMEMBERED_S = 300
SECONDS_BETWEEN_LOOKS = 0.5
LOOKS_BETWEEN_SERVER_LOOKS = 10
WAIT_SECONDS = 90


@dataclass
class Supervisor:
    """Starts parts, restarts those that die, ends them in the opposite order."""

    project: Project
    running: dict[str, tuple[Part, Child]] = field(default_factory=dict)
    restarts: list[float] = field(default_factory=list)  # by the monotonic clock

    def start(self, part: Part) -> None:
        """Start a part with an empty log."""
        if part.log:
            part.log.unlink(missing_ok=True)
        self._start(part)

    def wait_until(self, part: Part, is_ready: Callable[[], bool]) -> None:
        """Wait until a part is ready; SetupError with its log if it dies or never becomes so."""
        deadline = time.monotonic() + WAIT_SECONDS
        while not is_ready():
            died = self.running[part.name][1].poll() is not None
            if died or time.monotonic() > deadline:
                what = "ist nicht angelaufen" if died else f"antwortet nach {WAIT_SECONDS} s noch nicht"
                raise SetupError(
                    f"{part.label} {what}.\n{log_end(part)}", f"Das Protokoll steht in {part.log}."
                )
            time.sleep(0.1)

    def watch(self, look_after_servers: Callable[[], None]) -> None:
        """Look after all parts until somebody stops us; SetupError when one keeps dying."""
        looks = 0
        while True:
            looks += 1
            if looks % LOOKS_BETWEEN_SERVER_LOOKS == 0:
                look_after_servers()
            for part, child in list(self.running.values()):
                if child.poll() is not None:
                    self._restart(part, child)
            time.sleep(SECONDS_BETWEEN_LOOKS)

    def end_all(self) -> None:
        """End every part."""
        end_parts(self.project, self.running.values())
        self.running.clear()

    def _start(self, part: Part) -> None:
        with held_back():
            self.running[part.name] = part, start_part(self.project, part)

    def _restart(self, part: Part, child: Child) -> None:
        now = time.monotonic()
        self.restarts = [one for one in self.restarts if now - one < RESTARTS_REMEMBERED_S] + [now]
        end_parts(self.project, [(part, child)])
        code = child.returncode
        say(f"{part.label} ist ausgefallen (Code {code}). Das Ende des Protokolls:\n{log_end(part)}")
        if len(self.restarts) > RESTARTS_ALLOWED:
            raise SetupError(
                f"{part.label} fällt immer wieder aus; die Demo wird beendet.",
                f"Das Protokoll steht in {part.log}.",
            )
        say(f"Neustart {len(self.restarts)} von höchstens {RESTARTS_ALLOWED} in fünf Minuten.")
        self._start(part)

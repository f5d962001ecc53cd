"""The whole product for the browser: a database of its own, a real worker, the web server as the web role."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from psycopg import sql

from kodala.settings import WEB_ROLE
from tests.processes import ROOT, environment_for, real_worker, running, wait_for

PASSWORD = "nur-im-Test-2040"
PICTURES = Path(os.environ.get("KODALA_VAR", ROOT / "var")) / "test-results"


@dataclass(frozen=True)
class Site:
    """A running product: its address, and the environment of its worker's side."""

    url: str
    environment: dict[str, str]

    def manage(self, *arguments: str) -> str:
        """Run a management command as the role that owns the data; gives what it prints."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@contextmanager
def own_database(name: str) -> Iterator[None]:
    """An empty database with PostGIS, dropped afterwards."""
    with psycopg.connect(
        dbname="postgres", user=os.environ.get("PGUSER", "kodala"), autocommit=True
    ) as connection:
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        connection.execute(drop)
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield
        finally:
            connection.execute(drop)


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The invented city, imported by a real worker and served as the web role."""
    folder, name = tmp_path_factory.mktemp("site"), f"kodala_browser_{os.getpid()}"
    environment = environment_for(
        name,
        folder,
        KODALA_DEMO_PASSWORD=PASSWORD,
        KODALA_HASHED_STATIC="1",
        KODALA_ALLOWED_HOSTS="127.0.0.1",
    )
    url = f"http://127.0.0.1:{_free_port()}"
    site = Site(url, environment)
    with own_database(name):
        site.manage("migrate")
        site.manage("collectstatic", "--noinput")
        with real_worker(environment, folder):
            site.manage("create_demo")
            with _web_server(site, folder):
                yield site


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def _web_server(site: Site, folder: Path) -> Iterator[None]:
    address = site.url.removeprefix("http://")
    command = ["gunicorn", "kodala.wsgi:application", "-b", address, "--threads", "4", "--no-control-socket"]
    environment = {**site.environment, "PGUSER": WEB_ROLE}
    with running(command, environment, folder / "web.log") as process:
        wait_for(lambda: process.poll() is not None or _answers(site.url), "the web server did not start")
        assert process.poll() is None, (folder / "web.log").read_text()
        yield


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/gesund/", timeout=2) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except OSError:
        return False


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Headless Chromium, as `./run` found it; its event loop must end before other tests ask the database."""
    program = os.environ.get("KODALA_CHROMIUM", "/usr/bin/chromium")
    options = [
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--lang=de-DE",
    ]
    if os.geteuid() == 0:
        options.append("--no-sandbox")
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=program, args=options)
        yield chromium
        chromium.close()


class Visitor:
    """A person before the browser; notes what the page complains of and every address it asks for."""

    def __init__(self, page: Page, site: Site) -> None:
        self.page, self.site = page, site
        self.complaints: list[str] = []
        self.requested: list[str] = []
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requested.append(request.url))

    def sign_in(self, name: str) -> Visitor:
        """Come in as one of the three demo people."""
        self.page.goto(f"{self.site.url}/anmelden/")
        self.page.fill("[name=username]", name)
        self.page.fill("[name=password]", PASSWORD)
        self.page.click("main button[type=submit], form button[type=submit]")
        return self

    def open(self, address: str) -> Page:
        """Go to an address of the site."""
        self.page.goto(f"{self.site.url}{address}")
        return self.page

    def picture(self, name: str) -> None:
        """Keep a screenshot outside the repository."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=PICTURES / f"{name}.png")


@pytest.fixture
def visit(browser: Browser, site: Site) -> Iterator[object]:
    """Gives a function that opens a fresh browser window of a size, signed in if a name is given."""
    contexts = []

    def come(name: str | None = None, width: int = 1440, height: int = 900, **given: object) -> Visitor:
        context = browser.new_context(viewport={"width": width, "height": height}, locale="de-DE", **given)
        contexts.append(context)
        visitor = Visitor(context.new_page(), site)
        return visitor.sign_in(name) if name else visitor

    yield come
    for context in contexts:
        context.close()

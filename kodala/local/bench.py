"""`./run bench`: measure speed and memory against the goals."""

from kodala.local.children import run_visibly
from kodala.local.preparation import prepare
from kodala.local.project import Project
from kodala.local.services_in_use import services_in_use
from kodala.local.slots import take_test_slot


def bench(project: Project, arguments: list[str]) -> int:
    """Run the measurements named in `arguments`, or all of them."""
    prepare(project, for_tests=False)
    with services_in_use(project) as services, take_test_slot(project, services) as environment:
        return run_visibly([project.python, "-m", "tests.bench", *arguments], environment, project.root)

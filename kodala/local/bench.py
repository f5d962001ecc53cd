"""`./run bench`: measure speed and memory against the goals."""

from kodala.local.children import run_visibly
from kodala.local.preparation import prepare
from kodala.local.project import Project
from kodala.local.python_packages import ensure_bench_packages
from kodala.local.services_in_use import services_in_use
from kodala.local.slots import take_test_slot

MEASURED_AGAINST_OTHERS = "bundling"


def bench(project: Project, arguments: list[str]) -> int:
    """Run the measurements named in `arguments`, or all of them."""
    prepare(project, for_tests=False)
    others = {}
    if asks_for_others(arguments):
        others["KODALA_BENCH_PYTHON"] = str(ensure_bench_packages(project))
    with services_in_use(project) as services, take_test_slot(project, services) as environment:
        command = [project.python, "-m", "tests.bench", *arguments]
        return run_visibly(command, {**environment, **others}, project.root)


def asks_for_others(arguments: list[str]) -> bool:
    """Whether a measurement is wanted that compares with packages the product does not have.

    Only by name: nobody has to load them for the rest.
    """
    return MEASURED_AGAINST_OTHERS in arguments

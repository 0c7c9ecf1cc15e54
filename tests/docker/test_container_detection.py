"""Every wrong orchestrator on containers is caught by the requirement that names its sin, no right one is."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_orchestrators.suite.verdict import Judgement, Status, Word
from tests.broken.all import in_containers
from tests.judging import THOROUGH, judged, judgement_on, session_on, stores
from tests.right import containers as right

ROOT = Path(__file__).parents[2]
#: A user that is not root, in the group that may speak to the engine, and may read all that root may, as the
#: interpreter may lie in root's own folder.
AS_SOMEBODY = (
    "setpriv --reuid=12345 --regid={group} --clear-groups --inh-caps=+dac_read_search "
    "--ambient-caps=+dac_read_search"
)

pytestmark = pytest.mark.usefixtures("engine")


@pytest.mark.parametrize(
    ("flavor", "requirement"),
    [
        pytest.param(sinner.flavor, requirement, id=f"{sinner.name}-{requirement}")
        for sinner in in_containers()
        for requirement in sinner.named_by
    ],
)
def test_every_sin_is_named(flavor, requirement):
    judgement = judgement_on(flavor, requirement)
    assert judgement.status is Status.FAILED, judgement
    assert all(finding.expected and finding.observed for finding in judgement.findings)


@pytest.mark.parametrize("requirement", ["CLN-8", "FLR-8", "FLR-11", "ISO-5", "LOG-2"])
def test_a_right_one_is_not_accused(requirement):
    judgement = judgement_on(right.Flavor, requirement)
    assert judgement.status is Status.PASSED, judgement


def test_a_right_one_conforms():
    if not THOROUGH:
        pytest.skip("takes minutes: set PYTEST_ORCHESTRATORS_THOROUGH=1")
    with stores() as root:
        verdict = judged(session_on(right.Flavor, root))
    assert verdict.word is Word.CONFORMS, verdict.of(Status.FAILED, Status.BLOCKED)


JUDGE = """
import sys
from tests.broken.containers import RunsAsRoot
from tests.judging import judgement_on
from tests.right.containers import Flavor
print(judgement_on({"wrong": RunsAsRoot.Flavor, "right": Flavor}[sys.argv[1]], "ISO-5").model_dump_json())
"""


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("setpriv"), reason="only root can be somebody else")
@pytest.mark.parametrize(("flavor", "status"), [("wrong", Status.FAILED), ("right", Status.PASSED)])
def test_files_of_root_in_the_stores_are_seen_by_another_user(flavor, status, tmp_path):
    tmp_path.chmod(0o777)
    group = Path("/var/run/docker.sock").stat().st_gid
    command = [*AS_SOMEBODY.format(group=group).split(), sys.executable, "-c", JUDGE, flavor]
    environment = {**os.environ, "PYTEST_ORCHESTRATORS_TEST_STORES": str(tmp_path)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert Judgement.model_validate_json(done.stdout).status is status, done.stdout

"""What another user than root sees of orchestrators on containers; all else about them is in the matrix."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_orchestrators.suite.verdict import Judgement, Status

ROOT = Path(__file__).parents[2]
#: A user that is not root, in the group that may speak to the engine, and may read all that root may, as the
#: interpreter may lie in root's own folder.
AS_SOMEBODY = (
    "setpriv --reuid=12345 --regid={group} --clear-groups --inh-caps=+dac_read_search "
    "--ambient-caps=+dac_read_search"
)

pytestmark = pytest.mark.usefixtures("engine")


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

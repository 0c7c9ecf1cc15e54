"""Which flavor is meant: settings, configuration, known flavors, and errors that say what and where."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from pytest_orchestrators.selection.binding import bind, make_importable
from pytest_orchestrators.selection.configuration import parse_configuration
from pytest_orchestrators.selection.errors import SelectionError
from pytest_orchestrators.selection.known import find
from pytest_orchestrators.selection.settings import FlavorSettings, Settings, read_settings
from tests.plugin.conftest import Run

FLAVOR = "--orchestrator-flavor"


def _settings(folder: Path, text: str) -> Settings:
    (folder / "pyproject.toml").write_text(text)
    return read_settings(folder)


def test_settings_are_read(tmp_path: Path) -> None:
    text = """
        [tool.pytest_orchestrators]
        default = "mine"
        [tool.pytest_orchestrators.flavors.mine]
        source = "my_flavor:MyFlavor"
        capabilities = ["step_operator"]
        config = {depth = 3}
    """
    flavor = FlavorSettings(source="my_flavor:MyFlavor", capabilities=["step_operator"], config={"depth": 3})
    assert _settings(tmp_path, text) == Settings(default="mine", flavors={"mine": flavor})


@pytest.mark.parametrize("text", ["", "[tool.other]\nx = 1\n"])
def test_no_table_is_the_defaults(tmp_path: Path, text: str) -> None:
    assert _settings(tmp_path, text) == Settings()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[tool.pytest_orchestrators]\ndefualt = 'x'", r"defualt: unknown key; did you mean 'default'\?"),
        ("[tool.pytest_orchestrators]\ndefault = 3", r"default: .*string, got 3"),
        ("[tool.pytest_orchestrators]\nflavors = []", r"flavors: "),
        ("[tool.pytest_orchestrators.flavors.m]\nconfig = {}", r"flavors\.m\.source: is missing"),
        (
            "[tool.pytest_orchestrators.flavors.m]\nsource = 'm.F'",
            r"flavors\.m\.source: 'm\.F' is not .*module:Class",
        ),
        (
            "[tool.pytest_orchestrators.flavors.m]\nsource = 'm:F'\nconfg = {}",
            r"flavors\.m\.confg: unknown key; did you mean 'config'\?",
        ),
        (
            "[tool.pytest_orchestrators.flavors.m]\nsource = 'm:F'\ncapabilities = 'all'",
            r"flavors\.m\.capabilities: .*list, got 'all'",
        ),
        ("[tool.pytest_orchestrators", r"cannot be read"),
    ],
)
def test_a_wrong_table_names_the_key(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(SelectionError, match=complaint):
        _settings(tmp_path, text)


def test_a_wrong_table_is_a_usage_error(run: Run, project: pytest.Pytester) -> None:
    project.makepyprojecttoml("[tool.pytest_orchestrators]\nnonsense = 1")
    result = run(f"{FLAVOR}=tests.plugin.flavors:Right")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["*nonsense: unknown key*"])


def test_configuration_is_json_or_text_and_the_last_one_counts(tmp_path: Path) -> None:
    (tmp_path / "base.json").write_text(json.dumps({"a": 1, "b": {"c": [None]}}))
    given = ["base.json", "a=2", "flag=true", "name=plain text", "url=http://x/?q=1", "empty=", 'quoted="3"']
    assert parse_configuration(given, tmp_path) == {
        "a": 2,
        "b": {"c": [None]},
        "flag": True,
        "name": "plain text",
        "url": "http://x/?q=1",
        "empty": "",
        "quoted": "3",
    }


@pytest.mark.parametrize(
    ("content", "complaint"),
    [(None, "neither KEY=VALUE nor a JSON file"), ("{", "does not hold JSON"), ("[1]", "holds list, not")],
)
def test_a_configuration_file_must_hold_an_object(
    tmp_path: Path, content: str | None, complaint: str
) -> None:
    if content is not None:
        (tmp_path / "config.json").write_text(content)
    with pytest.raises(SelectionError, match=complaint):
        parse_configuration(["config.json"], tmp_path)


def test_the_table_comes_before_installed_distributions() -> None:
    assert find("local", Settings()).source == "reference_flavors.local:LocalOrchestratorFlavor"
    mine = Settings(flavors={"local": FlavorSettings(source="my:Local")})
    assert find("local", mine).source == "my:Local"


def test_the_table_configures_what_is_given_as_a_source(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        "[tool.pytest_orchestrators.flavors.r]\n"
        "source = 'tests.plugin.flavors:Right'\nconfig = {depth = 3, width = 1}\ncapabilities = []\n"
    )
    [subject] = bind(tmp_path, ["tests.plugin.flavors:Right"], ["width=2"], tmp_path)
    assert subject.config == {"depth": 3, "width": 2}
    assert subject.capabilities == frozenset()
    assert subject.name == "right"


def test_flavors_of_one_name_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "twin_flavor.py").write_text("from tests.plugin.flavors import Right\n")
    undo = make_importable(tmp_path)
    try:
        subjects = bind(tmp_path, ["tests.plugin.flavors:Right", "twin_flavor:Right"], [], tmp_path)
    finally:
        undo()
    assert [subject.name for subject in subjects] == ["tests.plugin.flavors:Right", "twin_flavor:Right"]
    assert str(tmp_path) not in sys.path


def test_an_unknown_flavor_lists_the_known_and_the_nearest(run: Run) -> None:
    result = run(f"{FLAVOR}=rihgt")
    assert result.ret == 4
    result.stderr.fnmatch_lines(
        ["ERROR: there is no orchestrator flavor 'rihgt'; did you mean 'right'? known: *local, *right"]
    )


@pytest.mark.parametrize(
    ("source", "code", "lines"),
    [
        ("nowhere:F", "", ["ERROR: flavor nowhere:F: module 'nowhere' is neither in the root directory*"]),
        (
            "broken:F",
            "import nonsense_thing\n",
            ["*broken.py:1 in <module>", "*No module named 'nonsense_thing'"],
        ),
        (
            "broken:F",
            "def f():\n    raise ValueError('ouch')\n\nf()\n",
            [
                "*broken.py:4 in <module>",
                "*broken.py:2 in f",
                "*raise ValueError('ouch')",
                "*ValueError: ouch",
            ],
        ),
        ("broken:F", "x = 1\nclass F(:\n", ["*broken.py:2", "*SyntaxError: *"]),
        ("broken:F", "import sys\nsys.exit('no')\n", ["*broken.py:2 in <module>", "*SystemExit: no"]),
        ("broken:Flv", "class Flav: pass\n", ["*broken has no 'Flv'; did you mean 'Flav'? known: Flav"]),
        ("broken:F", "F = 3\n", ["*broken:F is a int, not a flavor class"]),
        ("broken:F", "class F: pass\n", ["*broken.F is no orchestrator flavor: *BaseOrchestratorFlavor"]),
        (
            "broken:F",
            "from tests.toy.system import ToyFlavor\n"
            "class F(ToyFlavor):\n    def __init__(self):\n        raise OSError('no key')\n",
            ["ERROR: flavor broken:F cannot be built:", "*broken.py:4 in __init__", "*OSError: no key"],
        ),
        (
            "broken:F",
            "from tests.toy.system import ToyFlavor\n"
            "class F(ToyFlavor):\n    capabilities = {'step_operatr'}\n",
            ["*no capability 'step_operatr'; did you mean 'step_operator'?*"],
        ),
        (
            "broken:F",
            "from tests.toy.system import ToyFlavor\nclass F(ToyFlavor):\n    capabilities = 'all'\n",
            ["*its capabilities are not a set of names: 'all'"],
        ),
    ],
)
def test_a_flavor_that_cannot_be_used_shows_where(
    run: Run, project: pytest.Pytester, source: str, code: str, lines: list[str]
) -> None:
    project.makepyfile(broken=code)
    result = run(f"{FLAVOR}={source}")
    assert result.ret == 4
    result.stderr.fnmatch_lines(lines)
    assert len(result.stderr.lines) < 24


@pytest.mark.parametrize(("module", "extra"), [("tfx", "tfx"), ("docker", "docker"), ("zenml", "zenml")])
def test_a_missing_backend_names_the_extra(
    run: Run, project: pytest.Pytester, module: str, extra: str
) -> None:
    project.makepyfile(
        broken=f"raise ModuleNotFoundError(\"No module named '{module}'\", name='{module}.something')"
    )
    result = run(f"{FLAVOR}=broken:F")
    assert result.ret == 4
    result.stderr.fnmatch_lines(
        [f"*is not installed; to install it: pip install 'pytest-orchestrators[[]{extra}]'"]
    )


def test_a_backend_that_shows_late_names_the_extra(run: Run, project: pytest.Pytester) -> None:
    project.makepyfile(
        lazy="""
        from tests.toy.system import ToyFlavor

        class F(ToyFlavor):
            @property
            def implementation_class(self):
                raise ModuleNotFoundError("No module named 'docker'", name="docker")
        """
    )
    result = run(f"{FLAVOR}=lazy:F")
    assert result.ret == 4
    result.stderr.fnmatch_lines(
        ["ERROR: flavor lazy:F cannot be built: docker is not installed; *[[]docker]'"]
    )


def test_local_without_tfx_names_the_extra(project: pytest.Pytester) -> None:
    project.makeconftest(
        """
        import sys

        class Missing:
            def find_spec(self, name, path=None, target=None):
                if name.split(".")[0] in ("tfx", "ml_metadata"):
                    raise ModuleNotFoundError(f"No module named {name!r}", name=name)

        sys.meta_path.insert(0, Missing())
        """
    )
    result = project.runpytest_subprocess(f"{FLAVOR}=local")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: flavor 'local'*pip install 'pytest-orchestrators[[]tfx]'"])


def test_flavors_are_listed(run: Run) -> None:
    result = run("--list-orchestrator-flavors")
    assert result.ret == 0
    result.stdout.fnmatch_lines(
        [
            "forgetful*tests.plugin.flavors:Forgetful*[[]tool.pytest_orchestrators.flavors.forgetful]",
            "local*reference_flavors.local:LocalOrchestratorFlavor*distribution pytest-orchestrators",
        ]
    )
    result.stdout.no_fnmatch_line("*test session starts*")


def test_a_configuration_that_the_flavor_refuses_is_a_usage_error(project: pytest.Pytester) -> None:
    result = project.runpytest_subprocess(f"{FLAVOR}=local", "--orchestrator-config=no_such_field=1")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: flavor 'local'*refuses its configuration:", "  no_such_field: *"])


def test_an_unknown_contract_lists_the_known_ones(run: Run) -> None:
    result = run(f"{FLAVOR}=tests.plugin.flavors:Right", "--contract", "0.9")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: --contract: there is no version '0.9' of the contract; known: 1.0"])

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import pytest_orchestrators

STUB = Path(pytest_orchestrators.__file__).with_suffix(".pyi")


def test_the_stub_lists_the_same_names_from_the_same_modules():
    stub = {
        alias.asname: f"{statement.module}.{alias.name}"
        for statement in ast.parse(STUB.read_text()).body
        if isinstance(statement, ast.ImportFrom)
        for alias in statement.names
    }
    assert stub == {name: f"{module}.{name}" for name, module in pytest_orchestrators._MODULE_OF.items()}


@pytest.mark.parametrize("name", pytest_orchestrators.__all__)
def test_every_public_name_can_be_imported(name):
    assert getattr(pytest_orchestrators, name) is not None


def test_unknown_names_are_attribute_errors():
    with pytest.raises(AttributeError, match="Orchestra"):
        pytest_orchestrators.Orchestra  # noqa: B018


def loaded_by(program):
    code = f"{program}\nimport sys; print(*{{name.split('.')[0] for name in sys.modules}})"
    return set(
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout.split()
    )


def test_importing_the_package_imports_nothing_heavy():
    heavy = {"tfx", "ml_metadata", "hypothesis", "pydantic", "docker", "zenml", "pytest"}
    assert not heavy & loaded_by("import pytest_orchestrators")


def test_the_contract_imports_neither_pytest_nor_the_suite():
    modules = sorted(set(pytest_orchestrators._MODULE_OF.values()))
    program = f"import importlib, sys\nfor m in {modules}: importlib.import_module(m)\n"
    program += "assert not [m for m in sys.modules if m.startswith(('pytest_orchestrators.suite',"
    program += " 'pytest_orchestrators.families', 'pytest_orchestrators.probes'))]"
    assert not {"pytest", "_pytest", "hypothesis"} & loaded_by(program)

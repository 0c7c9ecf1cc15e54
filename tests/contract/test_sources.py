import importlib
import subprocess
import sys
import textwrap

import pytest

from pytest_orchestrators.contract.errors import SourceError
from pytest_orchestrators.contract.names import check_name
from pytest_orchestrators.contract.sources import (
    load_source,
    resolve_source,
    source_code_digest,
    validate_source_class,
)


class Outer:
    class Inner:
        pass


def test_sources_lead_back_to_what_they_name():
    for thing in (Outer, Outer.Inner, check_name):
        assert load_source(resolve_source(thing)) is thing
    assert load_source("pathlib:Path.cwd") == load_source("pathlib.Path.cwd")


def test_things_made_inside_a_function_have_no_source():
    class Local:
        pass

    with pytest.raises(SourceError, match="top level"):
        resolve_source(Local)
    with pytest.raises(SourceError, match="no name"):
        resolve_source(3)


@pytest.mark.parametrize(
    "source", ["nowhere.to.be.found", "pathlib.Pathology", "pathlib:Pathology", "", "x", "."]
)
def test_a_source_that_names_nothing_is_refused_by_name(source):
    with pytest.raises(SourceError) as caught:
        load_source(source)
    assert repr(source) in str(caught.value)


def test_an_error_inside_the_imported_module_comes_out(tmp_path, monkeypatch):
    (tmp_path / "needs_more.py").write_text("import module_that_nobody_has\nthing = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="module_that_nobody_has"):
        load_source("needs_more.thing")


def test_a_class_is_validated():
    assert validate_source_class("builtins.bool", int) is bool
    for source in ("builtins.str", "builtins.len"):
        with pytest.raises(SourceError, match="not a subclass of int"):
            validate_source_class(source, int)


def test_what_a_script_defines_is_named_by_its_file_and_not_imported_twice(tmp_path):
    script = tmp_path / "my_script.py"
    script.write_text(
        textwrap.dedent(
            """
            from pytest_orchestrators.contract.sources import load_source, resolve_source
            class Thing: ...
            assert resolve_source(Thing) == "my_script.Thing", resolve_source(Thing)
            assert load_source("my_script.Thing") is Thing
            """
        )
    )
    subprocess.run([sys.executable, str(script)], check=True)


DIGEST_BASE = """
    def f(x: int = 1) -> int:
        return x + 1
"""


def digest_of(tmp_path, monkeypatch, text):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "edited.py").write_text(textwrap.dedent(text))
    sys.modules.pop("edited", None)
    importlib.invalidate_caches()
    return source_code_digest(importlib.import_module("edited").f)


@pytest.mark.parametrize(
    "text",
    [
        "\n\n# moved, with a comment\ndef f(x: int=1)->int:\n    return (x + 1)  # more\n",
        "def step(f): return f\n@step\ndef f(x: int = 1) -> int:\n    return x + 1\n",
        "class m:\n    step = lambda **k: lambda f: f\n@m.step(enable_cache=False)\n"
        "def f(x: int = 1) -> int:\n    return x + 1\n",
    ],
    ids=["layout", "decorator", "decorator-options"],
)
def test_what_does_not_change_a_function_does_not_change_its_digest(tmp_path, monkeypatch, text):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert digest_of(tmp_path, monkeypatch, text) == digest_of(tmp_path, monkeypatch, DIGEST_BASE)


@pytest.mark.parametrize(
    "text",
    [
        "def f(x: int = 1) -> int:\n    return x + 2\n",
        "def f(x: int = 2) -> int:\n    return x + 1\n",
        "def double(f): return f\n@double\ndef f(x: int = 1) -> int:\n    return x + 1\n",
    ],
    ids=["body", "default", "other-decorator"],
)
def test_an_edited_function_has_another_digest(tmp_path, monkeypatch, text):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert digest_of(tmp_path, monkeypatch, text) != digest_of(tmp_path, monkeypatch, DIGEST_BASE)


def test_without_source_text_the_bytecode_is_used():
    def made_by_exec(text):
        namespace = {}
        exec(text, namespace)
        return source_code_digest(namespace["f"])

    same = "def f(x): return x in {'a', 'b', 'c'} and (lambda: 1)()"
    assert made_by_exec(same) == made_by_exec(same)
    assert made_by_exec(same) != made_by_exec(same.replace("'c'", "'d'"))
    assert made_by_exec(same) != made_by_exec(same.replace("1", "2"))


def test_what_is_not_written_in_python_has_no_digest():
    with pytest.raises(SourceError, match="len"):
        source_code_digest(len)


def test_the_bytecode_digest_is_the_same_in_every_process():
    program = (
        "from pytest_orchestrators.contract.sources import source_code_digest\n"
        "exec(\"def f(x): return x in {'a', 'b', 'c', 'd', 'e'}\")\nprint(source_code_digest(f))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in "12"
    }
    assert len(outputs) == 1

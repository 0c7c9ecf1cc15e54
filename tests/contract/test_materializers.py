"""Materializers: what is stored comes back the very same, or is refused."""

import enum
import math
from pathlib import Path
from typing import Annotated, Any, Literal, NewType, TypedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from sample_steps import Point

from pytest_orchestrators import BaseMaterializer, MaterializationError, register_materializer
from pytest_orchestrators.contract.artifacts import materializers, registry
from pytest_orchestrators.contract.artifacts.inventory import first_file_gone, inventory_of
from pytest_orchestrators.contract.artifacts.registry import materializer_for

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters()), inner, max_size=4),
    max_leaves=10,
)


def round_trip(value, path, data_type=Any):
    materializer = materializer_for(type(value))()
    path.mkdir(exist_ok=True)
    materializer.save(value, path)
    return materializer.load(data_type, path)


def exact(value):
    """A form in which 1, 1.0 and True differ."""
    if isinstance(value, list):
        return [exact(item) for item in value]
    if isinstance(value, dict):
        return [(key, exact(item)) for key, item in value.items()]
    return type(value), repr(value)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("artifact")


@given(value=PLAIN)
def test_plain_data_survives_exactly(folder, value):
    assert exact(round_trip(value, folder)) == exact(value)


@given(value=st.binary() | st.text(st.characters()))
def test_text_and_bytes_survive_exactly(folder, value):
    assert round_trip(value, folder) == value


def test_a_model_survives_as_its_own_class(tmp_path):
    assert round_trip(Point(x=3), tmp_path) == Point(x=3)
    assert type(round_trip(Point(x=3), tmp_path)) is Point


def test_nan_survives(tmp_path):
    assert math.isnan(round_trip(float("nan"), tmp_path))


class Colour(enum.IntEnum):
    RED = 1


def containing_itself():
    value = []
    value.append(value)
    return value


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ((1, 2), "value is a builtins.tuple"),
        ({"a": [1, {2}]}, r"value\['a'\]\[1\] is a builtins.set"),
        ({1: "a"}, "has the key 1: keys must be strings"),
        ([Colour.RED], r"value\[0\] is a test_materializers.Colour"),
        ([b"x"], r"value\[0\] is a builtins.bytes"),
        (containing_itself(), "nested too deeply, or contains itself"),
        ([10**5000], "does not fit JSON"),
    ],
)
def test_what_json_would_change_is_refused(tmp_path, value, message):
    with pytest.raises(MaterializationError, match=message):
        materializers.JsonMaterializer().save(value, tmp_path)
    assert list(tmp_path.iterdir()) == []


class Lossy(BaseModel):
    number: float


def test_a_model_that_does_not_survive_is_refused(tmp_path):
    with pytest.raises(MaterializationError, match="cannot be stored as JSON"):
        materializers.RecordMaterializer().save(Lossy(number=float("inf")), tmp_path)
    with pytest.raises(MaterializationError, match="int, not a pydantic model"):
        materializers.RecordMaterializer().save(1, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("materializer", "value"),
    [(materializers.TextMaterializer, b"x"), (materializers.BytesMaterializer, "x")],
)
def test_text_and_bytes_are_not_taken_for_each_other(tmp_path, materializer, value):
    with pytest.raises(MaterializationError, match="the value is a"):
        materializer().save(value, tmp_path)


class Movie(TypedDict):
    title: str


@pytest.mark.parametrize(
    ("data_type", "expected"),
    [
        (int, "Json"),
        (None, "Json"),
        (Any, "Json"),
        (list[dict[str, int | None]], "Json"),
        (Literal["a", 1, None], "Json"),
        (str | None, "Json"),
        (Movie, "Json"),
        (Point, "Record"),
        (str, "Text"),
        (bytes, "Bytes"),
        (Annotated[str, "a note"], "Text"),
        (NewType("Name", str), "Text"),
    ],
)
def test_declared_types_find_their_materializer(data_type, expected):
    assert materializer_for(data_type) is getattr(materializers, f"{expected}Materializer")


@pytest.mark.parametrize(
    "data_type", [tuple[int, str], set, list[bytes], dict[int, str], Point | None, Colour, Path]
)
def test_types_without_materializer_are_refused_by_name(data_type):
    with pytest.raises(
        MaterializationError, match=r"No materializer is registered for .*register_materializer"
    ):
        materializer_for(data_type)


class PathMaterializer(BaseMaterializer):
    def save(self, value, path):
        (path / "path").write_text(str(value))

    def load(self, data_type, path):
        return data_type((path / "path").read_text())


def test_a_stored_model_whose_class_is_gone_is_an_error(tmp_path):
    (tmp_path / "record.json").write_text('{"source": "sample_steps.Gone", "data": {}}')
    with pytest.raises(MaterializationError, match=r"the stored sample_steps\.Gone cannot be read"):
        materializers.RecordMaterializer().load(Any, tmp_path)


def test_a_materializer_can_be_registered_for_a_type_and_its_subclasses(monkeypatch):
    monkeypatch.setattr(registry, "_registered", dict(registry._registered))
    register_materializer(PathMaterializer, Path)
    assert materializer_for(Path) is PathMaterializer
    assert materializer_for(type(Path())) is PathMaterializer
    with pytest.raises(ValueError, match="names no ASSOCIATED_TYPES"):
        register_materializer(PathMaterializer)
    with pytest.raises(TypeError, match="not a subclass of BaseMaterializer"):
        register_materializer(Path)


def test_an_inventory_notices_missing_and_truncated_files(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "a").write_text("aaa")
    (tmp_path / "deep" / "b").write_text("bb")
    inventory = inventory_of(tmp_path)
    assert first_file_gone(tmp_path, inventory) is None
    (tmp_path / "deep" / "b").write_text("b")
    assert first_file_gone(tmp_path, inventory) == tmp_path / "deep" / "b"
    (tmp_path / "a").unlink()
    assert first_file_gone(tmp_path, inventory) == tmp_path / "a"

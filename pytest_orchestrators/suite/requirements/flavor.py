"""FLV: the flavor and its configuration."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pytest_orchestrators.suite.case import Reader
from pytest_orchestrators.suite.evidence import CREATED, Probe
from pytest_orchestrators.suite.requirement import Collector, Finding
from pytest_orchestrators.suite.requirements.looking import error_text, shown

requirement = Collector()

_NAME = re.compile(r"[^\W\d][\w-]*")


def _answer(probe: Probe, call: str) -> Iterator[Finding]:
    """A finding if a call that must work raised."""
    if probe.error is not None:
        yield Finding(f"{call} works", error_text(probe.error), call)


def _facts(probe: Probe) -> dict[str, object]:
    return dict(probe.value) if isinstance(probe.value, dict) else {}


@requirement(
    "FLV-1",
    why="Stacks, logs and commands name a flavor; a name that changes or is empty cannot be asked for.",
    observed="The name of two instances of the flavor is read.",
    example="""
        class MyFlavor(BaseOrchestratorFlavor):
            @property
            def name(self):
                return f"mine-{id(self)}"   # another name for every instance
    """,
    fix="Return one constant word, for example `mine`.",
    limits=(
        "Two instances in one process are compared. A name that is another one in every process is not "
        "noticed."
    ),
)
def name(reader: Reader) -> Iterator[Finding]:
    """`flavor.name` is a non-empty identifier, the same for every instance of the flavor."""
    probe = reader.probe("name")
    yield from _answer(probe, "flavor.name")
    names = probe.value if isinstance(probe.value, list) else []
    for one in names[:1]:
        if not isinstance(one, str) or not _NAME.fullmatch(one):
            yield Finding("a word of letters, digits, `_` and `-`", repr(one), "flavor.name")
    if len({str(one) for one in names}) > 1:
        yield Finding("one name for all instances", shown(names), "flavor.name")


@requirement(
    "FLV-2",
    why=(
        "A stack takes a component by its type; an orchestrator of another type cannot be put into its place."
    ),
    observed="The type of the flavor is read.",
    example="""
        class MyFlavor(BaseOrchestratorFlavor):
            type = StackComponentType.STEP_OPERATOR
    """,
    fix="Do not override `type`.",
    limits=(
        "Only the type is read. Whether the components around the orchestrator are of their types is not "
        "asked."
    ),
)
def component_type(reader: Reader) -> Iterator[Finding]:
    """`flavor.type` is the orchestrator component type."""
    probe = reader.probe("type")
    yield from _answer(probe, "flavor.type")
    facts = _facts(probe)
    if probe.error is None and not facts.get("orchestrator"):
        yield Finding("the orchestrator component type", shown(facts.get("text")), "flavor.type")


@requirement(
    "FLV-3",
    why="The configuration is validated by the one class and the orchestrator made from the other.",
    observed="Both classes are looked at, and whether an abstract method is left.",
    example="""
        class MyFlavor(BaseOrchestratorFlavor):
            implementation_class = BaseOrchestrator   # abstract: cannot be made
    """,
    fix="Name a subclass of `BaseOrchestrator` that implements `prepare_or_run_pipeline`.",
    limits="The classes are looked at, and nothing is made of them here: FLV-4 and FLV-6 do that.",
)
def classes(reader: Reader) -> Iterator[Finding]:
    """`config_class` is a `BaseOrchestratorConfig`; `implementation_class` is a `BaseOrchestrator` with no
    abstract method left.
    """
    probe = reader.probe("classes")
    yield from _answer(probe, "flavor.config_class, flavor.implementation_class")
    facts = _facts(probe)
    if probe.error is None:
        if not facts.get("config"):
            yield Finding("a subclass of the base config", shown(facts.get("config_text")), "config_class")
        if not facts.get("implementation"):
            seen = shown(facts.get("implementation_text"))
            yield Finding("a subclass of the base orchestrator", seen, "implementation_class")
        if facts.get("abstract"):
            yield Finding("no abstract method is left", shown(facts["abstract"]), "implementation_class")


@requirement(
    "FLV-4",
    needs=("FLV-3",),
    why=(
        "A config is stored as JSON and read back elsewhere; a typing mistake in a field must not pass in "
        "silence."
    ),
    observed=(
        "The config is dumped to JSON and read back, with every field as it is and as it may be; an unknown "
        "field and ill-typed values are handed in, the field also to `create()`."
    ),
    example="""
        class MyConfig(BaseOrchestratorConfig):
            model_config = ConfigDict(extra="ignore")   # a mistyped field is lost without a word
    """,
    fix="Keep the base config's `extra='forbid'`, annotate fields with their types, validate in validators.",
    limits=(
        "A field counts as strict if it refuses one of five values of very different types; that it takes a "
        "nearly right one (a text with a number in it) is not looked for. A field annotated `Any` may take "
        "everything."
    ),
)
def config_is_strict(reader: Reader) -> Iterator[Finding]:
    """A config survives a JSON round trip unchanged; an unknown or ill-typed field is rejected with an error
    that names the field.
    """
    probe = reader.probe("config_round_trip")
    yield from _answer(probe, "config to JSON and back")
    facts = _facts(probe)
    if probe.error is None and not facts.get("equal"):
        yield Finding("the same config after a JSON round trip", shown(facts.get("after")), "config")
    others = reader.probe("config_round_trips")
    yield from _answer(others, "configs to JSON and back, one field of each set")
    for trip in others.value if isinstance(others.value, list) else ():
        if isinstance(trip, dict) and not trip.get("equal"):
            yield Finding("the same config after a JSON round trip", shown(trip.get("after")), "a field set")
    asked = {"config_unknown_field": "config_class", "created_unknown_field": "create()"}
    if reader.probe(CREATED).error:  # it makes nothing, whatever it is given
        del asked["created_unknown_field"]
    for question, where in asked.items():
        unknown = reader.probe(question)
        if unknown.error is None:
            yield Finding("an unknown field is rejected", "it was accepted", f"{where}, {unknown.value}")
        elif str(unknown.value) not in unknown.error.message:
            yield Finding(f"an error that names {unknown.value}", error_text(unknown.error), where)
    ill = reader.probe("config_ill_typed")
    for field, message in sorted(_facts(ill).items()):
        if message is None:
            yield Finding("an ill-typed value is rejected", "it was accepted", f"field {field}")
        elif field not in str(message):
            yield Finding(f"an error that names {field}", shown(message), "ill-typed field")


@requirement(
    "FLV-5",
    needs=("FLV-3",),
    why=(
        "Stored configs of older versions still carry the field; they must load, and their owner must hear "
        "of it."
    ),
    observed="A config is made with the field, and an orchestrator from such data; warnings are counted.",
    example="""
        class MyConfig(BaseOrchestratorConfig):
            custom_docker_base_image_name: str | None = None   # taken in again, and nobody is told
    """,
    fix="Do not declare the field, and let the base config's validator run.",
    limits=(
        "The field is given once, with a name of an image. That the image is used nowhere is not looked at."
    ),
)
def deprecated_field(reader: Reader) -> Iterator[Finding]:
    """The deprecated field `custom_docker_base_image_name` is accepted, dropped, and warned about once."""
    yield from _drops_deprecated(reader.probe("config_deprecated_field"), "config")
    if not reader.evidence.unmade:
        yield from _drops_deprecated(reader.probe("created_deprecated_field"), "flavor.create(data)")


def _drops_deprecated(probe: Probe, where: str) -> Iterator[Finding]:
    yield from _answer(probe, f"{where} with custom_docker_base_image_name")
    if probe.error is not None:
        return
    if _facts(probe).get("kept"):
        yield Finding("the field is dropped", "it is still on the config", where)
    texts = [line.message for line in probe.log if "custom_docker_base_image_name" in line.message]
    by_source = [
        sum(line.source == source and line.message in texts for line in probe.log)
        for source in ("log", "warning")
    ]
    if max(by_source) != 1 or len(set(texts)) != 1:
        yield Finding("one warning that names the field", f"{len(texts)}: {shown(texts)}", where)


@requirement(
    "FLV-6",
    needs=("FLV-3",),
    why="Whoever shares a stack asks `is_local`; whoever reads a config wants the one that is in force.",
    observed=(
        "Two orchestrators are made, each from a config of its own, and asked for it; another without a "
        "name, for its name."
    ),
    example="""
        class MyOrchestrator(BaseOrchestrator):
            @property
            def config(self):
                return MyConfig()   # a fresh default one, not the one it was made with
    """,
    fix="Do not override `config`, or return what the base class returns; make `is_local` return a bool.",
    limits=(
        "Orchestrators are made from the configuration that the session was given; `is_local` is asked of "
        "others as well. Whether what it says is true is not asked."
    ),
)
def config_in_force(reader: Reader) -> Iterator[Finding]:
    """`config.is_local` is a bool, `orchestrator.config` returns the very config it was built with, and an
    orchestrator that is given no name has the flavor's.
    """
    local = reader.probe("is_local")
    yield from _answer(local, "config.is_local")
    if local.error is None and not isinstance(local.value, bool):
        yield Finding("True or False", shown(local.value), "config.is_local")
    others = reader.probe("is_local_otherwise").value
    for told in others if isinstance(others, list) else ():
        if told is not None and not isinstance(told, bool):
            yield Finding("True or False", str(told), "config.is_local, with another value in a field")
    identity = reader.probe("config_identity")
    yield from _answer(identity, "flavor.create(config)" if reader.evidence.unmade else "orchestrator.config")
    if identity.error is None and identity.value is not True:
        yield Finding("the very config it was built with", shown(identity.value), "orchestrator.config")
    if not reader.evidence.unmade:
        named = reader.probe("created_without_name")
        yield from _answer(named, "flavor.create(config), flavor.create()")
        for call, name in _facts(named).items():
            own = reader.probe("name").value
            if not isinstance(own, list) or name not in own:
                yield Finding(f"an orchestrator is called {shown(own)}", f"it is called {name!r}", call)

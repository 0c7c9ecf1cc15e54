import json
import warnings

import pytest
from pydantic import SecretStr, ValidationError

from pytest_orchestrators import (
    BaseOrchestratorConfig,
    BaseOrchestratorFlavor,
    Flavor,
    StackComponent,
    StackComponentConfig,
    StackComponentType,
    StackError,
)


class Config(BaseOrchestratorConfig):
    workers: int = 1
    token: SecretStr | None = None


class Component(StackComponent):
    TYPE = StackComponentType.ORCHESTRATOR
    CONFIG_CLASS = Config


class AttributeFlavor(BaseOrchestratorFlavor):
    name = "plain"
    config_class = Config
    implementation_class = Component
    capabilities = frozenset({"parallel_steps"})


class PropertyFlavor(BaseOrchestratorFlavor):
    @property
    def name(self):
        return "properties"

    @property
    def implementation_class(self):
        return Component


def test_attributes_do_as_well_as_properties():
    plain, properties = AttributeFlavor(), PropertyFlavor()
    assert (plain.name, properties.name) == ("plain", "properties")
    assert plain.type is properties.type is StackComponentType.ORCHESTRATOR
    assert (plain.config_class, properties.config_class) == (Config, BaseOrchestratorConfig)
    assert plain.capabilities == {"parallel_steps"}
    assert properties.capabilities == frozenset()


def test_a_flavor_without_name_or_implementation_cannot_be_made():
    class Nameless(BaseOrchestratorFlavor):
        implementation_class = Component

    class Empty(BaseOrchestratorFlavor):
        name = "empty"

    for flavor in (Nameless, Empty, Flavor):
        with pytest.raises(TypeError, match="abstract"):
            flavor()


def test_a_flavor_makes_components_from_data_from_configs_and_from_nothing():
    flavor = AttributeFlavor()
    config = Config(workers=3)
    assert flavor.create(config).config is config
    assert flavor.create({"workers": 2}).config == Config(workers=2)
    assert flavor.create().config == Config()
    assert (flavor.create().name, flavor.create(name="mine").name) == ("plain", "mine")


@pytest.mark.parametrize("data", [{"wrokers": 2}, {"workers": "many"}])
def test_bad_configuration_is_refused_with_flavor_and_field(data):
    with pytest.raises(StackError, match=rf"(?s)'plain'.*{next(iter(data))}"):
        AttributeFlavor().create(data)


def test_another_flavors_config_is_refused():
    with pytest.raises(StackError, match="Config, not by a StackComponentConfig"):
        AttributeFlavor().create(StackComponentConfig())


def test_a_component_keeps_the_very_config_and_defaults_to_its_class():
    config = Config()
    assert Component(config=config).config is config
    assert Component().config == Config()
    with pytest.raises(StackError, match="needs a Config"):
        Component(config={"workers": 1})


def test_a_config_survives_json_and_refuses_what_it_does_not_know():
    config = Config(workers=4)
    assert Config.model_validate_json(config.model_dump_json()) == config
    with pytest.raises(ValidationError, match="unknown"):
        BaseOrchestratorConfig(unknown=1)
    assert BaseOrchestratorConfig().is_local is False


def test_the_deprecated_image_field_is_dropped_and_warned_about_once():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        config = Config(custom_docker_base_image_name="image:1", workers=2)
        assert json.loads(config.model_dump_json()) == {"workers": 2, "token": None}
    assert [str(warning.message).split(".")[0] for warning in caught] == [
        "The 'custom_docker_base_image_name' field has been deprecated"
    ]


def test_the_deprecated_field_without_a_value_draws_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert Config(custom_docker_base_image_name=None) == Config()


def test_the_warning_points_at_who_wrote_the_field():
    with pytest.warns(DeprecationWarning, match="Docker settings") as caught:
        Config(custom_docker_base_image_name="image:1")
    assert caught[0].filename == __file__

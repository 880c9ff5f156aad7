"""The shipped bundle is FHIR R4: an independent implementation's models take it, and refuse it once it is spoilt."""

import json
from importlib.resources import files
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from pydantic import ValidationError


@pytest.fixture
def sample() -> Any:
    return json.loads(files("samsnakk.demo").joinpath("listings/legekontor.json").read_bytes())


def test_the_shipped_bundle_is_what_fhir_models_say(sample: Any) -> None:
    read = Bundle.model_validate(sample)
    assert json.loads(read.model_dump_json(exclude_none=True)) == sample


def test_a_spoilt_bundle_is_not(sample: Any) -> None:
    sample["entry"][4]["resource"]["availableTime"][0]["daysOfWeek"] = "mon"
    with pytest.raises(ValidationError):
        Bundle.model_validate(sample)

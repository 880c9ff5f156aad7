"""The file of providers: what it says, and errors that a person can act on."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.sign_in.configuration import BadConfiguration, read_configuration
from tests.protocol.anything import patient
from tests.protocol.sign_in.small_provider import key_of

GOOD = """\
public_url = "https://hub.example"
subject_key_file = "subject.key"

[provider.helseid]
profile = "helseid"
label = "HelseID"
issuer = "https://provider.example"
client_id = "samsnakk"
key_file = "ours.jwk"

[provider.idporten]
profile = "idporten"
label = "ID-porten"
issuer = "https://other.example"
client_id = "samsnakk-2"
key_file = "ours.jwk"
levels = ["idporten-loa-substantial", "idporten-loa-high"]
"""
KEY = 'key_file = "ours.jwk"\n\n'
FILES = {
    "ours.jwk": json.dumps(key_of("ours").as_dict(private=True)).encode(),
    "public.jwk": json.dumps(key_of("ours").as_dict(private=False)).encode(),
}


def read_file(name: str) -> bytes:
    if name not in FILES:
        raise FileNotFoundError(2, "No such file or directory")
    return FILES[name]


def test_several_providers_at_once_each_with_its_own_return_address_and_levels() -> None:
    found = read_configuration(GOOD, read_file)
    assert list(found.providers) == ["helseid", "idporten"]
    helseid, idporten = (provider.client for provider in found.providers.values())
    assert helseid.redirect_uri == "https://hub.example/sign-in/helseid/callback"
    assert (helseid.levels, len(idporten.levels)) == (frozenset({"4"}), 2)
    assert helseid.profile.dpop


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ('label = "HelseID"', "label = ", "line 6: not TOML"),
        ('profile = "helseid"', 'profile = "hellseid"', "line 5: provider.helseid.profile: one of helseid, idporten"),
        ('client_id = "samsnakk"\n', "", "line 4: provider.helseid.client_id: a text expected"),
        ('issuer = "https://other', 'issuer = "http://other', "line 14: provider.idporten.issuer: an https address"),
        ("levels = [", "levels = [1, ", "line 17: provider.idporten.levels: a list of texts expected"),
        (
            'key_file = "ours.jwk"\n\n',
            'key_file = "none.jwk"\n\n',
            "line 9: provider.helseid.key_file: a file that can",
        ),
        (
            'key_file = "ours.jwk"\n\n',
            'key_file = "public.jwk"\n\n',
            "line 9: provider.helseid.key_file: a private key",
        ),
        ("[provider.idporten]", "[provider.ID_Porten]", "line 11: provider.ID_Porten: [provider.NAME] with a NAME of"),
        ('client_id = "samsnakk"', 'client_secret = "s3cret"', "line 8: provider.helseid.client_secret: not known"),
        ('public_url = "https://hub.example"', 'public_url = "https://hub.example/"', "line 1: public_url: scheme"),
        ('subject_key_file = "subject.key"\n', "", "line 1: subject_key_file: a text expected"),
        ("[provider.", "[providers.", "line 4: providers: not known"),
    ],
)
def test_an_error_names_the_line_and_what_is_expected(before: str, after: str, message: str) -> None:
    assert before in GOOD
    with pytest.raises(BadConfiguration) as refused:
        read_configuration(GOOD.replace(before, after), read_file)
    assert str(refused.value).startswith(message), refused.value
    assert "s3cret" not in str(refused.value)


@patient
@given(st.integers(0, len(GOOD)), st.text(max_size=6), st.integers(0, 12))
def test_any_damaged_file_is_read_or_refused_with_a_line(place: int, put: str, length: int) -> None:
    complaint = complaint_about(GOOD[:place] + put + GOOD[place + length :])
    assert complaint is None or complaint.startswith("line ")


@patient
@given(st.text(max_size=200))
def test_any_text_is_refused(source: str) -> None:
    assert complaint_about(source) is not None


def complaint_about(source: str) -> str | None:
    try:
        read_configuration(source, read_file)
    except BadConfiguration as error:
        return str(error)
    return None

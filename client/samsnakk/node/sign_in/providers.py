"""The file of providers that `node.toml` names: as the hub's (docs/sign-in.md), without `subject_key_file`."""

from protocol.sign_in import Audience
from protocol.sign_in.configuration import BadConfiguration, Configuration, read_configuration
from samsnakk.node.configuration import BadNode
from samsnakk.node.folder import OpenNode, secret_file


def read_providers(node: OpenNode) -> Configuration | None:
    """The providers of the node; None where nobody signs in here.

    Raises:
        BadNode: the file, or a key it names, cannot be used, or it names a provider that is not for staff.

    """
    if node.configuration.sign_in is None:
        return None
    path = node.path / node.configuration.sign_in
    try:
        # A client's key lets its owner ask for logins in the organisation's name: only the node's account may read it.
        found = read_configuration(
            path.read_text("utf-8"), lambda name: secret_file(path.parent / name), subject_key=False
        )
    except BadConfiguration as error:
        raise BadNode(f"{path}: {error}") from None
    except OSError as error:
        raise BadNode(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise BadNode(f"{path}: line 1: not UTF-8") from None
    for name, provider in found.providers.items():
        if provider.client.profile.audience is not Audience.STAFF:
            raise BadNode(f"{path}: provider.{name}.profile: a node signs in staff only")
    return found

"""What every frame is made of."""

import msgspec


class Frame(msgspec.Struct, frozen=True, array_like=True, tag_field="frame", forbid_unknown_fields=True):
    """Root of every frame; on the wire an array [name, field, …], no field left out."""

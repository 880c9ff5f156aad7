"""A log made by hand, in memory: honest or not, signed with whatever key."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from crypto.checkpoints import Checkpoint, checkpoint_text
from crypto.hashing import Digest
from crypto.heads_tree import HeadsTree
from crypto.log_entries import LogEntry, entry_bytes
from crypto.log_proofs import consistency_proof, root_at
from crypto.log_tree import leaf_hash, root_of
from crypto.notes import sign_note
from crypto.signing import SigningKey


@dataclass
class MadeLog:
    """`origin` names it, `entries` are its leaves, in order."""

    origin: str
    entries: Sequence[LogEntry]
    leaves: list[Digest] = field(init=False)
    heads: HeadsTree = field(init=False)

    def __post_init__(self) -> None:
        self.leaves = [leaf_hash(entry_bytes(one)) for one in self.entries]
        self.heads = HeadsTree()
        for one in self.entries:
            self.heads.put(one)

    def subtree(self, level: int, index: int) -> Digest:
        return root_of(self.leaves[index << level : (index + 1) << level])

    @property
    def checkpoint(self) -> Checkpoint:
        size = len(self.leaves)
        return Checkpoint(self.origin, size, root_at(size, self.subtree), self.heads.root)

    def since(self, size: int) -> tuple[Digest, ...]:
        return consistency_proof(size, len(self.leaves), self.subtree)

    def signed(self, key: SigningKey) -> str:
        return sign_note(checkpoint_text(self.checkpoint), self.origin, key)

    def head(self, name: Digest) -> tuple[bytes | None, list[bytes]]:
        """What stands where the name belongs, and the siblings."""
        stands, siblings = self.heads.proof(name)
        return None if stands is None else entry_bytes(stands), [*siblings]

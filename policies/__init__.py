"""Policy packs as data, and the loader that checks them line by line."""

from policies.loader import BadPack, PackProblem, load_pack, pack_names

__all__ = ["BadPack", "PackProblem", "load_pack", "pack_names"]

"""Counts of machine instructions in the ELF file that NVRTC makes: 16 bytes each since Volta."""

from __future__ import annotations

import struct

SIZE = 16
# The low nine bits of an instruction are its operation, the next three the form of its operands (as nvdisasm shows them).
DOUBLE = {0x28, 0x29, 0x2A, 0x2B}  # DMUL, DADD, DSETP, DFMA
PADDING = {0x118, 0x147}  # NOP, and the branch to itself behind the last instruction
SYMBOLS = 2  # section type


def count(cubin: bytes) -> dict[str, tuple[int, int]]:
    """Instructions, and those of the double-precision pipe, of every kernel, without its subroutines."""
    sections = _sections(cubin)
    inner = _subroutines(cubin, sections)
    out = {}
    for index, (name, _, offset, size, _) in enumerate(sections):
        if name.startswith(".text."):
            code = cubin[offset:offset + min([size, *inner.get(index, [])])]
            operations = [word & 0x1FF for word, _ in struct.iter_unpack("<QQ", code)]
            while operations and operations[-1] in PADDING:
                operations.pop()
            out[name.removeprefix(".text.")] = (len(operations), sum(o in DOUBLE for o in operations))
    return out


def _sections(elf: bytes) -> list[tuple[str, int, int, int, int]]:
    """Name, type, offset, size and link of every section (ELF-64, little endian)."""
    start, = struct.unpack_from("<Q", elf, 0x28)
    entry, number, names = struct.unpack_from("<HHH", elf, 0x3A)
    raw = [struct.unpack_from("<IIQQQQI", elf, start + n * entry) for n in range(number)]
    at = raw[names][4]
    return [(_name(elf, at + name), kind, offset, size, link) for name, kind, _, _, offset, size, link in raw]


def _subroutines(elf: bytes, sections: list[tuple[str, int, int, int, int]]) -> dict[int, list[int]]:
    """Where in each section subroutines begin."""
    out: dict[int, list[int]] = {}
    for _, kind, offset, size, link in sections:
        if kind == SYMBOLS:
            for name, _, _, section, value, _ in struct.iter_unpack("<IBBHQQ", elf[offset:offset + size]):
                if _name(elf, sections[link][2] + name).startswith("$"):
                    out.setdefault(section, []).append(value)
    return out


def _name(elf: bytes, at: int) -> str:
    return elf[at:elf.index(b"\0", at)].decode()

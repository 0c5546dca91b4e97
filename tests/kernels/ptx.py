"""An interpreter for the PTX that NVRTC makes of the kernels, one numpy lane per thread.

It executes the CUDA side of the kernel text and of the launch code without a GPU, and looks at what a GPU would not say:
out-of-bounds and misaligned addresses, writes to constant arguments, read-only loads of what the launch writes, and any
access to an element that another thread of the same launch writes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from ptx_memory import SIZES, Lanes, Memory, dtype

LOCAL = 1 << 60
_ENTRY = re.compile(r"\.visible \.entry (\w+)\((.*?)\)\s*(?:\.\w+[^\n{]*\n)*\{(.*?)\n\}", re.S)
# The instructions that are understood, with the modifiers besides types. Rounding to nearest is numpy's; flushing (ftz),
# saturating (sat), approximating (approx, full) and contracting (fma) are not.
KNOWN: dict[str, set[str]] = {
    **{base: set() for base in ("and", "or", "xor", "not", "neg", "abs", "min", "max", "rem", "selp", "shl", "shr", "bfi",
                                "mov", "ret")},
    **{base: {"rn"} for base in ("add", "sub", "div", "rcp", "sqrt")},
    "mul": {"rn", "lo", "hi", "wide"}, "mad": {"lo", "wide"}, "cvt": {"rn", "rzi"}, "bra": {"uni"}, "cvta": {"to", "global"},
    "ld": {"param", "global", "nc", "local"}, "st": {"global", "local"},
    "setp": {"eq", "ne", "lt", "le", "gt", "ge", "lo", "ls", "hi", "hs", "equ", "neu", "ltu", "leu", "gtu", "geu", "num", "nan",
             "and", "or", "xor"},
}
COMPARE = {"eq": np.equal, "ne": np.not_equal, "lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal,
           "lo": np.less, "ls": np.less_equal, "hi": np.greater, "hs": np.greater_equal}


@dataclass
class Instruction:
    text: str
    op: tuple[str, ...]
    operands: tuple[str, ...]
    guard: str = ""
    negated: bool = False
    types: list[str] = field(default_factory=list)


@dataclass
class Program:
    name: str
    parameters: list[tuple[str, str]]  # type and name
    code: list[Instruction] = field(default_factory=list)
    labels: dict[str, int] = field(default_factory=dict)
    registers: dict[str, str] = field(default_factory=dict)  # prefix -> type
    local: int = 0
    kinds: dict[str, Any] = field(default_factory=dict)  # register -> numpy type

    def storage(self, name: str) -> Any:
        """numpy type that holds a register's bits."""
        if name not in self.kinds:
            kind = self.registers.get(name) or self.registers[name.rstrip("0123456789")]
            self.kinds[name] = np.dtype(bool if kind == "pred" else f"u{SIZES[kind]}")
        return self.kinds[name]


@cache
def programs(text: str) -> dict[str, Program]:
    """Every kernel of a PTX module."""
    return {m.group(1): _program(*m.groups()) for m in _ENTRY.finditer(text)}


def _program(name: str, parameters: str, body: str) -> Program:
    found = re.finditer(r"\.param \.(\w+)[^,]*? (\w+)\s*(?:,|$)", parameters)
    program = Program(name, [(m.group(1), m.group(2)) for m in found])
    for line in (re.sub(r"//.*", "", raw).strip() for raw in body.splitlines()):
        if not line or line in "{}":
            continue
        if line.startswith("."):
            _directive(program, line)
        elif line.endswith(":"):
            program.labels[line[:-1]] = len(program.code)
        else:
            match = re.fullmatch(r"(?:@(!?)(%p\d+)\s+)?([\w.]+)\s*(.*);", line)
            assert match, f"cannot read {line!r}"
            negated, guard, op, rest = match.groups()
            base, *rest_of_op = op.split(".")
            if base not in KNOWN or not set(rest_of_op) <= KNOWN[base] | SIZES.keys():
                raise NotImplementedError(f"PTX instruction {line}")
            operands = tuple(o.strip() for o in rest.split(",")) if rest else ()
            types = [part for part in rest_of_op if part in SIZES]
            program.code.append(Instruction(line, (base, *rest_of_op), operands, guard or "", bool(negated), types))
    return program


def _directive(program: Program, line: str) -> None:
    register = re.fullmatch(r"\.reg \.(\w+)\s+(%\w+?)(?:<\d+>)?;", line)
    local = re.fullmatch(r"\.local .*?(\w+)\[(\d+)\];", line)
    if register:
        program.registers[register.group(2)] = register.group(1)
    elif local:
        program.local = int(local.group(2))
    elif not line.startswith((".pragma", ".loc", ".file")):
        raise NotImplementedError(f"PTX directive {line}")


class Launch:
    """One kernel launch: registers of all lanes, a program counter per lane."""

    def __init__(self, program: Program, grid: tuple[int, ...], block: tuple[int, ...], arguments: list[Any], memory: Memory):
        self.program, self.memory, self.arguments = program, memory, arguments
        count = int(np.prod(grid) * np.prod(block))
        self.count, self.lane = count, np.arange(count)
        self.special = self._special(grid, block)
        self.register: dict[str, Lanes] = {}
        self.local = np.zeros((count, program.local), np.uint8)
        self.parameter = {name: i for i, (_, name) in enumerate(program.parameters)}

    def _special(self, grid: tuple[int, ...], block: tuple[int, ...]) -> dict[str, Lanes]:
        inside = self.lane % int(np.prod(block))
        outside = self.lane // int(np.prod(block))
        out: dict[str, Lanes] = {}
        for axis, n, b in zip("xyz", grid, block):
            out[f"%tid.{axis}"], inside = inside % b, inside // b
            out[f"%ctaid.{axis}"], outside = outside % n, outside // n
            out[f"%ntid.{axis}"], out[f"%nctaid.{axis}"] = np.full(self.count, b), np.full(self.count, n)
        return {k: v.astype(np.uint32) for k, v in out.items()}

    # ------------------------------------------------------------ operands
    def _storage(self, name: str) -> Lanes:
        if name not in self.register:
            self.register[name] = np.zeros(self.count, self.program.storage(name))
        return self.register[name]

    def value(self, operand: str, kind: str, mask: Lanes) -> Lanes:
        """An operand in the lanes of `mask` as a type (the low bits of a wider register)."""
        wanted = dtype(kind)
        if operand in self.special:
            return self.special[operand][mask].astype(wanted)
        if operand.startswith("%"):
            bits = self._storage(operand)[mask]
            if kind == "pred" or bits.dtype.itemsize == wanted.itemsize:
                return bits.view(wanted)
            return bits.astype(f"u{wanted.itemsize}").view(wanted)
        count = int(np.count_nonzero(mask))
        if operand.startswith(("0f", "0d")):
            raw = np.array([int(operand[2:], 16)], f"u{4 if operand[1] == 'f' else 8}")
            return np.repeat(raw.view(wanted), count)
        if operand.startswith("__local"):
            return np.full(count, LOCAL, wanted)
        bits_ = int(operand, 0) & ((1 << 8 * wanted.itemsize) - 1)
        return np.repeat(np.array([bits_], f"u{wanted.itemsize}").view(wanted), count)

    def put(self, name: str, mask: Lanes, value: Lanes) -> None:
        storage = self._storage(name)
        value = np.ascontiguousarray(value)
        if storage.dtype != bool:
            if value.dtype.itemsize != storage.dtype.itemsize:  # a narrow load is extended by its sign
                value = value.astype(f"{value.dtype.kind}{storage.dtype.itemsize}")
            value = value.view(storage.dtype)
        storage[mask] = value

    # ------------------------------------------------------------ execution
    def run(self) -> None:
        """Step the lanes that are furthest behind, until all have returned."""
        counter = np.zeros(self.count, int)
        code, end = self.program.code, len(self.program.code)
        with np.errstate(all="ignore"):
            while (at := int(counter.min())) < end:
                mask = counter == at
                others = int(counter[~mask].min(initial=end))  # where they must be waited for
                while at < others and code[at].op[0] not in ("bra", "ret"):
                    self._execute(code[at], mask)
                    at += 1
                counter[mask] = at
                if at < others:
                    step, taken = code[at], mask
                    if step.guard:
                        taken = mask & (self._storage(step.guard) != step.negated)
                    counter[mask] += 1
                    counter[taken] = end if step.op[0] == "ret" else self.program.labels[step.operands[-1]]
        self.memory.finish()

    def _execute(self, step: Instruction, mask: Lanes) -> None:
        if step.guard:
            mask = mask & (self._storage(step.guard) != step.negated)
            if not mask.any():
                return
        handler = getattr(self, f"_{step.op[0]}", None)
        if handler is not None:
            handler(step, step.types, mask)
            return
        function, kind = _FUNCTIONS[step.op[0]], step.types[-1]
        values = [self.value(o, kind, mask) for o in step.operands[1:]]
        self.put(step.operands[0], mask, np.asarray(function(*values), dtype(kind)))

    def _ld(self, step: Instruction, types: list[str], mask: Lanes) -> None:
        kind, place = types[-1], step.operands[1].strip("[]")
        if step.op[1] == "param":
            self.put(step.operands[0], mask, np.full(int(mask.sum()), self._argument(place, kind)))
            return
        address = self._address(place, mask)
        if step.op[1] == "local":
            self.put(step.operands[0], mask, self._local(address, mask, kind))
        else:
            self.put(step.operands[0], mask, self.memory.load(address, self.lane[mask], kind, "nc" in step.op))

    def _st(self, step: Instruction, types: list[str], mask: Lanes) -> None:
        kind = types[-1]
        address, value = self._address(step.operands[0].strip("[]"), mask), self.value(step.operands[1], kind, mask)
        if step.op[1] == "local":
            place = self._place(address, mask, kind)
            self.local[self.lane[mask][:, None], place] = value.view(np.uint8).reshape(place.shape)
        else:
            self.memory.store(address, self.lane[mask], kind, value)

    def _local(self, address: Lanes, mask: Lanes, kind: str) -> Lanes:
        place = self._place(address, mask, kind)
        return np.ascontiguousarray(self.local[self.lane[mask][:, None], place]).view(dtype(kind)).reshape(-1)

    def _place(self, address: Lanes, mask: Lanes, kind: str) -> Lanes:
        """Bytes of a value in the thread's own memory."""
        offset = (address - np.uint64(LOCAL)).astype(np.int64)
        assert np.all((offset >= 0) & (offset + SIZES[kind] <= self.program.local)), "outside the thread's own array"
        return offset[:, None] + np.arange(SIZES[kind])

    def _address(self, place: str, mask: Lanes) -> Lanes:
        register, _, offset = place.partition("+")
        return self.value(register, "u64", mask) + np.uint64(int(offset or 0) & (2**64 - 1))

    def _argument(self, name: str, kind: str) -> Any:
        """A launch argument as the kernel's parameter, whose type NVRTC wrote down."""
        declared = self.program.parameters[self.parameter[name]][0]
        value = self.arguments[self.parameter[name]]
        assert value.dtype.itemsize == SIZES[declared] == SIZES[kind], f"{name}: {value.dtype} passed for .{declared}"
        assert (value.dtype.kind == "f") == (declared[0] == "f"), f"{name}: {value.dtype} passed for .{declared}"
        return value.view(dtype(kind))

    def _cvta(self, step: Instruction, types: list[str], mask: Lanes) -> None:
        self.put(step.operands[0], mask, self.value(step.operands[1], "u64", mask))

    def _mov(self, step: Instruction, types: list[str], mask: Lanes) -> None:
        self.put(step.operands[0], mask, self.value(step.operands[1], types[-1], mask))

    def _cvt(self, step: Instruction, types: list[str], mask: Lanes) -> None:
        to, source = types
        value = self.value(step.operands[1], source, mask)
        if source[0] == "f" and to[0] != "f":
            assert "rzi" in step.op, step.text
        self.put(step.operands[0], mask, value.astype(dtype(to)))

    def _mul(self, step: Instruction, types: list[str], mask: Lanes) -> None:
        a, b = (self.value(o, types[-1], mask) for o in step.operands[1:3])
        self.put(step.operands[0], mask, _product(a, b, step.op))

    def _mad(self, step: Instruction, types: list[str], mask: Lanes) -> None:
        a, b = (self.value(o, types[-1], mask) for o in step.operands[1:3])
        product = _product(a, b, step.op)
        kind = f"{types[-1][0]}{8 * product.dtype.itemsize}"
        self.put(step.operands[0], mask, product + self.value(step.operands[3], kind, mask))

    def _setp(self, step: Instruction, types: list[str], mask: Lanes) -> None:
        a, b = (self.value(o, types[-1], mask) for o in step.operands[1:3])
        result = _compare(step.op[1], a, b, types[-1][0] == "f")
        for logic, combine in (("and", np.logical_and), ("or", np.logical_or), ("xor", np.logical_xor)):
            if step.op[2] == logic:
                result = combine(result, self.value(step.operands[3], "pred", mask))
        self.put(step.operands[0], mask, result)

    def _selp(self, step: Instruction, types: list[str], mask: Lanes) -> None:
        a, b = (self.value(o, types[-1], mask) for o in step.operands[1:3])
        self.put(step.operands[0], mask, np.where(self.value(step.operands[3], "pred", mask), a, b))

    def _shl(self, step: Instruction, types: list[str], mask: Lanes) -> None:
        a, n = self.value(step.operands[1], types[-1], mask), self.value(step.operands[2], "u32", mask)
        self.put(step.operands[0], mask, a << n.astype(a.dtype))

    def _bfi(self, step: Instruction, types: list[str], mask: Lanes) -> None:
        kind = types[-1]
        a, b = (self.value(o, kind, mask) for o in step.operands[1:3])
        place, length = (int(o) for o in step.operands[3:5])
        ones = a.dtype.type(((1 << length) - 1) << place & (1 << 8 * SIZES[kind]) - 1)
        self.put(step.operands[0], mask, (a << a.dtype.type(place)) & ones | b & ~ones)

    def _shr(self, step: Instruction, types: list[str], mask: Lanes) -> None:
        a, n = self.value(step.operands[1], types[-1], mask), self.value(step.operands[2], "u32", mask)
        self.put(step.operands[0], mask, a >> n.astype(a.dtype))


def _product(a: Lanes, b: Lanes, op: tuple[str, ...]) -> Lanes:
    if a.dtype.kind == "f":
        return a * b
    wide = np.dtype(f"{a.dtype.kind}{min(2 * a.dtype.itemsize, 8)}")
    if "wide" in op:
        return a.astype(wide) * b.astype(wide)
    if "hi" in op:
        assert a.dtype.itemsize < 8, op
        return ((a.astype(wide) * b.astype(wide)) >> wide.type(8 * a.dtype.itemsize)).astype(a.dtype)
    return a * b


def _compare(how: str, a: Lanes, b: Lanes, real: bool) -> Lanes:
    if how in ("num", "nan"):
        return (np.isnan(a) | np.isnan(b)) == (how == "nan")
    if real and how not in COMPARE:  # ltu, neu ...: also true where one is not a number
        return COMPARE[how[:-1]](a, b) | np.isnan(a) | np.isnan(b)
    result = COMPARE[how](a, b)
    return result & ~(np.isnan(a) | np.isnan(b)) if real else result


def _divide(a: Lanes, b: Lanes) -> Lanes:
    if a.dtype.kind == "f":
        return a / b
    wide = a.astype(np.int64), b.astype(np.int64)
    return np.sign(wide[0]) * np.sign(wide[1]) * (abs(wide[0]) // abs(wide[1]))


def _remainder(a: Lanes, b: Lanes) -> Lanes:
    return np.fmod(a, b)


_FUNCTIONS = {
    "add": np.add, "sub": np.subtract, "div": _divide, "rem": _remainder, "neg": np.negative, "abs": np.abs,
    "min": lambda a, b: np.fmin(a, b) if a.dtype.kind == "f" else np.minimum(a, b),
    "max": lambda a, b: np.fmax(a, b) if a.dtype.kind == "f" else np.maximum(a, b),
    "rcp": lambda a: a.dtype.type(1) / a, "sqrt": np.sqrt, "and": np.bitwise_and, "or": np.bitwise_or,
    "xor": np.bitwise_xor, "not": np.invert,
}


def launch(text: str, name: str, grid: tuple[int, ...], block: tuple[int, ...], arguments: list[Any], constant: list[bool]
           ) -> None:
    """Run a kernel of a PTX module; arrays are changed in place, scalars are numpy scalars of the parameter's type."""
    program = programs(text)[name]
    assert len(arguments) == len(program.parameters), f"{name}: {len(arguments)} arguments, {len(program.parameters)} declared"
    arrays = [a for a in arguments if a.ndim]
    memory = Memory(arrays, [c for a, c in zip(arguments, constant) if a.ndim])
    numbers = iter(range(len(arrays)))
    packed = [np.uint64(Memory.address(next(numbers))) if a.ndim else a for a in arguments]
    for (declared, parameter), value in zip(program.parameters, arguments):
        assert not value.ndim or declared in ("u64", "b64"), f"{name}: array passed for .{declared} {parameter}"
    Launch(program, grid, block, packed, memory).run()

"""Vectors of numbers side by side, and what compiled loops do with them.

The vector types are spelled out for LLVM, which cuts them into what the machine has. Lanes don't
mix unless an instruction says in which order, so results don't depend on the machine's vectors.
"""

import operator
from typing import Any

# mypy: disable-error-code="no-untyped-call"
# (of numba's types and LLVM's builder)
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, register_model

instruction: Any = intrinsic(prefer_literal=True)
"""Makes an instruction of a function that types and builds it; literals come as such."""


class Lanes(types.Type):
    """Numbers of one kind side by side in registers."""

    def __init__(self, scalar: Any, n: int) -> None:
        self.scalar, self.n = scalar, n
        super().__init__(name=f"lanes({n} x {scalar})")


@register_model(Lanes)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, lanes: Lanes) -> None:
        scalar = manager.lookup(lanes.scalar).get_value_type()
        super().__init__(manager, lanes, ir.VectorType(scalar, lanes.n))


class _Alike(AbstractTemplate):
    """An operation on lanes, lane by lane."""

    def generic(self, args: Any, kws: Any) -> Any:
        if args and all(isinstance(each, Lanes) and each == args[0] for each in args):
            return signature(args[0], *args)
        return None


for _operation, _build in (
    (operator.add, ir.IRBuilder.fadd),
    (operator.sub, ir.IRBuilder.fsub),
    (operator.mul, ir.IRBuilder.fmul),
    (operator.truediv, ir.IRBuilder.fdiv),
):
    infer_global(_operation)(_Alike)

    @lower_builtin(_operation, Lanes, Lanes)
    def _lower(context: Any, builder: Any, sig: Any, args: Any, build: Any = _build) -> Any:
        return build(builder, *args)


infer_global(abs)(_Alike)


@lower_builtin(abs, Lanes)
def _lower_abs(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    return magnitude(builder, args[0])


def magnitude(builder: Any, vector: Any) -> Any:
    """Absolute values, lane by lane."""
    return _of_llvm(builder, "fabs", [vector])


def fused(builder: Any, a: Any, b: Any, c: Any) -> Any:
    """The sum a · b + c, rounded once: an instruction of processors since 2013, slow before."""
    return _of_llvm(builder, "fma", [a, b, c])


def _of_llvm(builder: Any, name: str, args: list[Any]) -> Any:
    kind = args[0].type
    name = f"llvm.{name}.v{kind.count}{kind.element.intrinsic_name}"
    of_kind = ir.FunctionType(kind, [kind] * len(args))
    return builder.call(cgutils.get_or_insert_function(builder.module, of_kind, name), args)


def splat(builder: Any, value: Any, n: int) -> Any:
    """A vector with the same value everywhere."""
    kind = ir.VectorType(value.type, n)
    nothing = ir.Constant(kind, ir.Undefined)
    first = builder.insert_element(nothing, value, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(first, nothing, mask([0] * n))


def mask(lanes: list[int]) -> Any:
    """Integers, as shuffling takes them."""
    return ir.Constant(ir.VectorType(ir.IntType(32), len(lanes)), lanes)


def constant(kind: Any, value: float) -> Any:
    """A vector of a kind with the same number everywhere."""
    return ir.Constant(kind, [value] * kind.count)


def pointer_to(context: Any, builder: Any, array: Any, value: Any, start: Any, kind: Any) -> Any:
    """Pointer to what starts at a number of an array without gaps."""
    data = context.make_array(array)(context, builder, value).data
    return builder.bitcast(builder.gep(data, [start]), kind.as_pointer())


def after(builder: Any, start: Any, stride: Any, n: int) -> Any:
    """The place n strides after a start."""
    return builder.add(start, builder.mul(stride, ir.Constant(stride.type, n)))


def alignment(array: Any) -> int:
    """Of vectors that may start at any number of an array, in bytes."""
    return int(array.dtype.bitwidth) // 8


@instruction
def spread(typing: Any, scalar: Any, n: Any) -> Any:
    """The same number in each of n lanes."""
    lanes = Lanes(scalar, n.literal_value)

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return splat(builder, args[0], lanes.n)

    return lanes(scalar, n), build


@instruction
def load(typing: Any, array: Any, start: Any, n: Any) -> Any:
    """Numbers of an array in n lanes, from one on."""
    lanes = Lanes(array.dtype, n.literal_value)

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        kind = context.get_value_type(lanes)
        pointer = pointer_to(context, builder, array, args[0], args[1], kind)
        return builder.load(pointer, align=alignment(array), typ=kind)

    return lanes(array, types.intp, n), build


@instruction
def store(typing: Any, array: Any, start: Any, vector: Any) -> Any:
    """Write lanes to an array, from a number on."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        pointer = pointer_to(context, builder, array, args[0], args[1], args[2].type)
        builder.store(args[2], pointer, align=alignment(array))

    return types.void(array, types.intp, vector), build


@instruction
def load_all(typing: Any, array: Any, start: Any, stride: Any, n: Any, count: Any) -> Any:
    """Several vectors of n lanes, each `stride` numbers after the one before."""
    lanes = types.UniTuple(Lanes(array.dtype, n.literal_value), count.literal_value)

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        kind = context.get_value_type(lanes.dtype)
        vectors = []
        for j in range(lanes.count):
            pointer = after(builder, args[1], args[2], j)
            pointer = pointer_to(context, builder, array, args[0], pointer, kind)
            vectors.append(builder.load(pointer, align=alignment(array), typ=kind))
        return context.make_tuple(builder, lanes, vectors)

    return lanes(array, types.intp, types.intp, n, count), build


@instruction
def store_all(typing: Any, array: Any, start: Any, stride: Any, vectors: Any) -> Any:
    """Write several vectors, each `stride` numbers after the one before."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        for j, vector in enumerate(cgutils.unpack_tuple(builder, args[3])):
            pointer = after(builder, args[1], args[2], j)
            pointer = pointer_to(context, builder, array, args[0], pointer, vector.type)
            builder.store(vector, pointer, align=alignment(array))

    return types.void(array, types.intp, types.intp, vectors), build


@instruction
def higher(typing: Any, one: Any, other: Any) -> Any:
    """The higher of two numbers, lane by lane."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.select(builder.fcmp_ordered(">", *args), *args)

    return one(one, other), build


@instruction
def reaching(typing: Any, vector: Any, limit: Any) -> Any:
    """The numbers of the lanes that aren't below a limit, as bits; NaN isn't below any."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        lanes = builder.fcmp_unordered(">=", *args)
        bits = builder.bitcast(lanes, ir.IntType(vector.n))
        return builder.zext(bits, ir.IntType(64))

    return types.int64(vector, limit), build


@instruction
def lowest_bit(typing: Any, bits: Any) -> Any:
    """The number of the lowest bit that is set, of which there must be one."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.int64), build


@instruction
def root(typing: Any, vector: Any) -> Any:
    """Square roots, lane by lane."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return _of_llvm(builder, "sqrt", args)

    return vector(vector), build


@instruction
def plus_product(typing: Any, vector: Any, one: Any, other: Any) -> Any:
    """A vector with one · other added, rounded once."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return fused(builder, args[1], args[2], args[0])

    return vector(vector, one, other), build


@instruction
def total(typing: Any, vector: Any) -> Any:
    """Sum of the lanes: halves are added to each other until one lane is left."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        left, n = args[0], vector.n
        while n > 1:
            n //= 2
            lower = builder.shuffle_vector(left, left, mask(list(range(n))))
            upper = builder.shuffle_vector(left, left, mask(list(range(n, 2 * n))))
            left = builder.fadd(lower, upper)
        return builder.extract_element(left, ir.Constant(ir.IntType(32), 0))

    return vector.scalar(vector), build

"""tf.linalg: what is more than one op."""
import numbers

import numpy as np

from retrograph.framework import dtypes
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.ops import array_ops
from retrograph.ops import control_flow_ops
from retrograph.ops import math_ops
from retrograph.ops.array_ops import deprecated_argument

_gen = op_library.gen


def eye(num_rows, num_columns=None, batch_shape=None, dtype=dtypes.float32,
        name=None):
    """A unit matrix, or a batch of such."""
    with ops.name_scope(name, "eye", [num_rows, num_columns, batch_shape]):
        square = num_columns is None
        batch = [] if batch_shape is None else batch_shape
        columns = num_rows if square else num_columns
        sides = [num_rows, columns]
        if any(isinstance(side, ops.Tensor) for side in sides):
            size = _gen.minimum(num_rows, columns)
        else:
            if not all(isinstance(side, numbers.Integral) for side in sides):
                raise TypeError("num_rows and num_columns must be positive "
                                "integer values.")
            square = num_rows == columns
            size = np.minimum(num_rows, columns)
        if isinstance(batch, ops.Tensor) or isinstance(size, ops.Tensor):
            batch = ops.convert_to_tensor(batch, name="shape",
                                          dtype=dtypes.int32)
            diagonal = array_ops.concat((batch, [size]), axis=0)
            if not square:
                shape = array_ops.concat((batch, sides), axis=0)
        else:
            diagonal = list(batch) + [size]
            shape = list(batch) + sides
        ones = array_ops.ones(diagonal, dtype=dtype)
        if square:
            return array_ops.matrix_diag(ones)
        return array_ops.matrix_set_diag(array_ops.zeros(shape, dtype=dtype),
                                         ones)


def adjoint(matrix, name=None):
    """The matrices [..., M, N], transposed and conjugated."""
    with ops.name_scope(name, "adjoint", [matrix]):
        matrix = ops.convert_to_tensor(matrix, name="matrix")
        return array_ops.matrix_transpose(matrix, conjugate=True)


def trace(x, name=None):
    """The sums of the main diagonals of matrices [..., M, N]."""
    with ops.name_scope(name, "Trace", [x]) as scope:
        x = ops.convert_to_tensor(x, name="x")
        return math_ops.reduce_sum(array_ops.matrix_diag_part(x), [-1],
                                   name=scope)


def logdet(matrix, name=None):
    """The logarithm of a positive definite matrix' determinant."""
    with ops.name_scope(name, "logdet", [matrix]):
        diagonal = array_ops.matrix_diag_part(_gen.cholesky(matrix))
        return 2.0 * math_ops.reduce_sum(_gen.log(_real(diagonal)), axis=[-1])


def _real(x):
    """tf.math.real."""
    with ops.name_scope(None, "Real", [x]) as scope:
        if not x.dtype.is_complex:
            return x
        return op_library.apply_op("Real", scope, input=x,
                                   Tout=x.dtype.real_dtype)


def self_adjoint_eig(tensor, name=None):
    """Eigenvalues, and the matrix whose columns are the eigenvectors."""
    e, v = _gen.self_adjoint_eig_v2(tensor, compute_v=True, name=name)
    return e, v


def self_adjoint_eigvals(tensor, name=None):
    """The eigenvalues of Hermitian matrices [..., M, M], ascending."""
    return _gen.self_adjoint_eig_v2(tensor, compute_v=False, name=name)[0]


def svd(tensor, full_matrices=False, compute_uv=True, name=None):
    """Singular values, and unless they are not wanted the vectors u and v."""
    s, u, v = _gen.svd(tensor, compute_uv=compute_uv,
                       full_matrices=full_matrices, name=name)
    return (_real(s), u, v) if compute_uv else _real(s)


def cholesky_solve(chol, rhs, name=None):
    """Solves a system by the Cholesky decomposition of its matrix."""
    with ops.name_scope(name, "cholesky_solve", [chol, rhs]):
        y = _gen.matrix_triangular_solve(chol, rhs, adjoint=False, lower=True)
        return _gen.matrix_triangular_solve(chol, y, adjoint=True, lower=True)


def _gramian_cholesky(matrix, l2_regularizer, by_columns):
    gramian = math_ops.matmul(matrix, matrix, adjoint_a=by_columns,
                              adjoint_b=not by_columns)
    if isinstance(l2_regularizer, ops.Tensor) or l2_regularizer != 0:
        shape = array_ops.shape(matrix)
        batch = shape[:-2]
        axis = -1 if by_columns else -2
        unit = eye(shape[axis], batch_shape=batch, dtype=matrix.dtype)
        side = matrix.shape[axis]
        unit.set_shape(matrix.shape[:-2].concatenate([side, side]))
        gramian += l2_regularizer * unit
    return _gen.cholesky(gramian)


def matrix_solve_ls(matrix, rhs, l2_regularizer=0.0, fast=True, name=None):
    """The solution with the least squares of what is left."""
    matrix = ops.convert_to_tensor(matrix, name="matrix")
    if not fast:
        raise NotImplementedError("a least-squares solution with fast=False "
                                  "is not in retrograph yet")
    if matrix.dtype == dtypes.complex128 and l2_regularizer != 0:
        raise NotImplementedError(
            "matrix_solve_ls is currently disabled for complex128 and "
            "l2_regularizer != 0 due to poor accuracy.")

    def over():
        chol = _gramian_cholesky(matrix, l2_regularizer, True)
        return cholesky_solve(chol, math_ops.matmul(matrix, rhs,
                                                    adjoint_a=True))

    def under():
        chol = _gramian_cholesky(matrix, l2_regularizer, False)
        return math_ops.matmul(matrix, cholesky_solve(chol, rhs),
                               adjoint_a=True)
    with ops.name_scope(name, "matrix_solve_ls",
                        [matrix, rhs, l2_regularizer]):
        sides = matrix.shape[-2:]
        if sides.is_fully_defined():
            return over() if sides[0] >= sides[1] else under()
        sides = array_ops.shape(matrix)[-2:]
        return control_flow_ops.cond(sides[-2] >= sides[-1], over, under)


_VECTOR_NORMS = ["euclidean", 1, 2, np.inf]
_MATRIX_NORMS = ["euclidean", "fro", 1, 2, np.inf]
_AXIS = "'axis' must be None, an integer, or a tuple of 2 unique integers"


def _norm_axes(ord, axis):
    """The axes as a tuple or None, checked, and whether of matrices."""
    if isinstance(axis, (tuple, list)) and len(axis) == 2:
        axis = tuple(axis)
        if not all(isinstance(i, int) for i in axis) or axis[0] == axis[1]:
            raise ValueError(_AXIS)
        if ord not in _MATRIX_NORMS:
            raise ValueError("'ord' must be a supported matrix norm in %s, "
                             "got %s" % (_MATRIX_NORMS, ord))
        return axis, True
    if not (isinstance(axis, int) or axis is None):
        raise ValueError(_AXIS)
    if (not np.isreal(ord) or ord <= 0) and ord not in _VECTOR_NORMS:
        raise ValueError("'ord' must be a supported vector norm, got %s" % ord)
    return (axis if axis is None else (axis,)), False


def norm(tensor, ord="euclidean", axis=None, keepdims=None, name=None,
         keep_dims=None):
    """The norm of vectors or matrices.

    Parameters
    ----------
    tensor
        Of any shape.
    ord
        "euclidean", "fro", 1, 2, np.inf, or for vectors any number above 0.
    axis
        Of the vectors, the pair of the matrices, or None: all numbers are
        one vector.
    keepdims
        The axes stay, with one element.
    """
    keepdims = deprecated_argument("keepdims", keepdims, "keep_dims",
                                   keep_dims)
    axes, matrices = _norm_axes(ord, axis)
    if matrices and ord in (2, 2.0):
        raise NotImplementedError("the 2-norm of matrices is not in "
                                  "retrograph yet")
    first = None if axes is None else axes[0]
    with ops.name_scope(name, "norm", [tensor]):
        tensor = ops.convert_to_tensor(tensor)
        if ord in ("fro", "euclidean", 2, 2.0):
            result = _gen.sqrt(math_ops.reduce_sum(
                tensor * math_ops.conj(tensor), axes, keepdims=True))
        else:
            result = math_ops.abs(tensor)
            if ord == 1:
                result = math_ops.reduce_sum(result, first, keepdims=True)
                if matrices:
                    result = math_ops.reduce_max(result, axes[-1],
                                                 keepdims=True)
            elif ord == np.inf:
                if matrices:
                    result = math_ops.reduce_sum(result, axes[1],
                                                 keepdims=True)
                result = math_ops.reduce_max(result, first, keepdims=True)
            else:
                result = math_ops.pow(math_ops.reduce_sum(
                    math_ops.pow(result, ord), axes, keepdims=True), 1.0 / ord)
        return result if keepdims else array_ops.squeeze(result, axes)

"""Decompositions and solutions of matrices, their gradients, tf.linalg.

Each runs on TensorFlow 1.15.5 and on retrograph; see cases_test.py. Small
matrices are equal to the last bit; of larger ones, and of gradients, the last
digits are cut off."""
import numpy as np
import tensorflow.compat.v1 as tf
from case_helpers import attempt, noise, run


def matrices(*shape, **kwargs):
    """Well conditioned."""
    dtype = kwargs.get("dtype", np.float32)
    values = np.random.RandomState(8).normal(size=shape)
    if np.dtype(dtype).kind == "c":
        values = values + 1j * np.random.RandomState(9).normal(size=shape)
    return (values + 3 * np.eye(*shape[-2:])).astype(dtype)


def definite(*shape, **kwargs):
    # Of whole numbers, and no zero below zero: NumPys differ there.
    m = np.round(matrices(*shape, **kwargs) * 4)
    return np.matmul(m, np.conj(np.swapaxes(m, -1, -2))) / 16 + 0


def rounded(tensor, feeds=None):
    with tf.Session() as s:
        got = np.asarray(s.run(tensor, feeds))
    scale = np.abs(got[np.isfinite(got)]).max() if got.size else 1
    return got.shape, str(got.dtype), [
        "%.2f%+.2fj" % (v.real + 0, v.imag + 0)
        for v in np.round(got.astype(complex) / scale, 2).ravel()]


TYPES = (np.float32, np.float64, np.complex64, np.complex128)
SHAPES = ((1, 1), (2, 2), (3, 3), (2, 5, 5), (0, 0), (2, 0, 0), (0, 3, 3))


def case_determinants():
    return [rounded(tf.matrix_determinant(matrices(*shape, dtype=t)))
            for shape in SHAPES + ((20, 20),) for t in TYPES], [
        [rounded(x) for x in tf.linalg.slogdet(matrices(*shape, dtype=t))]
        for shape in SHAPES for t in TYPES]


def case_determinants_without_size():
    flat = np.array([[1, 2], [2, 4]], np.float32)
    return [run(op) for m in (flat, -flat, flat * np.nan, flat * 0)
            for op in (tf.matrix_determinant(m), tf.linalg.slogdet(m)[0],
                       tf.linalg.slogdet(m)[1])]


def case_inverses():
    return [rounded(tf.matrix_inverse(matrices(*shape, dtype=t), adjoint=a))
            for shape in SHAPES + ((20, 20),) for t in TYPES
            for a in (False, True)]


def case_cholesky():
    return [rounded(tf.cholesky(definite(*shape, dtype=t)))
            for shape in SHAPES + ((20, 20),) for t in TYPES]


def case_small_ones_to_the_last_bit():
    one, other = matrices(3, 3), definite(3, 3)
    return [run(op) for op in (
        tf.matrix_determinant(one), tf.cholesky(other), tf.matrix_inverse(one),
        tf.matrix_solve(one, noise(3, 2)))]


def eigen_of(matrix):
    """Values, and the matrix put together again: signs may differ."""
    e, v = tf.self_adjoint_eig(matrix)
    again = tf.matmul(v * e[..., tf.newaxis, :], v, adjoint_b=True)
    return [rounded(x) for x in (e, again,
                                 tf.self_adjoint_eigvals(matrix))]


def case_eigen():
    return [eigen_of(definite(*shape, dtype=t))
            for shape in ((1, 1), (2, 2), (2, 5, 5), (9, 9)) for t in TYPES]


def case_eigen_as_it_comes():
    return [rounded(x) for x in tf.linalg.eigh(definite(4, 4))] + [
        rounded(tf.linalg.eigvalsh(definite(2, 0, 0)))]


def case_svd():
    results = []
    for shape in ((2, 2), (4, 3), (3, 4), (2, 5, 3)):
        for full in (False, True):
            m = noise(*shape)
            s, u, v = tf.svd(m, full_matrices=full)
            p = min(shape[-2:])
            again = tf.matmul(u[..., :p] * s[..., tf.newaxis, :],
                              v[..., :p], adjoint_b=True)
            results += [rounded(x) for x in (s, again)] + [
                u.shape.as_list(), v.shape.as_list()]
        results.append(rounded(tf.svd(m, compute_uv=False)))
    return results


def case_solve():
    return [rounded(op(matrices(*shape, dtype=t),
                       matrices(*(shape[:-1] + (columns,)), dtype=t),
                       adjoint=a))
            for shape in ((1, 1), (3, 3), (2, 4, 4), (0, 3, 3), (20, 20))
            for columns in (1, 3) for t in TYPES for a in (False, True)
            for op in (tf.matrix_solve, tf.matrix_triangular_solve)]


def case_solve_with_the_upper_half():
    return [rounded(tf.linalg.triangular_solve(
        matrices(3, 3, dtype=t), matrices(3, 2, dtype=t), lower=False,
        adjoint=a)) for t in TYPES for a in (False, True)]


def case_solve_by_parts():
    chol = tf.cholesky(definite(3, 3))
    rhs = noise(3, 2)
    return [rounded(x) for x in (
        tf.cholesky_solve(chol, rhs),
        tf.linalg.lstsq(noise(5, 3), noise(5, 2)),
        tf.linalg.lstsq(noise(3, 5), noise(3, 2), l2_regularizer=.5),
        tf.linalg.logdet(definite(2, 3, 3)))]


def case_wrong():
    a, b = tf.placeholder(tf.float32), tf.placeholder(tf.float32)
    alone = [tf.matrix_determinant(a), tf.matrix_inverse(a), tf.cholesky(a),
             tf.self_adjoint_eigvals(a)]
    pairs = [tf.matrix_solve(a, b), tf.matrix_triangular_solve(a, b)]
    zero = np.zeros
    return [[attempt(run, op, {a: m}) for m in (
        zero(2), zero((2, 3)), -np.ones((2, 2)), np.ones((2, 2)) * np.nan)]
            for op in alone[1:3]], [
        [attempt(run, op, {a: m}) for m in (zero(2), zero((2, 3)))]
        for op in alone], [
        [attempt(run, op, {a: m, b: r}) for m, r in (
            (zero(2), zero((2, 1))), (zero((2, 2)), zero(2)),
            (zero((3, 2, 2)), zero((2, 2))),
            (zero((3, 2, 2)), zero((4, 2, 2))), (zero((2, 3)), zero((2, 1))),
            (zero((2, 2)), zero((3, 1))), (zero((2, 2)), zero((2, 1))))]
        for op in pairs]


def case_shapes():
    shapes = (None, [None, None], [None, 2, None], [2], [2, 3], [5, 2, 2])
    alone = [tf.matrix_determinant, tf.matrix_inverse, tf.cholesky,
             tf.linalg.slogdet, tf.self_adjoint_eig, tf.self_adjoint_eigvals,
             tf.svd, lambda x: tf.svd(x, full_matrices=True),
             lambda x: tf.svd(x, compute_uv=False)]

    def told(value):
        values = value if isinstance(value, (tuple, list)) else [value]
        return [str(getattr(v, "shape", v)) for v in values]
    return [told(attempt(op, tf.placeholder(tf.float32, shape)))
            for op in alone for shape in shapes], [
        told(attempt(op, tf.placeholder(tf.float32, one),
                     tf.placeholder(tf.float32, other)))
        for op in (tf.matrix_solve, tf.matrix_triangular_solve)
        for one, other in (
            ([2, 2], [2]), ([2], [2, 2]), ([2, 3], [2, 2]), ([2, 2], [3, 2]),
            ([5, 2, 2], [None, 2, 7]), (None, [3, 2, 2]), ([2, 2], None),
            ([4, 2, 2], [5, 2, 2]), ([2, 2], [3, 2, 1]))]


def gradients(function, value, *known):
    results = []
    for shape in known:
        x = tf.placeholder(value.dtype, shape)
        ys = function(x)
        ys = ys if isinstance(ys, (tuple, list)) else [ys]
        weighted = [y * np.arange(1, 1 + np.prod(
            y.shape.as_list())).reshape(y.shape.as_list()).astype(value.dtype)
                    if y.shape.is_fully_defined() else y for y in ys]
        results.append(rounded(tf.gradients(weighted, x)[0], {x: value}))
    return results


def case_gradients():
    m, d = matrices(3, 3), definite(3, 3)
    batch = np.stack([definite(2, 2), definite(2, 2) * 2])
    unknown = [None, None, None]
    return [
        gradients(tf.matrix_determinant, m, [3, 3], [None, 3]),
        gradients(lambda x: tf.linalg.slogdet(x)[1], m, [3, 3]),
        gradients(tf.matrix_inverse, m, [3, 3]),
        gradients(tf.matrix_inverse, batch, [2, 2, 2], unknown),
        gradients(tf.cholesky, d, [3, 3], [None, None]),
        gradients(tf.cholesky, batch, [2, 2, 2], unknown),
        gradients(lambda x: tf.self_adjoint_eig(x)[0], d, [3, 3]),
        gradients(tf.self_adjoint_eigvals, d, [3, 3]),
        gradients(lambda x: tf.matrix_solve(x, x[:, :2] * 2), m, [3, 3]),
        gradients(lambda x: tf.matrix_solve(x, x * x, adjoint=True), m,
                  [3, 3]),
        gradients(lambda x: tf.matrix_triangular_solve(x, x * x), m, [3, 3]),
        gradients(lambda x: tf.matrix_triangular_solve(
            x, x * x, lower=False, adjoint=True), m, [3, 3])]


def case_gradients_of_diagonals():
    m = noise(3, 3)
    return [gradients(tf.matrix_diag_part, m, [3, 3], [None, 3]),
            gradients(tf.matrix_diag, noise(3), [3]),
            gradients(lambda x: tf.matrix_set_diag(x, x[0]), m, [3, 3],
                      [None, 3]),
            gradients(lambda x: tf.matrix_band_part(x, 1, 0), m, [3, 3])]


def case_band_part():
    m = noise(2, 3, 4)
    return [run(tf.matrix_band_part(m, lower, upper))
            for lower, upper in ((0, 0), (1, 1), (-1, 0), (0, -1), (-1, -1),
                                 (3, 0), (0, 4), (-5, 2))] + [
        run(tf.linalg.band_part(noise(3, 3, dtype=t), 1, 0))
        for t in (np.int32, np.uint8, np.float64)] + [
        attempt(lambda: run(tf.matrix_band_part(m, *band)))
        for band in ((4, 0), (0, 5))]


def case_set_diag():
    diagonal = tf.placeholder(tf.float32)
    wrong = tf.matrix_set_diag(noise(2, 3), diagonal)
    return [run(tf.matrix_set_diag(noise(*shape), np.zeros(d, np.float32)))
            for shape, d in (((2, 3), 2), ((3, 2), 2), ((2, 2, 2), (2, 2)))], [
        attempt(run, wrong, {diagonal: np.zeros(d)}) for d in (3, (1, 2))], [
        attempt(lambda: tf.matrix_set_diag(noise(*shape), noise(*d)).shape)
        for shape, d in (((2,), (2,)), ((2, 3), (3,)), ((3, 2, 2), (2,)))], [
        str(tf.matrix_set_diag(tf.placeholder(tf.float32, a),
                               tf.placeholder(tf.float32, b)).shape)
        for a, b in ((None, [2]), ([2, 3], None), (None, [2, 2]))]


def case_names_of_tf_linalg():
    m, v = definite(2, 2), noise(2)
    return [rounded(x) for x in (
        tf.linalg.det(m), tf.linalg.inv(m), tf.linalg.cholesky(m),
        tf.linalg.diag(v), tf.linalg.diag_part(m), tf.linalg.set_diag(m, v),
        tf.linalg.solve(m, m), tf.linalg.trace(m), tf.trace(m),
        tf.linalg.transpose(noise(2, 3)), tf.linalg.adjoint(noise(2, 3)),
        tf.matrix_transpose(tf.constant(noise(2, 3, 4))),
        tf.linalg.tensor_diag(v), tf.linalg.tensordot(m, v, 1))]


def case_eye():
    n = tf.placeholder(tf.int32, [])
    return [run(tf.eye(*args, **kw)) for args, kw in (
        ((2,), {}), ((2, 3), {}), ((3, 2), {"dtype": tf.int32}),
        ((2,), {"batch_shape": [2, 1]}),
        ((2, 3), {"batch_shape": [2], "name": "n"}))] + [
        run(tf.eye(n), {n: 2}), run(tf.linalg.eye(n, 3, [2]), {n: 2}),
        attempt(lambda: tf.eye(2.5))]


def case_norms():
    m = noise(2, 3, 4)
    return [rounded(tf.norm(m, **kw)) for kw in (
        {}, {"ord": 1}, {"ord": 2, "axis": 1}, {"ord": np.inf, "axis": -1},
        {"ord": 3, "axis": 0, "keepdims": True}, {"ord": "fro", "axis": (1, 2)},
        {"ord": 1, "axis": [0, 2]}, {"ord": np.inf, "axis": (-2, -1)},
        {"axis": [0, 1], "keep_dims": True, "name": "n"})] + [
        attempt(lambda: tf.norm(m, **kw)) for kw in (
            {"ord": "fro"}, {"ord": 3, "axis": (0, 1)}, {"axis": (1, 1)},
            {"ord": -1}, {"axis": "a"})]

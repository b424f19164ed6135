"""Assertions on arrays, tensors, and structures of them."""
import collections.abc
import math

import numpy as np

from retrograph.framework import dtypes
from retrograph.framework import ops


def _is_bfloat16(array):
    return array.dtype == dtypes.bfloat16.as_numpy_dtype


def _has_nan(array):
    return array.dtype in (np.float16, np.float32, np.float64) or \
        _is_bfloat16(array)


def _where(values, subscripts, limit=10):
    """The first subscripts and values, a line each."""
    rows = np.transpose(subscripts)
    lines = ["  %s : %s" % (row, values[tuple(row)]) for row in rows[:limit]]
    return "\n".join(lines + ["  ..."] * (len(rows) > limit))


class ArrayAssertions:
    """Mixed into a TestCase that has evaluate()."""

    def _GetNdArray(self, a):  # noqa: N802, TensorFlow's name
        if isinstance(a, ops.Tensor):
            a = self.evaluate(a)
        return a if isinstance(a, np.ndarray) else np.array(a)

    # -- Near --

    def assertNear(self, f1, f2, err, msg=None):  # noqa: N802
        self.assertTrue(
            f1 == f2 or math.fabs(f1 - f2) <= err, "%f != %f +/- %f%s"
            % (f1, f2, err, " (%s)" % msg if msg is not None else ""))

    def assertArrayNear(self, farray1, farray2, err, msg=None):  # noqa: N802
        self.assertEqual(len(farray1), len(farray2), msg=msg)
        for f1, f2 in zip(farray1, farray2):
            self.assertNear(float(f1), float(f2), err, msg=msg)

    def assertNDArrayNear(self, ndarray1, ndarray2, err,  # noqa: N802
                          msg=None):
        self.assertTrue(np.linalg.norm(ndarray1 - ndarray2) < err, msg=msg)

    # -- Close --

    def _assert_arrays_close(self, a, b, rtol, atol, msg):
        a, b = self._GetNdArray(a), self._GetNdArray(b)
        mismatch = "Shape mismatch: expected %s, got %s" % (a.shape, b.shape)
        if a.shape != b.shape and (b.ndim <= 3 or b.size < 500):
            mismatch += " with contents %s" % (b,)
        self.assertEqual(a.shape, b.shape, mismatch + ".")
        if np.allclose(a, b, rtol=rtol, atol=atol):
            return
        far = np.logical_or(np.abs(a - b) > atol + rtol * np.abs(b),
                            np.isnan(a) != np.isnan(b))
        lines = [msg or ""]
        x, y = a, b
        if a.ndim:
            x, y = a[np.where(far)], b[np.where(far)]
            lines.append("not close where = {}".format(np.where(far)))
        lines += ["not close lhs = {}".format(x), "not close rhs = {}".format(y),
                  "not close dif = {}".format(np.abs(x - y)),
                  "not close tol = {}".format(atol + rtol * np.abs(y)),
                  "dtype = {}, shape = {}".format(a.dtype, a.shape)]
        np.testing.assert_allclose(a, b, rtol=rtol, atol=atol,
                                   err_msg="\n".join(lines), equal_nan=True)

    def _assert_close(self, a, b, rtol, atol, msg, path=()):
        """`path` says where in the structures a and b are."""
        where = "".join("[%s]" % p for p in path)
        a = a._asdict() if hasattr(a, "_asdict") else a
        b = b._asdict() if hasattr(b, "_asdict") else b
        is_mapping = isinstance(a, collections.abc.Mapping)
        if is_mapping != isinstance(b, collections.abc.Mapping):
            raise ValueError("Can't compare dict to non-dict, a%s vs b%s. %s"
                             % (where, where, msg))
        differs = "Mismatched value: a%s is different from b%s. %s" % (
            where, where, msg)
        if is_mapping:
            self.assertCountEqual(
                a.keys(), b.keys(), msg="mismatched keys: a%s has keys %s, but "
                "b%s has keys %s. %s" % (where, a.keys(), where, b.keys(),
                                         msg))
            for key in a:
                self._assert_close(a[key], b[key], rtol, atol, msg,
                                   path + (key,))
        elif isinstance(a, (list, tuple)):
            try:
                arrays = self._GetNdArray(a), self._GetNdArray(b)
                self._assert_arrays_close(*arrays, rtol, atol, differs)
            except (ValueError, TypeError):
                if len(a) != len(b):
                    raise ValueError(
                        "Mismatched length: a%s has %d items, but b%s has %d "
                        "items. %s" % (where, len(a), where, len(b),
                                       msg)) from None
                for i, pair in enumerate(zip(a, b)):
                    self._assert_close(*pair, rtol, atol, msg, path + (i,))
        else:
            try:
                self._assert_arrays_close(a, b, rtol, atol, differs)
            except TypeError as e:
                raise TypeError("%s : Error: a%s has %s, but b%s has %s. %s" % (
                    e, where, type(a), where, type(b), msg)) from None

    def assertAllClose(self, a, b, rtol=1e-6, atol=1e-6,  # noqa: N802
                       msg=None):
        """Structures of arrays or tensors: |a - b| <= atol + rtol |b|."""
        self._assert_close(a, b, rtol, atol, msg or "")

    def assertAllCloseAccordingToType(  # noqa: N802
            self, a, b, rtol=1e-6, atol=1e-6, float_rtol=1e-6, float_atol=1e-6,
            half_rtol=1e-3, half_atol=1e-3, bfloat16_rtol=1e-2,
            bfloat16_atol=1e-2, msg=None):
        """assertAllClose(), less strict where either has fewer bits."""
        a, b = self._GetNdArray(a), self._GetNdArray(b)
        types = (a.dtype, b.dtype)
        if np.float32 in types or np.complex64 in types:
            rtol, atol = max(rtol, float_rtol), max(atol, float_atol)
        if np.float16 in types:
            rtol, atol = max(rtol, half_rtol), max(atol, half_atol)
        if _is_bfloat16(a) or _is_bfloat16(b):
            rtol, atol = max(rtol, bfloat16_rtol), max(atol, bfloat16_atol)
        self.assertAllClose(a, b, rtol=rtol, atol=atol, msg=msg)

    def assertNotAllClose(self, a, b, **kwargs):  # noqa: N802
        try:
            self.assertAllClose(a, b, **kwargs)
        except AssertionError:
            return
        raise AssertionError("The two values are close at all elements")

    # -- Equal --

    def assertAllEqual(self, a, b, msg=None):  # noqa: N802
        """The same shapes and elements; a NaN equals a NaN."""
        a, b = self._GetNdArray(a), self._GetNdArray(b)
        contents = (" Contents: %s. \n" % (b,)
                    if b.ndim <= 3 or b.size < 500 else " ")
        self.assertEqual(a.shape, b.shape,
                         "Shape mismatch: expected %s, got %s.%s%s." % (
                             a.shape, b.shape, contents, msg or ""))
        same = a == b
        if _has_nan(a):
            same = np.logical_or(same, np.logical_and(np.isnan(a),
                                                      np.isnan(b)))
        if np.all(same):
            return
        lines = [msg or ""]
        x, y = a, b
        if a.ndim:
            differ = np.where(np.logical_not(same))
            x, y = a[differ], b[differ]
            lines.append("not equal where = {}".format(differ))
        lines += ["not equal lhs = {}".format(x),
                  "not equal rhs = {}".format(y)]
        np.testing.assert_array_equal(a, b, err_msg="\n".join(lines))

    def assertNotAllEqual(self, a, b, msg=None):  # noqa: N802
        try:
            self.assertAllEqual(a, b, msg)
        except AssertionError:
            return
        raise AssertionError("The two values are equal at all elements")

    # -- All elements --

    def assertAllGreater(self, a, comparison_target):  # noqa: N802
        self.assertGreater(np.min(self._GetNdArray(a)), comparison_target)

    def assertAllLess(self, a, comparison_target):  # noqa: N802
        self.assertLess(np.max(self._GetNdArray(a)), comparison_target)

    def assertAllGreaterEqual(self, a, comparison_target):  # noqa: N802
        self.assertGreaterEqual(np.min(self._GetNdArray(a)), comparison_target)

    def assertAllLessEqual(self, a, comparison_target):  # noqa: N802
        self.assertLessEqual(np.max(self._GetNdArray(a)), comparison_target)

    def assertAllInRange(self, target, lower_bound, upper_bound,  # noqa: N802
                         open_lower_bound=False, open_upper_bound=False):
        target = self._GetNdArray(target)
        if not (np.issubdtype(target.dtype, np.floating) or
                np.issubdtype(target.dtype, np.integer)):
            raise AssertionError(
                "The value of %s does not have an ordered numeric type, "
                "instead it has type: %s" % (target, target.dtype))
        nans = np.where(np.isnan(target))
        if np.size(nans):
            raise AssertionError(
                "%d of the %d element(s) are NaN. Subscripts(s) and value(s) "
                "of the NaN element(s):\n%s" % (
                    len(nans[0]), np.size(target), _where(target, nans)))
        below = np.less_equal if open_lower_bound else np.less
        above = np.greater_equal if open_upper_bound else np.greater
        outside = np.where(np.logical_or(below(target, lower_bound),
                                         above(target, upper_bound)))
        if np.size(outside):
            raise AssertionError(
                "%d of the %d element(s) are outside the range %s%s, %s%s. "
                "Subscript(s) and value(s) of the offending elements:\n%s" % (
                    len(outside[0]), np.size(target),
                    "(" if open_lower_bound else "[", lower_bound, upper_bound,
                    ")" if open_upper_bound else "]",
                    _where(target, outside)))

    def assertAllInSet(self, target, expected_set):  # noqa: N802
        others = np.setdiff1d(self._GetNdArray(target).flatten(),
                              list(expected_set))
        if np.size(others):
            raise AssertionError("%d unique element(s) are not in the set %s: "
                                 "%s" % (np.size(others), expected_set,
                                         others))

    def assertDTypeEqual(self, target, expected_dtype):  # noqa: N802
        self.assertEqual(self._GetNdArray(target).dtype, expected_dtype)

"""What pyproject.toml cannot say: the package has a compiled extension."""
import sys

from setuptools import setup
from setuptools.dist import Distribution

# From here on the extension keeps to Python's stable ABI: one wheel for all.
_FIRST_WITH_STABLE_ABI = (3, 12)


class WithExtension(Distribution):
    """Bazel makes the extension, so setuptools does not know of it."""

    def has_ext_modules(self):
        return True


options = {}
if sys.version_info >= _FIRST_WITH_STABLE_ABI:
    options["bdist_wheel"] = {
        "py_limited_api": "cp%d%d" % _FIRST_WITH_STABLE_ABI}

setup(distclass=WithExtension, options=options)

"""What pyproject.toml cannot say: the package has a compiled extension."""
from setuptools import setup
from setuptools.dist import Distribution


class WithExtension(Distribution):
    """Bazel makes the extension; the wheel is for this Python alone."""

    def has_ext_modules(self):
        return True


setup(distclass=WithExtension)

"""`import tensorflow`, as retrograph understands it."""
try:
    from retrograph import shim as _shim
except ImportError:
    # PYTHONPATH may name this folder alone: retrograph is four folders up.
    import os as _os
    import sys as _sys
    _top = _os.path.abspath(__file__)
    for _ in range(5):
        _top = _os.path.dirname(_top)
    _sys.path.append(_top)
    from retrograph import shim as _shim

_shim.install(__name__)

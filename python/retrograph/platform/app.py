"""tf.app: the entry of a script."""
import sys

from absl import app

from retrograph.platform import flags


def _parse(argv):
    """Unknown flags are left to main(), which absl would refuse."""
    return flags.FLAGS(sys.argv if argv is None else argv, known_only=True)


def run(main=None, argv=None):
    """Parses flags, calls main(argv) and exits with what it returns."""
    app.run(main or sys.modules["__main__"].main, argv=argv,
            flags_parser=_parse)

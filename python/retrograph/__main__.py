"""python -m retrograph script.py [args]: runs a TensorFlow 1 script.

  python -m retrograph --shim-path    prints a folder that, put first on
                                      PYTHONPATH, makes `import tensorflow`
                                      mean retrograph
"""
import os
import runpy
import sys

_USAGE = __doc__


def shim_path():
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), "shim",
                        "site")


def main(arguments):
    if not arguments or arguments[0] in ("-h", "--help"):
        print(_USAGE)
        return 0 if arguments else 2
    if arguments[0] == "--shim-path":
        print(shim_path())
        return 0
    if arguments[0].startswith("-"):
        print("retrograph: unknown option %s\n\n%s" % (arguments[0], _USAGE),
              file=sys.stderr)
        return 2
    script = arguments[0]
    sys.path[:0] = [os.path.dirname(os.path.abspath(script)), shim_path()]
    sys.argv = arguments
    runpy.run_path(script, run_name="__main__")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""python -m retrograph [--py2-print] script.py [args]: runs a TensorFlow 1 script.

  --py2-print    the script's `print x` are Python 2's: run them as print(x)

  python -m retrograph --shim-path    prints a folder that, put first on
                                      PYTHONPATH, makes `import tensorflow`
                                      mean retrograph
"""
import os
import sys
import tokenize
import traceback
import types

_USAGE = __doc__


def shim_path():
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), "shim",
                        "site")


def _with_print_calls(source, script):
    """The source with Python 2's print statements made calls, line by line."""
    try:
        from fissix import refactor
    except ImportError:
        raise SystemExit("retrograph: --py2-print needs the package fissix: "
                         "pip install fissix") from None
    tool = refactor.RefactoringTool(["fissix.fixes.fix_print"])
    # The parser wants a line break at the end.
    return str(tool.refactor_string(source.rstrip("\n") + "\n", script))


def _code(script, py2_print):
    with tokenize.open(script) as f:  # in the encoding that it declares
        source = f.read()
    if py2_print:
        source = _with_print_calls(source, script)
    try:
        return compile(source, script, "exec")
    except SyntaxError as e:
        traceback.print_exception(type(e), e, None)
        if "print" in (e.text or "") and not py2_print:
            print("\nretrograph: line %s has a print statement of Python 2. "
                  "Run the script with\n  python -m retrograph --py2-print %s\n"
                  "or write print(...) there." % (e.lineno, script),
                  file=sys.stderr)
        raise SystemExit(1) from None


def run_script(script, py2_print=False):
    """Runs the file as the program's main module."""
    code = _code(script, py2_print)
    module = types.ModuleType("__main__")
    module.__file__ = script
    module.__builtins__ = __builtins__
    sys.modules["__main__"] = module
    sys.path[:0] = [os.path.dirname(os.path.abspath(script)), shim_path()]
    exec(code, module.__dict__)


def main(arguments):
    if not arguments or arguments[0] in ("-h", "--help"):
        print(_USAGE)
        return 0 if arguments else 2
    if arguments[0] == "--shim-path":
        print(shim_path())
        return 0
    py2_print = arguments[0] == "--py2-print"
    if py2_print:
        arguments = arguments[1:]
    if not arguments or arguments[0].startswith("-"):
        problem = ("unknown option " + arguments[0] if arguments
                   else "which script?")
        print("retrograph: %s\n\n%s" % (problem, _USAGE), file=sys.stderr)
        return 2
    if not os.path.exists(arguments[0]):
        print("retrograph: there is no file %s" % arguments[0],
              file=sys.stderr)
        return 2
    sys.argv = arguments
    run_script(arguments[0], py2_print)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

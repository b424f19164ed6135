"""Times one TF1-style script on retrograph and, beside it, on TensorFlow 1.15.

compare_python.py [--site FOLDER] [--variables N] [--cpu]

Prints a table: what retrograph takes, what TensorFlow takes, how many times as
fast that is, and the aim. FOLDER is where the package `retrograph` is (built by
`bazel build //python:site`), if it is not installed for this Python. TensorFlow
runs where the environment variable RETROGRAPH_ORACLE names a folder with it in
tf1/; without it the table has one side. With --cpu, processor time is measured,
which a busy machine disturbs less.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
# Times as fast as TensorFlow; 1 means "never slower".
AIMS = {
    "run a constant": 10, "run with a feed": 10, "run an assign": 10,
    "ops built": 20, "variables built": 20, "Saver()": 20,
    "global_variables_initializer()": 20, "the first run of it": 20,
    "save without meta graph": 1, "save with meta graph": 20, "restore": 1,
    "list_variables": 1, "export_meta_graph": 20, "import_meta_graph": 20,
}
IMPORT_AIMS = {"import": "< 100 ms", "memory of it": "< 30 MiB"}
IMPORT = """
import json, sys, time
def resident():
    with open("/proc/self/status") as lines:
        for line in lines:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
import numpy
clock = time.process_time if "cpu" in sys.argv else time.perf_counter
memory, start = resident(), clock()
import tensorflow.compat.v1
seconds = clock() - start
print(json.dumps([seconds * 1e3, resident() - memory]))
"""


def run(python, environment, arguments):
    done = subprocess.run([python] + arguments, env=environment,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          universal_newlines=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()]


def measure(python, environment, variables, clock):
    """Measurements by name, in the script's order: (value, unit)."""
    imports = [run(python, environment, ["-W", "ignore", "-c", IMPORT, clock])[0]
               for _ in range(5)]
    results = {
        "import": (statistics.median(i[0] for i in imports), "ms"),
        "memory of it": (statistics.median(i[1] for i in imports), "MiB"),
    }
    script = os.path.join(HERE, "tf1_script.py")
    for name, value, unit in run(python, environment,
                                 [script, str(variables), clock]):
        results[name] = (value, unit)
    return results


def retrograph_environment(site, bytecode):
    # An installed package has its bytecode beside it; that of a build's folder
    # goes elsewhere.
    environment = dict(os.environ, PYTHONPYCACHEPREFIX=bytecode)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    paths = [site] if site else []
    environment["PYTHONPATH"] = os.pathsep.join(paths)
    shim = subprocess.run(
        [sys.executable, "-m", "retrograph", "--shim-path"], env=environment,
        stdout=subprocess.PIPE, check=True, universal_newlines=True)
    environment["PYTHONPATH"] = os.pathsep.join([shim.stdout.strip()] + paths)
    return environment


def print_table(ours, theirs):
    columns = "%-32s %16s %16s %8s %10s"
    print(columns % ("", "retrograph", "TensorFlow", "times", "aim"))
    for name, (value, unit) in ours.items():
        other, times = "", ""
        if name in theirs:
            other = "%.4g %s" % theirs[name]
            times = theirs[name][0] / value
            times = "%.3g" % (1 / times if unit == "/s" else times)
        print(columns % (name, "%.4g %s" % (value, unit), other, times,
                         IMPORT_AIMS.get(name) or AIMS[name]))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--site", default="")
    parser.add_argument("--variables", type=int, default=10000)
    parser.add_argument("--cpu", action="store_true")
    arguments = parser.parse_args()
    clock = "cpu" if arguments.cpu else "wall"
    with tempfile.TemporaryDirectory() as bytecode:
        environment = retrograph_environment(arguments.site, bytecode)
        ours = measure(sys.executable, environment, arguments.variables, clock)
    theirs = {}
    python = os.path.join(os.environ.get("RETROGRAPH_ORACLE", ""),
                          "tf1", "bin", "python")
    if "RETROGRAPH_ORACLE" in os.environ and os.path.exists(python):
        theirs = measure(python, dict(os.environ, PYTHONPATH=""),
                         arguments.variables, clock)
    print_table(ours, theirs)


if __name__ == "__main__":
    main()

"""Random programs on TensorFlow 1.15.5 and on retrograph, compared.

  run.py --programs 2000 --seed 1        programs 1 ... 2000
  run.py --only 17 --shrink              one program, made as small as can be
  run.py --goldens FOLDER                the Savers of the golden cases graph/

Of each program, the checkpoints are then restored by the other side.

Needs RETROGRAPH_ORACLE, a folder with TensorFlow in tf1/bin/python. --site
names the built package (bazel build //python:site; its folder site).
Prints each difference with its seed, its program and what differs first, and
ends with how many differences of each kind there are. Exit status 1 if any.
"""
import argparse
import collections
import json
import os
import shutil
import subprocess
import sys
import tempfile

import compare
import configurations
import generator
import known

HERE = os.path.dirname(os.path.abspath(__file__))


class Side:
    """TensorFlow or retrograph: how its player is started."""

    def __init__(self, name, python, path):
        self.name = name
        self.command = [python, "-W", "ignore",
                        os.path.join(HERE, "player.py")]
        self.environment = dict(
            os.environ, PYTHONPATH=path, TF_CPP_MIN_LOG_LEVEL="3",
            PYTHONDONTWRITEBYTECODE="1", CUDA_VISIBLE_DEVICES="",
            PYTHONHASHSEED="0")

    def start(self, arguments, folder):
        with open(os.path.join(folder, self.name + ".log"), "w") as log:
            return subprocess.Popen(self.command + arguments, stdout=log,
                                    stderr=log, env=self.environment)


def sides(site):
    """(TensorFlow, retrograph)."""
    oracle = os.path.join(os.environ.get("RETROGRAPH_ORACLE", ""), "tf1", "bin",
                          "python")
    if not os.path.exists(oracle):
        sys.exit("RETROGRAPH_ORACLE names no folder with TensorFlow 1.15.5 "
                 "(tf1/bin/python)")
    path = os.environ.get("PYTHONPATH", "")
    if site:
        path = os.pathsep.join([os.path.join(site, "retrograph/shim/site"),
                                site])
    return [Side("tensorflow", oracle, ""),
            Side("retrograph", sys.executable, path)]


def finish(processes, folder):
    for process, side in processes:
        if process.wait():
            with open(os.path.join(folder, side.name + ".log")) as log:
                raise RuntimeError("the player of %s failed:\n%s" % (
                    side.name, log.read()[-3000:]))


def read_records(path):
    with open(path) as f:
        records = [json.loads(line) for line in f]
    return {record["name"]: record for record in records}


def play(programs, folder, both):
    """Both sides' records of {"name": steps}, in new folders below `folder`."""
    with open(os.path.join(folder, "programs.json"), "w") as f:
        json.dump(programs, f)
    finish([(side.start(["play", f.name, record_file(folder, side),
                         os.path.join(folder, side.name)], folder), side)
            for side in both], folder)
    return [read_records(record_file(folder, side)) for side in both]


def record_file(folder, side):
    return os.path.join(folder, side.name + ".jsonl")


def restore_each_others(names, folder, both):
    """What each side restores of the other's folders; [TensorFlow's, ours]."""
    jobs, outs = [], []
    for side, other in zip(both, both[::-1]):
        todo = [[name, os.path.join(folder, other.name, name)]
                for name in names
                if os.path.isdir(os.path.join(folder, other.name, name))]
        path = os.path.join(folder, side.name + ".restore")
        with open(path + ".json", "w") as f:
            json.dump(todo, f)
        outs.append(path + ".jsonl")
        jobs.append((side.start(["restore", path + ".json", outs[-1]], folder),
                     side))
    finish(jobs, folder)
    return [read_records(path) for path in outs]


def first_difference(steps, both, folder=None):
    """The Difference of one program, or None."""
    with tempfile.TemporaryDirectory() as temporary:
        theirs, ours = play({"p": steps}, temporary, both)
        return compare.first_difference(theirs["p"], ours["p"])


def shrink(steps, both):
    """Fewer steps and lines with the same kind of difference."""
    difference = first_difference(steps, both)
    if difference is None:
        return steps
    kind, steps = difference.kind, list(steps)[:difference.step + 1]

    def still(candidate):
        found = first_difference(candidate, both)
        return found is not None and found.kind == kind

    size = max(1, len(steps) // 2)
    while size:
        at = len(steps) - 1
        while at > 0:
            candidate = steps[:max(1, at - size + 1)] + steps[at + 1:]
            if len(candidate) < len(steps) and still(candidate):
                steps = candidate
            at -= size
        size //= 2
    for number in range(1, len(steps)):
        lines = steps[number].split("\n")
        for at in reversed(range(len(lines))):
            candidate = lines[:at] + lines[at + 1:]
            changed = steps[:number] + ["\n".join(candidate)] + \
                steps[number + 1:]
            if candidate and still(changed):
                lines, steps = candidate, changed
    return steps


def report(name, steps, difference, show):
    print("---- %s: %s" % (name, difference))
    if show:
        print(generator.text(steps[:difference.step + 1]))
    sys.stdout.flush()


def varies(steps, difference, both):
    """True if TensorFlow itself does either: threads race in its sessions."""
    with tempfile.TemporaryDirectory() as temporary:
        again, ours = play({"p%d" % i: steps for i in range(4)}, temporary,
                           both)
        return any(compare.first_difference(again[name], ours[other]) is None
                   for name in again for other in ours)


def all_programs(options):
    """{"name": steps} in batches."""
    if options.goldens:
        yield configurations.programs(options.goldens)
        return
    seeds = range(options.seed, options.seed + options.programs)
    if options.only is not None:
        seeds = [options.only]
    for start in range(0, len(seeds), 100):
        yield {"seed %d" % seed: generator.program(seed)
               for seed in seeds[start:start + 100]}


def run(both, options):
    """Counts of the kinds of difference."""
    kinds = collections.Counter()
    for programs in all_programs(options):
        folder = tempfile.mkdtemp(prefix="differential_")
        theirs, ours = play(programs, folder, both)
        whole = []
        for name, steps in programs.items():
            kinds["programs"] += 1
            kinds["steps"] += len(theirs[name].get("steps", []))
            kinds["steps that raise"] += sum(
                "error" in step for step in theirs[name].get("steps", []))
            state = known.State()
            difference = compare.first_difference(theirs[name], ours[name],
                                                  state)
            if difference is None:
                if state.over:
                    kinds["compared in part"] += 1
                else:
                    whole.append(name)
                continue
            if options.again and varies(steps, difference, both):
                kinds["TensorFlow varies"] += 1
                continue
            kinds[difference.kind] += 1
            if options.shrink:
                steps = shrink(steps, both)
                difference = first_difference(steps, both) or difference
            report(name, steps, difference, options.text)
        restored = restore_each_others(whole, folder, both)
        for name in whole:
            for difference in compare.restored_differences(
                    restored[0].get(name), restored[1].get(name)):
                kinds[difference.kind] += 1
                report(name + ", restored", [], difference, False)
            kinds["checkpoints restored"] += len(
                restored[0].get(name, {}).get("steps", []))
        if options.keep:
            print("kept", folder)
        else:
            shutil.rmtree(folder)
        names = list(programs)
        print("%s ... %s done" % (names[0], names[-1]))
        sys.stdout.flush()
    return kinds


NOT_DIFFERENCES = ("programs", "steps", "steps that raise",
                   "checkpoints restored", "compared in part", "TensorFlow varies")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--programs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int)
    parser.add_argument("--goldens", default="")
    parser.add_argument("--site", default="")
    parser.add_argument("--shrink", action="store_true")
    parser.add_argument("--text", action="store_true")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--again", action="store_true", help="ask TensorFlow "
                        "again where it differs, for its threads race")
    options = parser.parse_args()
    sys.path.insert(0, options.site)
    kinds = run(sides(options.site), options)
    for kind, count in sorted(kinds.items()):
        print("%6d %s" % (count, kind))
    return any(kind not in NOT_DIFFERENCES for kind in kinds)


if __name__ == "__main__":
    sys.exit(main())

"""Timeline: the step_stats of a traced run as a page of chrome://tracing.

The events are those of the Trace Event Format: complete ("X"), flow ("s", "t"),
object ("N", "O", "D"), counter ("C") and metadata ("M") events.
"""
import collections
import json
import re

_LABEL = re.compile(r"^.* = (?P<op>.*)\((?P<inputs>.*)\)$")
_ALLOCATORS = 0  # the process that memory is drawn in


def _parse_label(label):
    """The op and the inputs of "y = Mul(v/read, x)"."""
    found = _LABEL.match(label)
    if not found:
        return "unknown", []
    inputs = found.group("inputs")
    return found.group("op"), inputs.split(", ") if inputs else []


def _last_moment(stats):
    """The last microsecond of a node."""
    return stats.all_start_micros + max(stats.all_end_rel_micros, 1) - 1


class _Lane(collections.namedtuple("_Lane", "pid tid")):
    """Where one thing is drawn: a thread of a process."""

    def event(self, phase, category, name, time, **more):
        return dict({"ph": phase, "cat": category, "name": name,
                     "pid": self.pid, "tid": self.tid, "ts": time}, **more)


def _lanes(device, pid):
    """A lane for each node: nodes that overlap get different ones."""
    lanes, free_at = [], []
    for stats in device.node_stats:
        start = stats.all_start_micros
        for tid, free in enumerate(free_at):
            if free < start:
                break
        else:
            tid = len(free_at)
            free_at.append(0)
        free_at[tid] = start + stats.all_end_rel_micros
        lanes.append(_Lane(pid, tid))
    return lanes


class _Tensor:
    """What a node puts out: when it was made and last used, and its size."""

    def __init__(self, stats, output, number, maker, lane):
        allocation = output.tensor_description.allocation_description
        self.name = stats.node_name
        self.number = number
        self.made = stats.all_start_micros
        self.ready = self.made + stats.all_end_rel_micros
        self.last_used = None
        self.allocator = allocation.allocator_name
        self.bytes = allocation.requested_bytes
        self.maker = maker  # where its node is drawn
        self.lane = lane    # where it is drawn itself

    @property
    def end(self):
        return self.ready if self.last_used is None else self.last_used

    def use(self, stats):
        self.last_used = max(self.last_used or 0, _last_moment(stats))


class Timeline:
    """Draws a run.

    Parameters
    ----------
    step_stats
        The StepStats of a RunMetadata.
    graph
        Not used.
    """

    def __init__(self, step_stats, graph=None):
        self._step_stats = step_stats
        self._events = []
        self._tensors = {}  # by the name of the node
        self._flows = 0

    def generate_chrome_trace_format(self, show_dataflow=True,
                                     show_memory=False):
        """Returns the page's JSON text.

        Parameters
        ----------
        show_dataflow
            Draw arrows from a node to those that take its output.
        show_memory
            Draw the life of outputs, and how much memory they take.
        """
        self._events, self._tensors, self._flows = [], {}, 0
        devices = self._name_processes()
        drawn = []  # nodes and their lanes
        for device, compute, tensors in devices:
            nodes = list(zip(device.node_stats, _lanes(device, compute)))
            self._show_outputs(nodes, tensors, show_memory)
            drawn += nodes
        for stats, lane in drawn:
            self._show_node(stats, lane, show_dataflow)
        if show_memory:
            self._show_ends()
            self._show_memory()
        return json.dumps({"traceEvents": self._events}, indent=4,
                          separators=(",", ": "))

    def _name_processes(self):
        """Triples of a device's stats and the two processes it is drawn in."""
        self._name_process(_ALLOCATORS, "Allocators")
        devices = []
        for number, device in enumerate(self._step_stats.dev_stats):
            compute, tensors = 2 * number + 1, 2 * number + 2
            self._name_process(compute, device.device + " Compute")
            self._name_process(tensors, device.device + " Tensors")
            devices.append((device, compute, tensors))
        return devices

    def _name_process(self, pid, name):
        self._events.append({"name": "process_name", "ph": "M", "pid": pid,
                             "args": {"name": name}})

    def _show_outputs(self, nodes, pid, show_memory):
        for stats, maker in nodes:
            for output in stats.output:
                tensor = _Tensor(stats, output, len(self._tensors), maker,
                                 _Lane(pid, maker.tid))
                self._tensors[tensor.name] = tensor
                if not show_memory:
                    continue
                text = str(output.tensor_description).replace('"', "")
                self._events.append(tensor.lane.event(
                    "N", "Tensor", tensor.name, tensor.made,
                    id=tensor.number))
                self._events.append(tensor.lane.event(
                    "O", "Tensor", tensor.name, _last_moment(stats),
                    id=tensor.number,
                    args={"snapshot": {"tensor_description": text}}))

    def _show_node(self, stats, lane, show_dataflow):
        op, inputs = _parse_label(stats.timeline_label)
        args = {"name": stats.node_name, "op": op}
        for number, source in enumerate(inputs):
            args["input%d" % number] = source
        self._events.append(lane.event(
            "X", "Op", op, stats.all_start_micros,
            dur=stats.all_end_rel_micros, args=args))
        for source in inputs:
            tensor = self._tensors.get(source)
            if tensor is None:
                continue
            tensor.use(stats)
            if show_dataflow and tensor.maker != lane:
                self._show_flow(tensor, lane, stats.all_start_micros)

    def _show_flow(self, tensor, lane, time):
        self._events.append(tensor.maker.event(
            "s", "DataFlow", tensor.name, tensor.ready, id=self._flows))
        self._events.append(lane.event(
            "t", "DataFlow", tensor.name, time, id=self._flows))
        self._flows += 1

    def _show_ends(self):
        for tensor in self._tensors.values():
            self._events.append(_Lane(tensor.lane.pid, 0).event(
                "D", "Tensor", tensor.name, tensor.end, id=tensor.number))

    def _show_memory(self):
        changes = {}
        for tensor in self._tensors.values():
            changes.setdefault(tensor.allocator, []).extend(
                [(tensor.made, tensor.bytes), (tensor.end, -tensor.bytes)])
        lane = _Lane(_ALLOCATORS, 0)
        for allocator in sorted(changes):
            total = 0
            for time, change in sorted(changes[allocator]):
                total += change
                self._events.append(lane.event("C", "Memory", allocator, time,
                                               args={allocator: total}))

"""What a program does beside plain saves and restores: moving averages,
optimizers, a user's SaveableObjects, variables initialised from checkpoints,
scoped meta graphs, frozen graphs, SavedModels, session managers, the raw ops.

Each function takes a generator.Program and adds steps to it.
"""

HEAD = """import glob, os, shutil
import numpy as np
import tensorflow.compat.v1 as tf
from tensorflow.python.framework import meta_graph
from tensorflow.python.training.saving import saveable_object

class Pair(saveable_object.SaveableObject):
  def __init__(self, a, b, name):
    spec = saveable_object.SaveSpec
    specs = [spec(a, '', name + '_a'), spec(b, '', name + '_b')]
    super().__init__(a, specs, name)
    self.b = b
  def restore(self, tensors, shapes):
    return tf.group(tf.assign(self.op, tensors[0], validate_shape=False),
                    tf.assign(self.b, tensors[1], validate_shape=False))"""


def _some(program, writer, wanted=lambda v: True):
    return [v[0] for v in writer.variables if wanted(v)]


def _floats(program, writer):
    return _some(program, writer, lambda v: v[1] in ("float32", "float64"))


def _in_graph(writer, *lines):
    return "\n".join(["with g%d.as_default():" % writer.number] +
                     ["  " + line for line in lines])


# ---- In a graph -------------------------------------------------------------

def moving_averages(program, writer):
    floats = _floats(program, writer)
    if not floats:
        return
    ema, op = writer.new("n"), writer.new("o")
    what = program.random.sample(floats, min(len(floats), program.one(1, 2)))
    options = [text for text, probability in [
        ("num_updates=" + program.one("3", "tf.train.get_or_create_global_ste"
                                      "p()"), 0.2),
        ("zero_debias=True", 0.2), ("name='Avg'", 0.15)]
        if program.chance(probability)]
    lines = ["%s = tf.train.ExponentialMovingAverage(%s)" % (
        ema, ", ".join(["0.5"] + options))]
    listed = "[%s]" % ", ".join(what)
    if program.chance(0.2):
        listed = ""
    elif program.chance(0.15):
        listed = "[%s * 2]" % what[0]
    lines.append("%s = %s.apply(%s)" % (op, ema, listed))
    lines = program.one([], [], ["with tf.device('/cpu:0'):"],
                        ["with tf.variable_scope('net'):"],
                        ["with tf.name_scope('train'):"]) + lines
    if lines[0].startswith("with"):
        lines[1:] = ["  " + line for line in lines[1:]]
    lines.append("r = [%s.average_name(v) for v in [%s]]" % (
        ema, ", ".join(what)))
    writer.runnable.append(op)
    writer.averages.append(ema)
    program.add(_in_graph(writer, *lines))


def optimizer(program, writer):
    floats = _floats(program, writer)
    if not floats:
        return
    variable, op = program.random.choice(floats), writer.new("o")
    optimizer = program.one(
        "GradientDescentOptimizer(0.5)", "MomentumOptimizer(0.5, 0.5)",
        "AdamOptimizer()", "AdagradOptimizer(0.5)", "RMSPropOptimizer(0.5)",
        "AdamOptimizer(name='Mine')")
    step = program.one("", "", ", global_step=tf.train.get_or_create_global_ste"
                       "p()")
    writer.runnable.append(op)
    program.add(_in_graph(writer, "%s = tf.train.%s.minimize(tf.reduce_sum(tf.s"
                          "quare(%s)), var_list=[%s]%s)" % (
                              op, optimizer, variable, variable, step)))


def saveable(program, writer):
    """A SaveableObject over two variables, in the collection or not."""
    refs = _some(program, writer, lambda v: not v[3])
    if len(refs) < 2:
        return
    name = writer.new("n")
    a, b = program.random.sample(refs, 2)
    lines = ["%s = Pair(%s._ref(), %s._ref(), '%s')" % (
        name, a, b, program.one("pair", "w", "a/pair"))]
    if program.chance(0.4):
        lines.append("tf.add_to_collection(tf.GraphKeys.SAVEABLE_OBJECTS, %s)"
                     % name)
    writer.saveables.append(name)
    program.add(_in_graph(writer, *lines))


def raw_ops(program, writer):
    """V1's ops, as nobody makes them any more, and RestoreV2 by hand."""
    floats = _some(program, writer, lambda v: v[1] == "float32" and not v[3])
    if not floats:
        return
    variable, op = program.random.choice(floats), writer.new("o")
    writer.runnable.append(op)
    program.add(_in_graph(writer, "%s = %s" % (op, program.one(
        "tf.raw_ops.Save(filename='old', tensor_names=['w', 'k'], "
        "data=[{0}, [1.0]])",
        "tf.raw_ops.SaveSlices(filename='old', tensor_names=['w', 'k'], "
        "shapes_and_slices=['', '4 1,2'], data=[{0}, [1.0, 2.0]])",
        "tf.raw_ops.SaveV2(prefix='m', tensor_names=['w', 'k'], "
        "shape_and_slices=['', '4 1,2'], tensors=[{0}, [1.0, 2.0]])",
        "tf.raw_ops.Restore(file_pattern='old', tensor_name='w', "
        "dt=tf.float32)",
        "tf.raw_ops.RestoreSlice(file_pattern='old', tensor_name='k', "
        "shape_and_slice='4 1,1', dt=tf.float32)",
        "tf.raw_ops.RestoreV2(prefix='m', tensor_names=['w'], "
        "shape_and_slices=[''], dtypes=[tf.float32])",
        "tf.raw_ops.MergeV2Checkpoints(checkpoint_prefixes=['m', 'd/m'], "
        "destination_prefix='merged', delete_old_dirs=False)",
        "tf.raw_ops.ShardedFilespec(basename='m', num_shards=2)").format(
            variable))))


def graph_step(program, writer):
    program.random.choice([moving_averages, moving_averages, optimizer,
                           saveable, raw_ops])(program, writer)


# ---- With checkpoints and meta graphs ---------------------------------------

def init_from_checkpoint(program):
    writer = program.random.choice(program.graphs)
    variables = _some(program, writer)
    if not variables:
        return
    prefix, name = program.prefix(), program.random.choice(variables)
    assignment = program.one(
        "{'/': '/'}", "{'/': 'net/'}", "{'net/': '/'}", "{'net/': 'net/'}",
        "{'w': 'w'}", "{'a': %s}" % name, "{'x': [%s]}" % name,
        "{%s.op.name: %s}" % (name, name), "{'missing': 'w'}",
        "{v.op.name: v for v in tf.global_variables()}",
        "{v.op.name: v.op.name for v in tf.global_variables()}")
    program.add(_in_graph(writer, "tf.train.init_from_checkpoint(%s, %s)" % (
        prefix, assignment)))
    if program.chance(0.7):
        program.session(writer.number)
        program.values()


def warm_start(program):
    writer = program.random.choice(program.graphs)
    what = program.one("", ", '.*w.*'", ", None", ", '.*', var_name_to_prev_var"
                       "_name={'w': 'a'}", ", 'nothing'")
    program.add(_in_graph(writer, "tf.train.warm_start(%s%s)" % (
        program.prefix(), what)))
    if program.chance(0.6):
        program.session(writer.number)
        program.values()


def scoped_meta_graph(program):
    old = program.random.choice(program.graphs).number
    kind = program.random.random()
    if kind < 0.4:
        program.add("r = meta_graph.copy_scoped_meta_graph(from_scope=%s, to_sc"
                    "ope=%s, from_graph=g%d, to_graph=g%d)" % (
                        program.one("'net'", "'layer'", "'a'"),
                        program.one("'net'", "'copied'", "'a/b'"), old,
                        program.random.choice(program.graphs).number))
        return
    options = [text for text in (
        "clear_devices=True", "as_text=True", "strip_default_attrs=True",
        "unbound_inputs_col_name=%s" % program.one("None", "'in'"),
        "graph_def=g%d.as_graph_def(add_shapes=True)" % old)
        if program.chance(0.25)]
    program.add(
        "m, v = meta_graph.export_scoped_meta_graph(%s)" % ", ".join(
            ["'x.meta'", "graph=g%d" % old] + options +
            program.one([], ["export_scope='net'"], ["export_scope='layer'"])),
        "r = sorted(v)")
    program.metas.append("'x.meta'")
    if program.chance(0.6):
        program.add(
            "with tf.Graph().as_default() as g:",
            "  r = meta_graph.import_scoped_meta_graph('x.meta'%s)" %
            program.one("", ", import_scope='in'", ", clear_devices=True"),
            "  r = [sorted(r), sorted(o.name for o in g.get_operations())]")


def freeze(program):
    name, number = program.random.choice(program.sessions)
    writer = program.graphs[number]
    names = [t[0] for t in writer.tensors]
    if not names:
        return
    outputs = "[x.op.name for x in (%s,)]" % ", ".join(
        program.random.sample(names, min(len(names), program.one(1, 2))))
    graph_def = "g%d.as_graph_def()" % number
    program.add("r = " + program.one(
        "tf.graph_util.extract_sub_graph(%s, %s)" % (graph_def, outputs),
        "tf.graph_util.remove_training_nodes(%s)" % graph_def,
        "tf.graph_util.convert_variables_to_constants(%s, %s, %s)" % (
            name, graph_def, outputs),
        "tf.train.write_graph(g%d, 'd', %s)" % (number, program.one(
            "'graph.pbtxt'", "'e/graph.pb', as_text=False"))))


def saved_model(program):
    name, number = program.random.choice(program.sessions)
    writer = program.graphs[number]
    tensors = [t[0] for t in writer.tensors] + [
        p[0] for p in writer.placeholders]
    if not tensors:
        return
    folder = program.new("model")
    program.add("tf.saved_model.simple_save(%s, '%s', {'x': %s}, {'y': %s}%s)" % (
        name, folder, program.random.choice(tensors),
        program.random.choice(tensors), program.one(
            "", "", ", legacy_init_op=tf.no_op()")))
    program.prefixes.append("'%s/variables/variables'" % folder)
    if program.chance(0.6):
        program.add(
            "with tf.Graph().as_default() as g, tf.Session() as s:",
            "  m = tf.saved_model.load(s, %s, '%s'%s)" % (
                program.one("['serve']", "['serve']", "{'serve'}", "['x']"),
                folder, program.one("", "", ", import_scope='in'")),
            "  r = [sorted(m.signature_def), sorted(v.op.name for v in "
            "tf.global_variables())]")


def session_manager(program):
    number = program.random.randrange(len(program.graphs))
    name = program.new("sess")
    saver = program.random.choice(program.savers)[0]
    method, options = program.one(
        ("prepare_session", "'', init_op=tf.global_variables_initializer(), "),
        ("prepare_session", "'', init_feed_dict={}, init_fn=lambda s: None, "),
        ("recover_session", "'', "))
    found = program.one("saver=%s, checkpoint_dir=%s" % (
        saver, program.one("'.'", "'d'", "'none'")),
        "saver=%s, checkpoint_filename_with_path=%s" % (
            saver, program.prefix()), "")
    program.add(
        "with g%d.as_default():" % number,
        "  m = tf.train.SessionManager(graph=g%d%s)" % (number, program.one(
            "", "", ", ready_op=tf.report_uninitialized_variables()",
            ", ready_op=tf.report_uninitialized_variables(), "
            "recovery_wait_secs=1")),
        "  r = m.%s(%s%s)" % (method, options, found),
        "  %s = r[0] if isinstance(r, tuple) else r" % name,
        "  r = r[1] if isinstance(r, tuple) else None")
    program.sessions.append((name, number))


def object_based(program):
    """A tf.train.Checkpoint of variables, which a Saver may restore."""
    name, number = program.random.choice(program.sessions)
    variables = _some(program, program.graphs[number])
    if not variables:
        return
    chosen = program.random.sample(variables, min(len(variables), program.one(
        1, 2, 3)))
    checkpoint = program.new("c")
    program.add(_in_graph(
        program.graphs[number],
        "%s = tf.train.Checkpoint(%s)" % (checkpoint, ", ".join(
            "%s=%s" % pair for pair in zip("abc", chosen))),
        "r = %s.save('d/ob', session=%s)" % (checkpoint, name)))
    program.prefixes += ["'d/ob-1'"] * 2


def scaffold(program):
    number = program.random.randrange(len(program.graphs))
    program.add(
        "with g%d.as_default():" % number,
        "  x = tf.train.Scaffold(%s).finalize()" % program.one(
            "", "saver=tf.train.Saver(allow_empty=True)", "init_fn=lambda s, t:"
            " None"),
        "  r = [x.saver.as_saver_def(), x.init_op.name, x.ready_op.name, "
        "x.local_init_op.name]",
        "  g%d._unsafe_unfinalize()" % number)


ACTIONS = [(init_from_checkpoint, 5), (warm_start, 2), (scoped_meta_graph, 4),
           (freeze, 3), (saved_model, 3), (session_manager, 3),
           (object_based, 2), (scaffold, 1)]

"""Random TensorFlow programs about graphs, Savers and checkpoints.

program(seed) is a list of steps, each Python text; the same seed gives the same
program on every machine. A program builds one or two graphs, Savers over them,
and then saves, restores, deletes and renames.
"""
import random

import more_actions
from graph_steps import GraphWriter, copy_steps, indent

PREFIXES = ["m", "m", "model.ckpt", "d/m", "d/m", "d/n", "./m", "e/f-1"]


class Program:
    """One program while it is written."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.steps = [more_actions.HEAD]
        self.graphs = []
        self.savers = []    # (python name, graph number)
        self.sessions = []  # (python name, graph number)
        self.prefixes = []  # what was perhaps saved
        self.metas = []
        self._names = 0

    def one(self, *choices):
        return self.random.choice(choices)

    def chance(self, probability):
        return self.random.random() < probability

    def new(self, letter):
        self._names += 1
        return "%s%d" % (letter, self._names)

    def add(self, *lines):
        self.steps.append("\n".join(lines))

    def write(self):
        self.graph()
        if self.chance(0.35):
            self.second_graph()
        for _ in range(self.one(1, 1, 1, 2, 3)):
            self.saver()
        for number in range(len(self.graphs)):
            if number == 0 or self.chance(0.8):
                self.session(number)
        for _ in range(self.random.randint(4, 14)):
            self.action()
        self.values()
        return self.steps

    # ---- graphs, sessions ----

    def graph(self):
        number = len(self.graphs)
        writer = GraphWriter(self.random, number)
        self.graphs.append(writer)
        self.add(writer.start())
        for _ in range(self.random.randint(1, 5)):
            self.add(writer.build(self.random.randint(1, 4)))
        if self.chance(0.3):
            more_actions.graph_step(self, writer)

    def second_graph(self):
        if self.chance(0.2):
            self.graph()
            return
        first = len(self.steps)
        old = self.graphs[0]
        writer = GraphWriter(self.random, len(self.graphs))
        copied = [s for s in self.steps[1:first]]
        self.steps += copy_steps(copied, old.number, writer.number,
                                 self.random)

        def renamed(items):
            return [(item[0].replace("%d_" % old.number,
                                     "%d_" % writer.number, 1),) + item[1:]
                    for item in items]

        writer.variables = renamed(old.variables)
        writer.tensors = renamed(old.tensors)
        writer.averages = [item[0] for item in renamed(
            [(name,) for name in old.averages])]
        writer.saveables = [item[0] for item in renamed(
            [(name,) for name in old.saveables])]
        writer._count = old._count
        self.graphs.append(writer)
        if self.chance(0.3):
            self.add(writer.build(1))

    def session(self, number):
        name = self.new("sess")
        self.sessions.append((name, number))
        lines = ["%s = tf.Session(graph=g%d)" % (name, number)]
        if self.chance(0.9):
            lines += ["with g%d.as_default():" % number,
                      "  %s.run([tf.global_variables_initializer(), "
                      "tf.local_variables_initializer()])" % name]
        self.add(*lines)

    def values(self):
        for name, number in self.sessions:
            self.add(
                "r = {}",
                "for v in g%d.get_collection('variables') + "
                "g%d.get_collection('local_variables'):" % (number, number),
                "  try:",
                "    r[v.op.name] = %s.run(v)" % name,
                "  except tf.errors.OpError as e:",
                "    r[v.op.name] = e.message.split(':')[0]")

    # ---- Savers ----

    def var_list(self, writer):
        """An expression for var_list, or None."""
        variables = [v[0] for v in writer.variables]
        pick = self.random.sample(variables,
                                  min(len(variables), self.one(1, 2, 3, 9)))
        kind = self.random.random()
        everything = "tf.global_variables()"
        if writer.averages and self.chance(0.4):
            return "%s.variables_to_restore(%s)" % (
                self.random.choice(writer.averages), self.one(
                    "", "", "[%s]" % ", ".join(pick),
                    "tf.trainable_variables()"))
        if writer.saveables and self.chance(0.5):
            pair = self.random.choice(writer.saveables)
            return self.one("[%s]" % pair, "%s + [%s]" % (everything, pair),
                            "{'k': %s}" % pair, "[%s, %s]" % (pair, pick[0]),
                            "{'k': %s, 'x': %s}" % (pick[-1], pair))
        if kind < 0.5 or not pick:
            return None
        if kind < 0.62:
            return "[%s]" % ", ".join(pick)
        if kind < 0.75:
            names = ["x", "y/z", "renamed", "w", "a", "emb"]
            return "{%s}" % ", ".join(
                "%r: %s" % (key, v) for key, v in zip(
                    self.random.sample(names, len(names)), pick))
        if kind < 0.80:
            return "{'k/' + v.op.name: v for v in %s}" % everything
        if kind < 0.84:
            return "%s + tf.local_variables()" % everything
        if kind < 0.88 and writer.partitioned:
            part = self.random.choice(writer.partitioned)
            return self.one("{'p': %s}", "[%s]", "list(%s)", "{'p': list(%s)}",
                            "{'p': list(%s)[0]}", "{'p': list(%s)[::-1]}"
                            ) % part
        if kind < 0.90:
            return "tuple(%s)" % everything
        return self.one(
            "[]", "{}", "tf.trainable_variables()", "[%s, %s]" % (
                pick[0], pick[0]), "{'k': [%s]}" % pick[0], pick[0], "'x'",
            "[1]", "{1: %s}" % pick[0], "{'k': %s, 'l': %s}" % (
                pick[0], pick[-1]), "[%s.value()]" % pick[0],
            "[tf.constant(1.0)]", "{'k': 1}", "[None]", "[%s.op]" % pick[0],
            "{'k': 'a'}", "[v.name for v in %s]" % everything, "set()",
            "{'k': %s.value()}" % pick[0], "reversed(%s)" % everything)

    def saver(self):
        writer = self.random.choice(self.graphs)
        name = self.new("s")
        parts = []
        var_list = self.var_list(writer)
        if var_list:
            parts.append(("var_list=" if self.chance(0.3) or parts else "") +
                         var_list)
        for text, probability in [
                ("reshape=True", 0.1), ("sharded=True", 0.2),
                ("max_to_keep=" + self.one("1", "2", "3", "0", "None"),
                 0.35),
                ("keep_checkpoint_every_n_hours=" + self.one(
                    "0.0", "1", "1e-9"), 0.08),
                ("name=" + self.one("'save'", "'mine'", "'a/b'", "'saver'",
                                    "''"), 0.15),
                ("restore_sequentially=True", 0.12),
                ("defer_build=True", 0.06), ("allow_empty=True", 0.15),
                ("write_version=" + self.one(
                    "tf.train.SaverDef.V1", "tf.train.SaverDef.V1",
                    "tf.train.SaverDef.V2", "1", "3" if self.chance(0.1)
                    else "2"), 0.2),
                ("pad_step_number=True", 0.12),
                ("save_relative_paths=True", 0.12),
                ("filename=" + self.one("'m'", "'other'", "''"), 0.06)]:
            if self.chance(probability):
                parts.append(text)
        if self.savers and self.chance(0.05):
            parts = ["saver_def=%s.as_saver_def()" % self.savers[-1][0]] + \
                [p for p in parts if "=" in p[:12]][:2]
        scope = []
        if self.chance(0.15):
            scope = writer.scope() if self.chance(0.3) else [
                self.one("with tf.name_scope('io'):", "with tf.device('/cpu:0'"
                         "):", "with tf.variable_scope('net'):")]
        line = "%s = tf.train.Saver(%s)" % (name, ", ".join(parts))
        body = scope + ["  " + line] if scope else [line]
        self.savers.append((name, writer.number))
        self.add("with g%d.as_default():" % writer.number, *indent(body))
        if "defer_build" in line and self.chance(0.7):
            self.add("with g%d.as_default(): %s.build()" % (writer.number,
                                                            name))

    # ---- actions ----

    def action(self):
        actions = [
            (self.save, 30), (self.restore, 18), (self.values, 5),
            (self.change, 8), (self.damage, 10), (self.look, 12),
            (self.manage, 8), (self.meta, 8), (self.more_graph, 4),
            (self.saver, 3), (self.saver_state, 6), (self.new_session, 3)]
        actions += [(lambda more=more: more(self), weight)
                    for more, weight in more_actions.ACTIONS]
        kinds, weights = zip(*actions)
        self.random.choices(kinds, weights)[0]()

    def pair(self):
        """A Saver and a session, of one graph if there are such."""
        saver = self.random.choice(self.savers)
        matching = [s for s in self.sessions if s[1] == saver[1]]
        if matching and self.chance(0.97):
            return saver[0], self.random.choice(matching)[0]
        return saver[0], self.random.choice(self.sessions)[0]

    def prefix(self):
        if self.prefixes and self.chance(0.85):
            return self.random.choice(self.prefixes)
        return repr(self.random.choice(PREFIXES))

    def new_prefix(self):
        kind = self.random.random()
        if kind < 0.85:
            return repr(self.random.choice(PREFIXES))
        if kind < 0.95:
            return "os.path.join(os.getcwd(), %s)" % self.one("'m'", "'d/m'")
        return self.one("'no/such/m'", "'d//m'", "'checkpoint'", "'d/'", "'.m'",
                        "u'\\xe9'", "'../' + os.path.basename(os.ge"
                        "tcwd()) + '/m'", "'a b'")

    def step_number(self, number):
        variables = [v[0] for v in self.graphs[number].variables
                     if v[1] in ("int32", "int64") and not v[2]]
        options = ["0", "1", "2", "3", "10", "np.int64(7)"] * 2
        options += variables + ["%s.name" % v for v in variables]
        options += ["-1", "2.5", "'x'"] if self.chance(0.05) else []
        return self.random.choice(options)

    def save(self):
        saver, session = self.pair()
        number = dict(self.savers)[saver]
        prefix = self.new_prefix()
        parts = [session, prefix]
        saved = prefix
        if self.chance(0.6):
            step = self.step_number(number)
            parts.append("global_step=" + step)
            if step.isdigit():
                saved = "%s + '-%s'" % (prefix, step)
        for text, probability in [
                ("latest_filename=" + self.one("'other'", "'state'", "'x/y'",
                                               "'checkpoint'", "None"), 0.1),
                ("meta_graph_suffix=" + self.one("'graph'", "''"), 0.06),
                ("write_meta_graph=False", 0.12), ("write_state=False", 0.1),
                ("strip_default_attrs=True", 0.08)]:
            if self.chance(probability):
                parts.append(text)
        times = self.one(1, 1, 1, 1, 2, 3)
        if self.chance(0.15) and "global_step" not in " ".join(parts):
            parts.append("global_step=i")
            saved = "%s + '-%d'" % (prefix, times - 1)
            self.add("r = [%s.save(%s) for i in range(%d)]" % (
                saver, ", ".join(parts), times + 1))
        else:
            self.add("r = %s.save(%s)" % (saver, ", ".join(parts)))
        self.prefixes.append(saved)
        self.metas.append(saved + " + '.meta'")

    def restore(self):
        saver, session = self.pair()
        prefix = self.prefix()
        kind = self.random.random()
        if kind < 0.12:
            prefix = "tf.train.latest_checkpoint(%s)" % self.one("'.'", "'d'")
        elif kind < 0.2:
            prefix += self.one(" + '.index'", " + '.meta'", " + '-00000-of-0000"
                               "1'", " + 'x'", " + '.data-00000-of-00001'")
        elif kind < 0.26:
            prefix = self.one("None", "'missing'", "'no/such/m'", "'d'", "'.'",
                              "''", "'checkpoint'", "'d/'")
        self.add("%s.restore(%s, %s)" % (saver, session, prefix))
        if self.chance(0.7):
            self.values()

    def change(self):
        name, number = self.random.choice(self.sessions)
        runnable = self.graphs[number].runnable
        tensors = [t[0] for t in self.graphs[number].tensors]
        if runnable and self.chance(0.7):
            self.add("r = %s.run(%s)" % (name, self.random.choice(runnable)))
        elif tensors:
            self.add("r = %s.run(%s)" % (name, self.random.choice(tensors)))

    def new_session(self):
        self.session(self.random.randrange(len(self.graphs)))

    def more_graph(self):
        writer = self.random.choice(self.graphs)
        self.add(writer.build(self.one(1, 2)))
        if self.chance(0.3):
            more_actions.graph_step(self, writer)

    def damage(self):
        prefix = self.prefix()
        files = self.one("%s + '.data-00000-of-00001'", "%s + '.index'",
                         "%s + '.meta'", "os.path.join(os.path.dirname(%s), 'ch"
                         "eckpoint')", "%s") % prefix
        kind = self.random.random()
        if kind < 0.25:
            self.add("os.remove(%s)" % files)
        elif kind < 0.35:
            self.add("for f in glob.glob(%s + '*'): os.remove(f)" % prefix)
        elif kind < 0.55:
            self.add("for f in glob.glob(%s + '.*'): os.rename(f, f.replace(%s"
                     ", 'moved'))" % (prefix, prefix))
            self.prefixes.append("'moved'")
        elif kind < 0.65:
            self.add("shutil.move('d', 'far'); os.makedirs('d')"
                     if self.chance(0.5) else "os.rename('d', 'far')")
            self.prefixes.append("'far/m'")
        elif kind < 0.80:
            self.add("f = %s" % files,
                     "size = os.path.getsize(f)",
                     "open(f, 'r+b').truncate(%s)" % self.one(
                         "0", "size - 1", "size // 2", "10", "size - 50"))
        elif kind < 0.9:
            files = files.replace(".meta", ".index")
            self.add("f = %s" % files, "data = bytearray(open(f, 'rb').read())",
                     "data[%s] ^= %s" % (self.one(
                         "0", "-1", "len(data) // 2", "3"), self.one(
                             "1", "255", "16")),
                     "open(f, 'wb').write(data)")
        else:
            self.add("for f in glob.glob(%s + '.*'): shutil.copy(f, f.replace("
                     "%s, 'copy'))" % (prefix, prefix))
            self.prefixes.append("'copy'")

    def look(self):
        prefix = self.prefix()
        folder = self.one("'.'", "'d'", "os.getcwd()", "'far'", "'none'", "''")
        self.add(self.one(
            "r = tf.train.latest_checkpoint(%s)" % folder,
            "r = tf.train.latest_checkpoint(%s, 'other')" % folder,
            "r = tf.train.get_checkpoint_state(%s)" % folder,
            "r = tf.train.list_variables(%s)" % prefix,
            "r = tf.train.list_variables(%s)" % folder,
            "r = {k: tf.train.load_variable(%s, k) for k, _ in tf.train.list_va"
            "riables(%s)}" % (prefix, prefix),
            "r = tf.train.load_variable(%s, %s)" % (prefix, self.one(
                "'w'", "'a'", "'b'", "'missing'")),
            "c = tf.train.NewCheckpointReader(%s)\n"
            "r = [sorted(c.get_variable_to_shape_map().items()), "
            "sorted((k, str(v)) for k, v in "
            "c.get_variable_to_dtype_map().items()), c.has_tensor('w')]" %
            prefix,
            "r = tf.train.NewCheckpointReader(%s).debug_string()" % prefix,
            "r = tf.train.checkpoint_exists(%s)" % prefix,
            "r = len(tf.train.get_checkpoint_mtimes([%s, 'missing']))" %
            prefix))

    def manage(self):
        prefix = self.prefix()
        saver = self.random.choice(self.savers)[0]
        self.add(self.one(
            "tf.train.remove_checkpoint(%s)" % prefix,
            "tf.train.remove_checkpoint(%s, %s)" % (prefix, self.one(
                "tf.train.SaverDef.V1", "meta_graph_suffix='graph'")),
            "tf.train.update_checkpoint_state(%s, %s)" % (self.one(
                "'.'", "'d'", "os.getcwd()"), prefix),
            "tf.train.update_checkpoint_state('.', %s, [%s, 'm'], %s)" % (
                prefix, prefix, self.one("'other'", "'checkpoint'")),
            "r = tf.train.generate_checkpoint_state_proto(%s, %s)" % (
                self.one("'.'", "'d'", "os.getcwd()"), prefix),
            "%s.recover_last_checkpoints([%s, 'missing', 'm'])" % (
                saver, prefix),
            "%s.recover_last_checkpoints(tf.train.get_checkpoint_state("
            "'.').all_model_checkpoint_paths)" % saver,
            "%s.set_last_checkpoints(%s.last_checkpoints)" % (
                saver, self.random.choice(self.savers)[0]),
            "%s.set_last_checkpoints([%s])" % (saver, prefix),
            "%s.set_last_checkpoints_with_time([(%s, 1.0)])" % (
                saver, prefix)))

    def saver_state(self):
        saver, number = self.random.choice(self.savers)
        self.add(self.one(
            "r = %s.last_checkpoints" % saver, "r = %s.to_proto()" % saver,
            "r = %s.to_proto('net')" % saver,
            "with g%d.as_default():\n  %s = tf.train.Saver.from_proto(%s.to_pro"
            "to())" % (number, saver, saver),
            "%s.build()" % saver,
            "with g%d.as_default(): %s.build()" % (number, saver),
            "r = %s.as_saver_def().save_tensor_name" % saver))

    def meta(self):
        saver, number = self.random.choice(self.savers)
        graph = "g%d" % number
        kind = self.random.random()
        if kind < 0.45:
            self.import_meta()
            return
        options = ["clear_devices=True", "as_text=True",
                   "export_scope='net'", "strip_default_attrs=True",
                   "clear_extraneous_savers=True",
                   "collection_list=['variables', 'mine']"]
        parts = ["'x.meta'"] + [o for o in options if self.chance(0.25)]
        if self.chance(0.5):
            self.add("with %s.as_default():" % graph,
                     "  r = %s.export_meta_graph(%s).ByteSize() > 0" % (
                         saver, ", ".join(parts)))
        else:
            if self.chance(0.3):
                parts.append("saver_def=%s.as_saver_def()" % saver)
            self.add("r = tf.train.export_meta_graph(%s, graph=%s).ByteSize() >"
                     " 0" % (", ".join(parts), graph))
        self.metas.append("'x.meta'")

    def import_meta(self):
        meta = self.random.choice(self.metas) if self.metas else "'x.meta'"
        number = len(self.graphs)
        saver = self.new("s")
        parts = [meta]
        if self.chance(0.25):
            parts.append("import_scope=" + self.one("'in'", "'net'", "'a/b'"))
        if self.chance(0.3):
            parts.append("clear_devices=True")
        into = number
        if self.chance(0.15):
            into = self.random.randrange(len(self.graphs))
            lines = []
        else:
            lines = ["g%d = tf.Graph()" % number]
            self.graphs.append(GraphWriter(self.random, number))
        if lines:
            lines.append("with g%d.as_default(): tf.set_random_seed(3)" % into)
        self.add(*(lines + ["with g%d.as_default():" % into,
                            "  %s = tf.train.import_meta_graph(%s)" % (
                                saver, ", ".join(parts))]))
        self.savers.append((saver, into))
        if lines:
            session = self.new("sess")
            self.sessions.append((session, number))
            self.add("%s = tf.Session(graph=g%d)" % (session, number))
        if self.prefixes and self.chance(0.7):
            self.add("%s.restore(%s, %s)" % (
                saver, dict((n, s) for s, n in self.sessions).get(
                    into, "None"), self.random.choice(self.prefixes)))
            self.values()


def program(seed):
    """The steps of the program of this seed."""
    return Program(seed).write()


def text(steps):
    return "\n\n".join("# step %d\n%s" % pair for pair in enumerate(steps))

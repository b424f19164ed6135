"""Random graph-building steps: variables of every kind in scopes, and ops.

A GraphWriter makes the text of steps for one graph. It uses the names gN (the
graph), vN_K (variables) and tN_K (tensors), so that a step can be written again
for another graph by renaming: see copy_steps.
"""
import re

SCALAR_TYPES = ["float32"] * 8 + [
    "float64", "int32", "int64", "int64", "float16", "int8", "int16", "uint8",
    "uint16", "bool", "string", "complex64", "complex128", "bfloat16"]
SHAPES = [[], [], [1], [2], [2], [3], [4], [2, 2], [2, 3], [3, 2], [5, 3],
          [4, 2, 2], [0], [0, 3], [7, 4], [2, 1]]
NAMES = ["a", "b", "c", "w", "w", "W", "v", "bias", "emb", "x_1", "kernel",
         "a.b", "beta1_power", "w_1", "step"]
SCOPES = ["net", "net", "layer", "layer_1", "Net", "a", "save", "tower"]
NUMBERS = ["0", "1", "2", "-1", "3", "7", "100"]


def indent(lines, by=1):
    return ["  " * by + line for line in lines]


class GraphWriter:
    """Writes steps for graph gN; keeps what it made for later steps."""

    def __init__(self, random, number):
        self.random = random
        self.number = number
        self.variables = []   # (python name, dtype, shape, resource)
        self.partitioned = []  # python names
        self.tensors = []     # (python name, dtype, shape)
        self.placeholders = []
        self.runnable = []    # python names of ops to run
        self.averages = []    # python names of moving averages
        self.saveables = []   # python names of SaveableObjects
        self._count = 0

    def one(self, *choices):
        return self.random.choice(choices)

    def chance(self, probability):
        return self.random.random() < probability

    def new(self, letter):
        self._count += 1
        return "%s%d_%d" % (letter, self.number, self._count)

    # ---- steps ----

    def start(self):
        return "\n".join([
            "g%d = tf.Graph()" % self.number,
            "with g%d.as_default():" % self.number,
            "  tf.set_random_seed(%s)" % self.one("0", "1", "87654321")])

    def step(self, body):
        return "\n".join(["with g%d.as_default():" % self.number] +
                         indent(body))

    def build(self, statements):
        """One step with some statements."""
        return self.step(self.block(statements, depth=0))

    def block(self, statements, depth):
        lines = []
        while statements > 0:
            if depth < 3 and self.chance(0.3):
                inside = self.random.randint(1, max(1, statements))
                lines += self.scope()
                lines += indent(self.block(inside, depth + 1))
                statements -= inside
            else:
                lines += self.statement()
                statements -= 1
        return lines

    # ---- scopes ----

    def scope(self):
        kind = self.random.randrange(10)
        if kind < 3:
            return ["with tf.name_scope(%r):" % self.random.choice(SCOPES)]
        if kind < 7:
            return ["with tf.variable_scope(%s):" % self.variable_scope()]
        if kind == 7:
            return ["with tf.device(%r):" % self.one(
                "/cpu:0", "/device:CPU:0", "/cpu:0", "/cpu:0",
                "/job:localhost/replica:0/task:0/device:CPU:0", "", "/cpu:1",
                "/job:ps/task:1" if self.chance(0.2) else "/cpu:0")]
        if kind == 8 and self.tensors:
            name = self.random.choice(self.tensors)[0]
            return [self.one("with tf.control_dependencies([%s]):",
                             "with tf.colocate_with(%s.op):") % name]
        if kind == 8 and self.variables:
            return ["with tf.colocate_with(%s.op):" %
                    self.random.choice(self.variables)[0]]
        return [self.one(
            "with tf.control_dependencies(None):", "with tf.name_scope(None):",
            "with tf.container('box'):" if self.chance(0.3)
            else "with tf.name_scope('net/'):", "with tf.init_scope():",
            "with tf.name_scope(None, 'sum'):")]

    def variable_scope(self):
        parts = [repr(self.random.choice(SCOPES))]
        if self.chance(0.1):
            parts = ["None", "default_name=" + parts[0]]
        if self.chance(0.35):
            parts.append("reuse=" + self.one(
                "tf.AUTO_REUSE", "tf.AUTO_REUSE", "tf.AUTO_REUSE", "False"))
        if self.chance(0.2):
            parts.append("use_resource=" + self.one("True", "True", "False"))
        if self.chance(0.15):
            parts.append("initializer=tf.constant_initializer(%s)" %
                         self.random.choice(NUMBERS))
        if self.chance(0.1):
            parts.append("regularizer=lambda x: tf.reduce_sum(x)")
        if self.chance(0.12):
            parts.append("partitioner=" + self.partitioner())
        if self.chance(0.05):
            parts.append("dtype=tf.float64")
        if self.chance(0.05):
            parts.append("caching_device='/cpu:0'")
        if self.chance(0.05):
            parts.append("auxiliary_name_scope=False")
        return ", ".join(parts)

    # ---- statements ----

    def statement(self):
        kind = self.random.random()
        if kind < 0.27:
            return self.variable()
        if kind < 0.62:
            return self.get_variable()
        if kind < 0.66:
            return self.placeholder()
        if kind < 0.72:
            return self.constant()
        if kind < 0.84 and self.tensors:
            return self.arithmetic()
        if kind < 0.90 and self.variables:
            return self.assignment()
        if kind < 0.93 and self.tensors:
            return self.control_flow()
        if kind < 0.96:
            return self.collection()
        if kind < 0.98:
            return self.random_op()
        return self.helper()

    def value(self, dtype, shape):
        """An expression of an initial value: np or tf."""
        count = 1
        for size in shape:
            count *= size
        if dtype == "string":
            words = ["b''", "b'a'", "b'text'", "b'x' * 300", "b'\\xc3\\xa9'"]
            content = "[%s]" % ", ".join(
                self.random.choice(words) for _ in range(count))
            if not shape:
                return content[1:-1]
            return "tf.constant(%s, tf.string, %s)" % (content, shape)
        start = self.random.choice([0, 1, 3])
        if dtype in ("float32", "float64", "bfloat16", "float16") and \
                self.chance(0.5):
            base = "np.arange(%d) * 0.5 - 1" % count
        elif dtype.startswith("complex"):
            base = "np.arange(%d) * (1 + 2j)" % count
        else:
            base = "np.arange(%d) %% 2 + %d" % (count, start)
        array = "np.reshape(%s, %s)" % (base, shape)
        if dtype == "bfloat16":
            return "tf.cast(tf.constant(%s, tf.float32), tf.bfloat16)" % array
        kind = self.random.random()
        if kind < 0.5:
            return "%s.astype('%s')" % (array, dtype)
        if kind < 0.75:
            return "tf.constant((%s).tolist(), tf.%s, %s)" % (
                array if dtype != "bool" else array + " > 1", dtype, shape)
        if kind < 0.85:
            return "tf.%s(%s, tf.%s)" % (self.one("zeros", "ones"), shape,
                                         dtype)
        if kind < 0.9 and dtype in ("float32", "float64"):
            return "tf.random_normal(%s, dtype=tf.%s%s)" % (
                shape, dtype, self.one("", ", seed=3"))
        return "tf.cast(%s, tf.%s)" % (
            array + ".astype('int32')" if not dtype.startswith("complex")
            else array, dtype)

    def flags(self):
        parts = []
        if self.chance(0.2):
            parts.append("trainable=" + self.one("False", "True"))
        if self.chance(0.12):
            parts.append("collections=" + self.one(
                "[tf.GraphKeys.LOCAL_VARIABLES]", "['mine']", "[]",
                "[tf.GraphKeys.GLOBAL_VARIABLES, 'mine']",
                "[tf.GraphKeys.MODEL_VARIABLES, "
                "tf.GraphKeys.GLOBAL_VARIABLES]"))
        if self.chance(0.06):
            parts.append("validate_shape=" + self.one("False", "True"))
        if self.chance(0.05):
            parts.append("caching_device='/cpu:0'")
        if self.chance(0.04):
            parts.append("constraint=lambda x: x")
        if self.chance(0.03):
            parts.append("aggregation=tf.VariableAggregation.SUM")
        return parts

    def variable(self):
        name, dtype = self.new("v"), self.random.choice(SCALAR_TYPES)
        shape = self.random.choice(SHAPES)
        value = self.value(dtype, shape)
        resource = self.chance(0.3)
        parts = [value if not self.chance(0.1) else "lambda: " + value]
        if self.chance(0.8):
            parts.append("name=%r" % self.random.choice(NAMES))
        if self.chance(0.1):
            parts.append("dtype=tf." + dtype)
        if resource:
            parts.append("use_resource=True")
        parts += self.flags()
        self.variables.append((name, dtype, shape, resource))
        self.tensors.append((name, dtype, shape))
        return ["%s = tf.Variable(%s)" % (name, ", ".join(parts))]

    def partitioner(self):
        return self.one(
            "tf.fixed_size_partitioner(%s)" % self.one("2", "2", "3", "1"),
            "tf.fixed_size_partitioner(2, axis=1)",
            "tf.variable_axis_size_partitioner(%s)" % self.one("16", "40"),
            "tf.min_max_variable_partitioner(max_partitions=3, "
            "min_slice_size=%s)" % self.one("8", "16"))

    def get_variable(self):
        name, dtype = self.new("v"), self.random.choice(SCALAR_TYPES)
        shape = self.random.choice(SHAPES)
        given = self.random.choice(NAMES)
        if self.chance(0.8):  # mostly without a clash
            given += "%d" % self._count
        parts = [repr(given)]
        partitioned = self.chance(0.15) and bool(shape)
        kind = self.random.random()
        if kind < 0.3 or (dtype in ("string", "bfloat16", "complex64",
                                    "complex128", "bool")):
            parts.append("initializer=" + self.value(dtype, shape))
            if self.chance(0.1):
                parts.insert(1, "%s" % (shape,))
        else:
            parts.append("%s" % (shape,))
            if dtype != "float32" or self.chance(0.1):
                parts.append("tf." + dtype)
            if kind < 0.9:
                parts.append("initializer=" + self.initializer(dtype))
        if partitioned:
            parts.append("partitioner=" + self.partitioner())
        if self.chance(0.12):
            parts.append("regularizer=" + self.one(
                "lambda x: tf.reduce_sum(x)", "lambda x: None",
                "lambda x: tf.reduce_sum(x * x, name='r')"))
        resource = self.chance(0.25)
        if resource:
            parts.append("use_resource=True")
        parts += self.flags()
        if partitioned:
            self.partitioned.append(name)
        else:
            self.variables.append((name, dtype, shape, resource))
            self.tensors.append((name, dtype, shape))
        function = "get_variable" if self.chance(0.93) else \
            "get_local_variable"
        return ["%s = tf.%s(%s)" % (name, function, ", ".join(parts))]

    def initializer(self, dtype):
        if not dtype.startswith("float") or self.chance(0.5):
            return self.one("tf.zeros_initializer()", "tf.ones_initializer()",
                            "tf.ones_initializer", "tf.constant_initializer(%s)"
                            % self.random.choice(NUMBERS))
        return self.one(
            "tf.random_uniform_initializer(seed=1)",
            "tf.random_uniform_initializer(-1, 1)",
            "tf.random_normal_initializer(seed=2)",
            "tf.random_normal_initializer()",
            "tf.truncated_normal_initializer(stddev=0.1)",
            "tf.glorot_uniform_initializer()",
            "tf.glorot_normal_initializer(seed=1)",
            "tf.variance_scaling_initializer(scale=2.0)",
            "tf.uniform_unit_scaling_initializer(seed=4)")

    def placeholder(self):
        name, shape = self.new("t"), self.random.choice(SHAPES)
        self.placeholders.append((name, shape))
        text = self.one(str(shape), "None", str([None] + shape[1:]))
        kind = self.one("", ", name='x'", ", name='input'")
        if self.chance(0.3):
            return ["%s = tf.placeholder_with_default(tf.zeros(%s), %s%s)" % (
                name, shape, text if len(text) < 5 or not shape else shape,
                kind)]
        return ["%s = tf.placeholder(tf.float32, %s%s)" % (name, text, kind)]

    def constant(self):
        name, shape = self.new("t"), self.random.choice(SHAPES)
        dtype = self.random.choice(SCALAR_TYPES)
        self.tensors.append((name, dtype, shape))
        value = self.value(dtype, shape)
        if value.startswith(("tf.constant", "np", "b'")):
            value = "tf.constant(%s%s)" % (
                value, self.one("", ", name='const'"))
        return ["%s = %s" % (name, value)]

    def arithmetic(self):
        source, dtype, shape = self.random.choice(self.tensors)
        name = self.new("t")
        kinds = ["tf.identity(%s)", "tf.identity(%s, name='out')",
                 "tf.shape(%s)", "tf.size(%s)", "tf.zeros_like(%s)",
                 "tf.stack([%s, {0}])".format(source), "tf.expand_dims(%s, 0)",
                 "tf.reshape(%s, [-1])", "tf.convert_to_tensor(%s)"]
        if dtype not in ("string", "bool", "bfloat16", "float16"):
            kinds += ["%s + %s" % ("%s", self.one("1", source, "2")),
                      "%s * 2", "-%s", "%s - 1", "tf.add(%s, 1, name='sum')",
                      "tf.reduce_sum(%s)", "tf.square(%s)",
                      "tf.add_n([%s, {0}])".format(source)]
        if dtype.startswith("float"):
            kinds += ["tf.nn.relu(%s)", "%s / 4", "tf.cast(%s, tf.int32)"]
        if len(shape) == 2 and dtype in ("float32", "float64"):
            kinds += ["tf.matmul(%s, {0}, transpose_b=True)".format(source),
                      "tf.transpose(%s)"]
        if shape:
            kinds += ["%s[0:1]", "%s[..., 0:1]"]
        expression = self.random.choice(kinds) % source
        same = expression.startswith(("tf.identity", "tf.zeros_like", "-"))
        self.tensors.append((name, dtype, shape) if same
                            else (name, "unknown", []))
        return ["%s = %s" % (name, expression)]

    def assignment(self):
        variable, dtype, shape, _ = self.random.choice(self.variables)
        name = self.new("o")
        self.runnable.append(name)
        if dtype in ("float32", "float64", "int32", "int64") and \
                self.chance(0.6):
            return ["%s = %s" % (name, self.one(
                "tf.assign_add(%s, tf.ones_like(%s))",
                "tf.assign_sub(%s, tf.ones_like(%s))",
                "%s.assign(%s + 1)", "tf.assign(%s, %s * 2)",
                "%s.assign_add(tf.ones_like(%s)).op") % (variable, variable))]
        return ["%s = tf.assign(%s, %s%s)" % (
            name, variable, self.value(dtype, shape),
            self.one("", "", ", name='set'", ", validate_shape=False",
                     ", use_locking=False"))]

    def control_flow(self):
        source, dtype, shape = self.random.choice(self.tensors)
        name = self.new("t")
        self.tensors.append((name, "unknown", []))
        if self.chance(0.6):
            return ["%s = tf.cond(tf.constant(%s), lambda: tf.identity(%s), "
                    "lambda: tf.zeros_like(%s)%s)" % (
                        name, self.one("True", "False"), source, source,
                        self.one("", ", name='choose'"))]
        return ["%s = tf.while_loop(lambda i, x: i < 3, "
                "lambda i, x: (i + 1, tf.identity(x)), [0, %s])[1]" % (
                    name, source)]

    def collection(self):
        key = self.one("'mine'", "'ends'", "tf.GraphKeys.SUMMARIES", "'other'")
        items = ["1", "2", "2.5", "'text'", "b'bytes'"]
        items += ["%s" % t[0] for t in self.tensors[-4:]]
        items += ["%s.op" % t[0] for t in self.variables[-2:]]
        items += [t[0] for t in self.variables[-3:]]
        return ["tf.add_to_collection(%s, %s)" % (
            key, self.random.choice(items))]

    def random_op(self):
        name, shape = self.new("t"), self.random.choice(SHAPES)
        self.tensors.append((name, "unknown", []))
        return ["%s = tf.%s(%s%s)" % (
            name, self.one("random_uniform", "random_normal",
                           "truncated_normal"), shape,
            self.one("", ", seed=5"))]

    def helper(self):
        return [self.one(
            "%s = tf.train.get_or_create_global_step()" % self.new("v"),
            "%s = tf.report_uninitialized_variables()" % self.new("t"),
            "%s = tf.no_op()" % self.new("o"),
            "%s = tf.global_variables_initializer()" % self.new("o"),
            "tf.get_variable_scope().reuse_variables()",
            "%s = [x.op.name for x in tf.trainable_variables()]; "
            "tf.add_to_collection('names', %s)" % ((self.new("n"),) * 2))]


def copy_steps(steps, old, new, random):
    """The steps for another graph, some names, shapes and dtypes changed."""
    result = []
    for step in steps:
        step = re.sub(r"\bg%d\b" % old, "g%d" % new, step)
        step = re.sub(r"\b([vton])%d_" % old, r"\g<1>%d_" % new, step)
        kind = random.random()
        if kind < 0.15:
            step = re.sub(r"name='(\w+)'", r"name='\1_2'", step, count=1)
        elif kind < 0.25:
            step = re.sub(r"get_variable\('(\w+)'", r"get_variable('new_\1'",
                          step, count=1)
        elif kind < 0.30:
            step = step.replace("[2]", "[3]", 1)
        elif kind < 0.35:
            step = step.replace("'float32'", "'float64'", 1)
        elif kind < 0.40:
            step = step.replace("use_resource=True", "use_resource=False")
        elif kind < 0.45:
            step = step.replace("tf.get_variable(", "tf.get_variable(use_resour"
                                "ce=True, name=", 1) \
                if "use_resource" not in step else step
        elif kind < 0.5:
            step = re.sub(r", partitioner=tf\.\w+\([^)]*\)", "", step)
        elif kind < 0.53:
            step = step.replace("'net'", "'net2'")
        result.append(step)
    return result

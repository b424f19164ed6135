# The cases, as one would write them for TensorFlow 1.15. Read by record.py.


def variable_forms(use_resource):
  def var(value, **kwargs):
    return tf.Variable(value, use_resource=use_resource, **kwargs)

  v = var([1., 2.])
  say(repr(v))
  say(repr(var(3, name="i")))
  say(repr(var(True, name="b", trainable=False)))
  say(repr(var("text", name="s")))
  say(repr(var(1, name="d", dtype=tf.float64)))
  say(repr(var(np.array([1, 2], np.int64), name="n")))
  say(repr(var(lambda: tf.zeros([2, 3]), name="c")))
  say(repr(var(lambda: 5., name="e", dtype=tf.float32)))
  say(repr(var(tf.constant([1], name="k"), name="t")))
  var(1., name="v")
  var(2., name="V")
  with tf.name_scope("ns"):
    var(1., name="v", collections=["mine", "mine"])
    var(1., name="w", collections=[tf.GraphKeys.LOCAL_VARIABLES],
        trainable=False)
  var(1., name="a/b")
  before = tf.constant(0., name="before")
  with tf.control_dependencies([before]):
    var(1., name="dep")
    var(lambda: tf.ones([]), name="dep_fn")
  with tf.device("/job:ps/task:1"):
    var(1., name="dev")
    var(lambda: tf.ones([1]), name="dev_fn")
    with tf.device("/device:CPU:0"):
      var(1., name="dev_cache", caching_device="/job:worker")
    var(1., name="dev_cache_same", caching_device="/device:CPU:0")
  with tf.colocate_with(before):
    var(1., name="col")
    var(lambda: tf.ones([1]), name="col_fn")
    var(1., name="col_cache", caching_device="/job:worker")
  with tf.device("/job:a"):
    x = tf.constant(1., name="x")
  with tf.device("/job:b"), tf.colocate_with(x):
    var(1., name="col_dev")
    var(lambda: tf.ones([1]), name="col_dev_fn")
  p = tf.placeholder(tf.float32, name="p")
  q = tf.placeholder(tf.float32, [None, 2], name="q")
  say(repr(var(p, name="free", validate_shape=False)))
  say(repr(var(q, name="half", validate_shape=False)))
  say(repr(var([1.], name="shaped", shape=[None])))
  with tf.container("box"):
    var(1., name="boxed")
  y = tf.Variable([1.], name="y", use_resource=use_resource,
                  synchronization=tf.VariableSynchronization.ON_READ,
                  aggregation=tf.VariableAggregation.MEAN)
  say(y.trainable)


@case
def ref_variables():
  variable_forms(False)


@case
def resource_variables():
  variable_forms(True)


def variable_uses(use_resource):
  v = tf.Variable([1., 2.], name="v", use_resource=use_resource)
  i = tf.Variable(3, name="i", use_resource=use_resource)
  c = tf.Variable([1.], name="c", use_resource=use_resource,
                  caching_device="/job:w")
  v.assign([3., 4.])
  v.assign_add([3., 4.], name="plus")
  v.assign_sub(tf.constant([5., 6.]), use_locking=True)
  i.assign(4, name="set")
  i.assign_add(1)
  with tf.name_scope("ns"):
    v.read_value()
    v.value()
    c.value()
    c.read_value()
    c.assign_add([1.])
    tf.is_variable_initialized(v)
  with tf.control_dependencies([i.initializer]):
    tf.identity(v, name="id")
    c.assign_sub([1.])
  tf.multiply(v, 2., name="twice")
  tf.multiply(v, v, name="square")
  tf.add_n([v, v], name="sum")
  with tf.device("/job:x"), tf.colocate_with(i.op):
    v.read_value()
    v.value()
    tf.convert_to_tensor(v)


@case
def ref_uses():
  variable_uses(False)


@case
def resource_uses():
  variable_uses(True)


@case
def initialized_values():
  v = tf.Variable([1., 2.], name="v")
  r = tf.Variable([1., 2.], name="r", use_resource=True)
  v.initialized_value()
  r.initialized_value()
  with tf.name_scope("ns"), tf.device("/job:a"):
    v.initialized_value()
    with tf.control_dependencies([v.initializer]):
      r.initialized_value()
  for context in tf.get_collection("cond_context"):
    say(" ".join(str(context.to_proto()).split()))


@case
def guarded_initial_values():
  v = tf.Variable([1., 2.], name="v")
  local = tf.Variable([1., 2.], name="l", trainable=False,
                      collections=[tf.GraphKeys.LOCAL_VARIABLES])
  hidden = tf.Variable([1., 2.], name="h", trainable=False, collections=[])
  x = v * 2.
  tf.Variable(x + v, name="w")
  tf.Variable(v.initialized_value() * 2., name="iv")
  tf.Variable(x, name="res", use_resource=True)
  tf.Variable(v, name="direct")
  tf.Variable(tf.stack([local, hidden]), name="other")
  with tf.name_scope("ns"), tf.device("/job:a"):
    tf.Variable(lambda: tf.negative(v), name="fn")
    tf.Variable(lambda: tf.negative(v), name="fnr", use_resource=True)
  r = tf.Variable([1., 2.], name="r", use_resource=True)
  tf.Variable(r * 3., name="from_r")
  tf.get_variable("g", initializer=v)


@case
def initializing_ops():
  tf.global_variables_initializer()
  tf.Variable(1., name="v")
  with tf.device("/job:a"):
    tf.Variable(1., name="w")
    tf.Variable(1., name="r", use_resource=True)
  tf.Variable(1., name="l", collections=[tf.GraphKeys.LOCAL_VARIABLES],
              trainable=False)
  tf.global_variables_initializer()
  tf.local_variables_initializer()
  tf.variables_initializer(tf.trainable_variables(), name="some")
  say([v.name for v in tf.global_variables("[vr]")])
  say([v.name for v in tf.global_variables("r$")])


@case
def report_none():
  tf.report_uninitialized_variables()


@case
def report_uninitialized():
  tf.Variable(1., name="v")
  tf.Variable(1., name="r", use_resource=True)
  tf.Variable(1., name="l", collections=[tf.GraphKeys.LOCAL_VARIABLES],
              trainable=False)
  tf.report_uninitialized_variables()
  with tf.device("/job:a"):
    tf.report_uninitialized_variables(tf.local_variables(), name="again")


@case
def get_variables():
  say(repr(tf.get_variable("f", [2, 3])))
  tf.get_variable("i", [2], tf.int32)
  tf.get_variable("b", [2], tf.bool)
  tf.get_variable("s", [], tf.string)
  tf.get_variable("d", [3], tf.float64)
  tf.get_variable("h", [3], tf.float16)
  tf.get_variable("u", [2], tf.uint8)
  tf.get_variable("big", [1000], tf.int64)
  tf.get_variable("value", initializer=[1., 2.])
  tf.get_variable("tensor", initializer=tf.constant([1, 2]))
  tf.get_variable("typed", dtype=tf.float32, initializer=[1., 2.])
  tf.get_variable("fn", initializer=lambda: tf.ones([2]))
  tf.get_variable("r", [2], use_resource=True)
  with tf.name_scope("ns"), tf.device("/job:a"):
    tf.get_variable("cached", [1], initializer=tf.zeros_initializer(),
                    caching_device="/job:b")
    tf.get_variable("cached_r", [1], initializer=tf.zeros_initializer(),
                    caching_device="/job:b", use_resource=True)
    tf.get_variable("mine", [1], initializer=tf.ones_initializer(),
                    collections=["mine"], trainable=False)
    tf.get_local_variable("local", [1], initializer=tf.ones_initializer())
  with tf.control_dependencies([tf.constant(1)]):
    tf.get_variable("dep", [1])
  tf.Variable(1., name="taken")
  say(tf.get_variable("taken", []).name)
  with tf.colocate_with(tf.constant(2)):
    tf.get_variable("col", [1])
  tf.get_variable("free", initializer=tf.placeholder(tf.float32),
                  validate_shape=False)


def square_loss(v):
  return tf.multiply(v, v, name="square")


@case
def regularizers():
  tf.get_variable("v", [1], regularizer=square_loss)
  tf.get_variable("r", [1], regularizer=square_loss, use_resource=True)
  with tf.device("/job:a"), tf.variable_scope("s", regularizer=square_loss):
    tf.get_variable("v", [1])
    tf.get_variable("none", [1], regularizer=tf.no_regularizer)
    tf.get_variable("p", [3, 1], partitioner=tf.fixed_size_partitioner(2))
  with tf.variable_scope("s", reuse=True, regularizer=square_loss):
    tf.get_variable("v", [1])
  tf.Variable(1., name="taken")
  tf.get_variable("taken", [], regularizer=square_loss)


@case
def partitioned():
  p = tf.get_variable("p", [5, 2], partitioner=tf.fixed_size_partitioner(3),
                      initializer=tf.zeros_initializer())
  say([repr(v) for v in p])
  say([v._get_save_slice_info().spec for v in p])
  tf.convert_to_tensor(p)
  q = tf.get_variable("q", [2, 4], use_resource=True,
                      partitioner=tf.fixed_size_partitioner(2, axis=1))
  tf.multiply(q, 2., name="twice")
  one = tf.get_variable("one", [3], partitioner=tf.fixed_size_partitioner(1),
                        initializer=tf.ones_initializer())
  say([v._get_save_slice_info().spec for v in one])
  with tf.control_dependencies([tf.no_op()]):
    tf.identity(one, name="id")
  tf.get_variable("t", initializer=tf.constant([1., 2., 3.]),
                  partitioner=tf.fixed_size_partitioner(2))
  tf.get_variable("l", [3], initializer=[1., 2., 3.],
                  partitioner=tf.fixed_size_partitioner(2))
  with tf.device("/job:a"):
    tf.get_variable("i", [3], tf.int32, regularizer=square_loss,
                    partitioner=tf.fixed_size_partitioner(2),
                    use_resource=True)
  with tf.name_scope("ns"), tf.variable_scope(
      "vs", partitioner=tf.fixed_size_partitioner(2)):
    v = tf.get_variable("v", [4])
    tf.get_variable("scalar", [])
    tf.multiply(v, 2.)
  with tf.variable_scope("vs", reuse=True):
    say(tf.get_variable("v", [4]) is v)
    say(tf.get_variable(
        "v", [4], partitioner=tf.fixed_size_partitioner(2)) is v)
  with tf.variable_scope("vs", reuse=tf.AUTO_REUSE,
                         partitioner=tf.fixed_size_partitioner(2)):
    say(tf.get_variable("v", [4]) is v)


@case
def partitioners():
  def parts(partitioner, shape, dtype=tf.float32):
    try:
      say(list(partitioner(shape=tf.TensorShape(shape), dtype=dtype)))
    except Exception as e:  # pylint: disable=broad-except
      say("%s: %s" % (type(e).__name__, e))

  parts(tf.fixed_size_partitioner(3), [2, 2])
  parts(tf.fixed_size_partitioner(3, axis=-1), [2, 5])
  parts(tf.fixed_size_partitioner(3, axis=2), [2, 5])
  parts(tf.variable_axis_size_partitioner(64), [10, 10])
  parts(tf.variable_axis_size_partitioner(64, axis=1), [10, 20])
  parts(tf.variable_axis_size_partitioner(7), [10])
  parts(tf.variable_axis_size_partitioner(1), [10, 10])
  parts(tf.variable_axis_size_partitioner(64, max_shards=3), [10, 10])
  parts(tf.variable_axis_size_partitioner(64), [10], tf.string)
  parts(tf.variable_axis_size_partitioner(64, bytes_per_string_element=1),
        [100], tf.string)
  parts(tf.min_max_variable_partitioner(100), [1024, 1024])
  parts(tf.min_max_variable_partitioner(10), [1024, 1024])
  parts(tf.min_max_variable_partitioner(10, min_slice_size=16), [4, 9])
  parts(tf.min_max_variable_partitioner(10, axis=2), [4, 9])
  parts(tf.min_max_variable_partitioner(10, min_slice_size=100), [40],
        tf.string)


@case
def scopes():
  def here(label):
    scope = tf.get_variable_scope()
    say("%s: %r %r %s" % (label, scope.name, scope.original_name_scope,
                          scope.reuse))

  here("root")
  with tf.variable_scope("a") as a:
    here("a")
    tf.no_op()
    tf.get_variable("v", [1])
    tf.Variable(1., name="w")
    with tf.variable_scope("b"):
      here("a/b")
      tf.get_variable("v", [1])
      with tf.variable_scope(a):
        here("a in a/b")
        tf.get_variable("again", [1])
        tf.no_op()
  with tf.variable_scope("a"):
    here("a by name")
    tf.get_variable("x", [1])
    tf.no_op()
  with tf.variable_scope(a, reuse=True):
    here("a reused")
    tf.get_variable("v", [1])
    tf.no_op()
    with tf.variable_scope("b"):
      here("a/b reused")
      tf.get_variable("v", [1])
  with tf.variable_scope(a, auxiliary_name_scope=False):
    here("a without a name scope")
    tf.no_op(name="bare")
    with tf.name_scope(a.original_name_scope):
      tf.no_op(name="original")
  with tf.name_scope("ns"):
    with tf.variable_scope("c", auxiliary_name_scope=False) as c:
      here("c")
      tf.no_op(name="in_c")
      tf.get_variable("v", [1])
    with tf.variable_scope("d"):
      here("d")
      tf.get_variable("v", [1])
    with tf.variable_scope(a):
      here("a in ns")
      tf.no_op()
  for _ in range(3):
    with tf.variable_scope(None, default_name="layer"):
      here("layer")
      tf.get_variable("v", [1])
      with tf.variable_scope(None, default_name="sub"):
        here("sub")
      with tf.variable_scope(None, default_name="sub"):
        here("sub")
  with tf.variable_scope("outer"):
    with tf.variable_scope(None, default_name="layer"):
      here("layer in outer")
  with tf.variable_scope("outer"):
    with tf.variable_scope(None, default_name="layer"):
      here("layer in outer")
  with tf.variable_scope("layer_7"):
    pass
  with tf.variable_scope("given", default_name="unused"):
    here("given")
  with tf.variable_scope(a):
    with tf.variable_scope(None, default_name="sub"):
      here("sub of a")
  with tf.variable_scope(a):
    with tf.variable_scope(None, default_name="sub"):
      here("sub of a")
  with tf.variable_scope("m", reuse=tf.AUTO_REUSE):
    here("m")
    tf.get_variable("v", [1])
    tf.get_variable("v", [1])
    with tf.variable_scope("n"):
      here("m/n")
    with tf.variable_scope("n", reuse=False):
      here("m/n not reused")
    with tf.variable_scope("n", reuse=True):
      here("m/n reused")
  with tf.variable_scope(""):
    here("empty")
    tf.no_op()
    with tf.variable_scope("in_empty"):
      here("in_empty")
  with tf.variable_scope(tf.get_variable_scope(), reuse=True):
    here("root reused")
    tf.get_variable("a/v", [1])
    tf.no_op()
  with tf.variable_scope("a/b/c"):
    here("a/b/c")
  with tf.variable_scope("r"):
    tf.get_variable("v", [1])
    tf.get_variable_scope().reuse_variables()
    here("r")
    say(tf.get_variable("v", [1]).name)
  with tf.variable_scope("r"):
    here("r again")
  with tf.variable_scope("slash/"):
    here("slash")
  here("end")


@case
def scope_defaults():
  with tf.variable_scope("s", initializer=tf.ones_initializer(),
                         dtype=tf.float64, use_resource=True,
                         caching_device="/job:c",
                         constraint=lambda x: x) as s:
    v = tf.get_variable("v", [2])
    say(v.constraint is not None)
    tf.Variable(1.)
    tf.get_variable("f", [2], tf.float32, use_resource=False,
                    initializer=tf.zeros_initializer())
    with tf.variable_scope("sub"):
      v = tf.get_variable("v", [2])
      say(v.constraint is not None)
    with tf.variable_scope("off", use_resource=False, dtype=tf.int32,
                           caching_device="/job:d"):
      tf.get_variable("v", [2])
  with tf.variable_scope(s, dtype=tf.float32):
    v = tf.get_variable("again", [2])
    say(v.constraint is not None)
  with tf.variable_scope("set") as scope:
    scope.set_initializer(tf.constant_initializer(4))
    scope.set_dtype(tf.int32)
    scope.set_use_resource(True)
    tf.get_variable("v", [2])


@case
def custom_getters():
  def outer(getter, name, *args, **kwargs):
    say("outer %s %s %s %s" % (name, kwargs["reuse"], kwargs["trainable"],
                               kwargs["dtype"].name))
    return getter(name, *args, **kwargs)

  def inner(getter, name, *args, **kwargs):
    say("inner %s" % name)
    kwargs["trainable"] = False
    return getter(name + "_in", *args, **kwargs)

  def own(getter, name, *args, **kwargs):
    say("own %s" % name)
    return getter(name, *args, **kwargs)

  with tf.variable_scope("s", custom_getter=outer):
    tf.get_variable("v", [1])
    with tf.variable_scope("t", custom_getter=inner) as t:
      tf.get_variable("v", [1])
      tf.get_variable("o", [1], custom_getter=own)
  with tf.variable_scope(t, reuse=tf.AUTO_REUSE):
    tf.get_variable("v", [1])
  with tf.variable_scope(t, custom_getter=own, reuse=tf.AUTO_REUSE):
    tf.get_variable("v", [1])


@case
def initializers():
  def get(name, shape, initializer, **kwargs):
    tf.get_variable(name, shape, initializer=initializer, **kwargs)

  get("zeros", [2, 0], tf.zeros_initializer())
  get("zeros_big", [1000], tf.zeros_initializer())
  get("ones", [2], tf.ones_initializer())
  get("const", [2, 2], tf.constant_initializer(1.5))
  get("const_int", [2], tf.constant_initializer(7), dtype=tf.int64)
  get("const_list", [2, 2], tf.constant_initializer([1., 2., 3., 4.]))
  get("const_short", [2, 2], tf.constant_initializer([1., 2.]))
  get("const_one", [1], tf.constant_initializer(2.))
  get("const_scalar", [], tf.constant_initializer(2.))
  get("const_np", [2, 1],
      tf.constant_initializer(np.array([[1.], [2.]], np.float32)),
      dtype=tf.float64)
  get("const_half", [2], tf.constant_initializer(1.5), dtype=tf.float16)
  get("const_bool", [2], tf.constant_initializer(True), dtype=tf.bool)
  get("const_text", [2], tf.constant_initializer("a"), dtype=tf.string)
  get("uniform", [2], tf.random_uniform_initializer())
  get("uniform_range", [2], tf.random_uniform_initializer(-1, 2.5, seed=3))
  get("uniform_int", [2], tf.random_uniform_initializer(-1, 9, seed=3),
      dtype=tf.int32)
  get("uniform_double", [2], tf.random_uniform_initializer(-1.1, 1.1),
      dtype=tf.float64)
  get("normal", [2], tf.random_normal_initializer(1., 2.))
  get("truncated", [2], tf.truncated_normal_initializer(stddev=0.1, seed=1))
  get("scaling_unit", [3, 4, 5], tf.uniform_unit_scaling_initializer(1.43))
  get("scaling_unit_zero", [0, 4], tf.uniform_unit_scaling_initializer())
  get("scaling", [3, 4], tf.variance_scaling_initializer())
  get("scaling_out", [3, 4], tf.variance_scaling_initializer(
      2., "fan_out", "uniform", seed=4))
  get("scaling_avg", [5], tf.variance_scaling_initializer(
      3., "fan_avg", "untruncated_normal"))
  get("scaling_normal", [], tf.variance_scaling_initializer(
      distribution="NORMAL"))
  get("glorot", [2, 3, 4, 5], tf.glorot_uniform_initializer(seed=2))
  get("glorot_normal", [2, 3], tf.glorot_normal_initializer())
  get("glorot_zero", [0, 0], tf.glorot_uniform_initializer())
  get("glorot_part", [4, 3], tf.glorot_uniform_initializer(),
      partitioner=tf.fixed_size_partitioner(2))
  get("unit_part", [4, 3], tf.uniform_unit_scaling_initializer(),
      partitioner=tf.fixed_size_partitioner(2))
  tf.set_random_seed(5)
  get("seeded", [2], tf.random_normal_initializer())
  get("seeded_both", [2], tf.random_normal_initializer(seed=8))
  get("seeded_resource", [2], None, use_resource=True)


def scope_fails(label, **kwargs):
  def enter():
    with tf.variable_scope(kwargs.pop("name_or_scope", None), **kwargs):
      pass

  fails(label, enter)


@case
def errors():
  def get(label, name, shape=None, reuse=None, **kwargs):
    def run():
      with tf.variable_scope(tf.get_variable_scope(), reuse=reuse):
        tf.get_variable(name, shape, **kwargs)

    fails(label, run)

  two = tf.fixed_size_partitioner(2)
  tf.get_variable("v", [2, 3])
  tf.get_variable("r", [2], use_resource=True)
  tf.get_variable("p", [4], partitioner=two)
  tf.get_variable("q/part_0", [4])
  tf.get_variable("q/part_2", [4])
  fails("no value", lambda: tf.Variable(name="x"))
  fails("unknown shape", lambda: tf.Variable(tf.placeholder(tf.float32),
                                             name="x"))
  fails("half shape", lambda: tf.Variable(
      tf.placeholder(tf.float32, [None, 2]), name="x"))
  fails("bad name", lambda: tf.Variable(1., name="a b"))
  fails("dtype", lambda: tf.Variable(tf.constant(1), dtype=tf.float32,
                                     name="x"))
  fails("dtype fn", lambda: tf.Variable(lambda: tf.constant(1),
                                        dtype=tf.float32, name="y"))
  fails("shape argument", lambda: tf.Variable(
      [1.], shape=[2], name="x", use_resource=True))
  fails("device", lambda: tf.Variable([1.], caching_device="/nonsense:x"))
  get("exists", "v", [2, 3])
  get("exists resource", "r", [2])
  get("other shape", "v", [3, 2], reuse=True)
  get("other rank", "v", [2], reuse=True)
  get("partial shape ok", "v", [None, 3], reuse=True)
  get("other dtype", "v", [2, 3], reuse=True, dtype=tf.int32)
  get("other dtype resource", "r", [2], reuse=True, dtype=tf.int32)
  get("missing", "w", [1], reuse=True)
  get("no shape", "w")
  get("partial shape", "w", [None, 2])
  get("shape and value", "w", [2], initializer=tf.constant([1., 2.]))
  get("value dtype", "w", initializer=[1., 2.], dtype=tf.int32)
  get("no default", "w", [2], dtype=tf.complex64)
  get("no default quantized", "w", [2], dtype=tf.qint8)
  get("too many values", "w", [2],
      initializer=tf.constant_initializer([1., 2., 3.]))
  get("verify shape", "w", [3, 4],
      initializer=tf.constant_initializer([1., 2.], verify_shape=True))
  get("wrong dtype of initializer", "w2", [2],
      initializer=lambda shape, dtype=None, partition_info=None: tf.zeros(
          shape, tf.int32))
  get("uniform int", "w3", [2], initializer=tf.random_uniform_initializer(),
      dtype=tf.int32)
  get("bad name get", "a b", [1])
  get("partitioner rank 0", "w", None, partitioner=two)
  get("partitioner partial", "w", [None, 2], partitioner=two)
  get("partitioner length", "w", [4, 4], partitioner=lambda shape, dtype: [2])
  get("partitioner zero", "w", [4, 4],
      partitioner=lambda shape, dtype: [2, 0])
  get("partitioner two axes", "w", [4, 4],
      partitioner=lambda shape, dtype: [2, 2])
  get("partitioned exists", "p", [4], partitioner=two)
  get("partitioned shape", "p", [5], partitioner=two, reuse=True)
  get("partitioned dtype", "p", [4], partitioner=two, reuse=True,
      dtype=tf.int32)
  get("partitioned parts", "p", [4], reuse=True,
      partitioner=tf.fixed_size_partitioner(4))
  get("partitioned missing", "w", [4], partitioner=two, reuse=True)
  get("not partitioned", "v", [2, 3], partitioner=two)
  get("is partitioned", "p", [4])
  get("is partitioned auto", "p", [4], reuse=tf.AUTO_REUSE)
  get("parts missing", "q", [4], partitioner=two)
  get("extra part", "q", [4], partitioner=tf.fixed_size_partitioner(1))
  get("empty axis", "w", [0, 2],
      partitioner=lambda shape, dtype: [1, 1])
  get("value shape", "w", [3], initializer=tf.constant([1., 2.]),
      partitioner=two)
  get("value without shape", "w", initializer=[1., 2.], partitioner=two)
  scope_fails("scope none")
  scope_fails("scope reuse", default_name="x", reuse=True)
  scope_fails("scope name", name_or_scope="a b")
  fails("scale", lambda: tf.variance_scaling_initializer(0.))
  fails("mode", lambda: tf.variance_scaling_initializer(mode="fan"))
  fails("distribution",
        lambda: tf.variance_scaling_initializer(distribution="Bad"))
  v = tf.get_variable("av", initializer=[1., 2.])
  r = tf.get_variable("ar", initializer=[1., 2.], use_resource=True)
  fails("assign shape", lambda: v.assign([1., 2., 3.]))
  fails("assign shape resource", lambda: r.assign([1., 2., 3.]))
  fails("assign dtype", lambda: v.assign(tf.constant([1, 2])))
  fails("assign dtype resource", lambda: r.assign(tf.constant([1, 2])))
  fails("assign_add dtype resource",
        lambda: r.assign_add(tf.constant([1, 2])))
  fails("use dtype", lambda: tf.add(tf.constant([1, 2]), v))
  fails("use dtype resource", lambda: tf.add(tf.constant([1, 2]), r))


@case
def protos():
  v = tf.Variable([1.], name="v")
  with tf.name_scope("a"):
    w = tf.Variable([1.], name="w", trainable=False)
    r = tf.Variable([1.], name="r", use_resource=True,
                    caching_device="/job:x")
  p = tf.get_variable("a/p", [3], partitioner=tf.fixed_size_partitioner(2))
  s = tf.Variable([1.], name="s", use_resource=True,
                  synchronization=tf.VariableSynchronization.ON_READ,
                  aggregation=tf.VariableAggregation.SUM)

  def show(proto):
    say(" ".join(str(proto).split()) if proto else None)

  for x in [v, w, r, s] + list(p):
    show(x.to_proto())
  for x in [v, w, r] + list(p):
    show(x.to_proto("a"))
  for x in [v, w, r, s] + list(p):
    y = tf.Variable.from_proto(x.to_proto()) if x not in (r, s) else (
        type(x).from_proto(x.to_proto()))
    say(repr(y))
    show(y.to_proto())
  for x in [w, list(p)[1]]:
    show(tf.Variable.from_proto(x.to_proto("a"), import_scope="a").to_proto())

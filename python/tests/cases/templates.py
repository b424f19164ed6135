"""tf.make_template.

Each runs on TensorFlow 1.15.5 and on retrograph; see cases_test.py."""
import re

import tensorflow.compat.v1 as tf

from case_helpers import session


def scale(x, size=1.):
    """Scales."""
    return x * tf.get_variable("w", [], initializer=tf.constant_initializer(
        size))


def said(function, *args, **kwargs):
    """The result, or the error without the place of the definition."""
    try:
        return function(*args, **kwargs)
    except Exception as e:
        return type(e).__name__, re.split(r"riginally defined at:\n",
                                          str(e.args[0]))[0]


def variables(template):
    return [[v.name for v in getattr(template, which)] for which in (
        "variables", "trainable_variables", "non_trainable_variables",
        "global_variables", "local_variables", "weights", "trainable_weights",
        "non_trainable_weights")]


def case_variables_are_made_once():
    t = tf.make_template("t", scale, size=3.)
    before = t.variable_scope, t.variable_scope_name, variables(t)
    a, b = t(2.), t(tf.constant(4.))
    with tf.name_scope("inside"):
        c = t(1.)
    return (before, a.name, b.name, c.name, session().run([a, b, c]),
            t.name, t.variable_scope.name, t.variable_scope_name,
            t.func.__name__, variables(t))


def case_names_are_unique():
    names = []
    with tf.variable_scope("outer"):
        for _ in range(2):
            t = tf.make_template("t", scale)
            names.append((t(1.).name, [v.name for v in t.variables]))
    with tf.variable_scope("outer"):  # and here the first name is free again
        names.append(said(tf.make_template("t", scale), 1.))
    u = tf.make_template("t", scale, unique_name_="u")
    again = tf.make_template("t", scale, unique_name_="u")
    return names, u(1.).name, said(again, 1.)


def case_a_scope_that_is_made_at_once():
    with tf.variable_scope("here"):
        t = tf.make_template("t", scale, create_scope_now_=True)
        other = tf.make_template("t", scale, create_scope_now_=True,
                                 unique_name_="mine")
    with tf.variable_scope("there"):
        return (t.variable_scope.name, t(1.).name, t(2.).name, variables(t),
                other.variable_scope_name, other(1.).name)


def case_what_a_later_call_makes():
    def trained(x):
        return x * tf.Variable(1., name="v")

    def counted(x):
        tf.Variable(0, trainable=False, name="count")
        return x * tf.get_variable("w", [])
    tf.logging.set_verbosity(tf.logging.INFO)
    t, u = (tf.make_template(f.__name__, f) for f in (trained, counted))
    t(1.), u(1.)
    return (said(lambda: t(1.).name), said(lambda: u(1.).name), variables(u),
            said(tf.make_template, None, scale))


def case_a_first_call_that_fails():
    fail = [True]

    def function(x):
        w = tf.get_variable("w", [])
        if fail.pop() if fail else False:
            raise KeyError("no")
        return x * w
    t = tf.make_template("t", function)
    first = said(t, 1.)
    return first, said(lambda: t(1.).name), variables(t)


def case_a_custom_getter():
    def getter(getter, name, *args, **kwargs):
        return getter(name + "_got", *args, **kwargs)
    t = tf.make_template("t", scale, custom_getter_=getter)
    return t(1.).name, t(1.).name, variables(t)

"""tf.make_template: a function whose variables are made once and then reused."""
import functools
import traceback

from retrograph.framework import graph_keys
from retrograph.framework import ops
from retrograph.ops import variable_scope as scopes
from retrograph.platform import tf_logging

_KEYS = graph_keys.GraphKeys


def make_template(name_, func_, create_scope_now_=False, unique_name_=None,
                  custom_getter_=None, **kwargs):
    """The function in a variable scope of its own.

    Its first call makes the variables, later ones reuse them.

    Parameters
    ----------
    name_ : str
        Of the scope; made unique.
    func_ : callable
        Makes its variables with `get_variable`.
    create_scope_now_ : bool
        Whether the scope is here and not where the function is called first.
    unique_name_ : str, optional
        Of the scope, instead of a name that is made unique.
    custom_getter_ : callable, optional
        As of `variable_scope`.
    **kwargs
        Arguments of the function.

    Returns
    -------
    Template

    Raises
    ------
    ValueError
        If there is no name; in a later call, if that makes a trainable variable.
    """
    if kwargs:
        func_ = functools.wraps(func_)(functools.partial(func_, **kwargs))
    return Template(name_, func_, create_scope_now_, unique_name_,
                    custom_getter_)


class Template:
    """What make_template returns."""

    def __init__(self, name, func, create_scope_now=False, unique_name=None,
                 custom_getter=None):
        self._func = func
        self._stack = traceback.format_stack()[:-2]
        self._name = name
        self._scope_arguments = dict(
            name_or_scope=unique_name, default_name=name,
            custom_getter=custom_getter)
        if name is None:
            raise ValueError("name cannot be None.")
        self._variable_scope = None
        if create_scope_now:
            with scopes.variable_scope(auxiliary_name_scope=False,
                                       **self._scope_arguments) as scope:
                self._variable_scope = scope
        # Of threads that call at once, one makes the variables.
        self._called = self._variables_created = False

    name = property(lambda self: self._name)
    func = property(lambda self: self._func)
    variable_scope = property(lambda self: self._variable_scope)
    var_scope = variable_scope

    def __call__(self, *args, **kwargs):
        if self._variable_scope is None:
            with scopes.variable_scope(**self._scope_arguments) as scope:
                self._variable_scope = scope
                return self._call(args, kwargs)
        with scopes.variable_scope(self._variable_scope, reuse=self._called):
            return self._call(args, kwargs)

    def _call(self, args, kwargs):
        try:
            if self._variables_created:
                return self._call_again(args, kwargs)
            first, self._called = not self._called, True
            try:
                result = self._func(*args, **kwargs)
            except BaseException:
                self._called = not first
                raise
            self._variables_created = self._variables_created or first
            return result
        except Exception as e:
            stack = traceback.format_stack()
            same = next((i for i, pair in enumerate(zip(self._stack, stack))
                         if pair[0] != pair[1]), len(self._stack) - 1)
            e.args = ("%s\n\noriginally defined at:\n%s" % (
                e.args[0] if e.args else "",
                "".join(self._stack[same:])),) + e.args[1:]
            raise

    def _call_again(self, args, kwargs):
        before = {key: len(ops.get_collection_ref(key)) for key in (
            _KEYS.TRAINABLE_VARIABLES, _KEYS.GLOBAL_VARIABLES)}
        result = self._func(*args, **kwargs)
        made = {key: ops.get_collection_ref(key)[count:]
                for key, count in before.items()}
        if made[_KEYS.TRAINABLE_VARIABLES]:
            raise ValueError(
                "Trainable variable created when calling a template after the "
                "first time, perhaps you used tf.Variable when you meant "
                "tf.get_variable: %s" % (made[_KEYS.TRAINABLE_VARIABLES],))
        if made[_KEYS.GLOBAL_VARIABLES]:
            tf_logging.info(
                "New variables created when calling a template after the first "
                "time, perhaps you used tf.Variable when you meant "
                "tf.get_variable: %s", made[_KEYS.GLOBAL_VARIABLES])
        return result

    # ---- The variables of the scope ----

    @property
    def variable_scope_name(self):
        if self._variable_scope is None:
            return None
        name = self._variable_scope.name
        return name if not name or name.endswith("/") else name + "/"

    def _collection(self, key):
        return ops.get_collection(key, self.variable_scope_name) \
            if self._variables_created else []

    @property
    def global_variables(self):
        return self._collection(_KEYS.GLOBAL_VARIABLES)

    @property
    def local_variables(self):
        return self._collection(_KEYS.LOCAL_VARIABLES)

    @property
    def variables(self):
        return self.global_variables + self.local_variables

    @property
    def trainable_variables(self):
        return self._collection(_KEYS.TRAINABLE_VARIABLES)

    @property
    def non_trainable_variables(self):
        trained = {id(v) for v in self.trainable_variables}
        return [v for v in self.global_variables if id(v) not in trained]

    weights = variables
    trainable_weights = trainable_variables
    non_trainable_weights = non_trainable_variables

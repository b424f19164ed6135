"""Gradients of op types that the user writes."""


class RegisterGradient:
    """Decorator: gradients of an op type that the user writes."""
    registry = {}

    def __init__(self, op_type):
        if not isinstance(op_type, str):
            raise TypeError("op_type must be a string")
        self._op_type = op_type

    def __call__(self, function):
        self.registry[self._op_type] = function
        return function


def NotDifferentiable(op_type):  # noqa: N802, TensorFlow's name
    RegisterGradient.registry[op_type] = None


NoGradient = NotDifferentiable

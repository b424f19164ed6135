"""Initialisers of tables."""
from retrograph import _core
from retrograph.framework import ops


def tables_initializer(name="init_all_tables"):
    """An op that initialises every table of the graph."""
    graph = ops.get_default_graph()
    return graph._operation(_core.tables_initializer(graph._c, name))


initialize_all_tables = tables_initializer

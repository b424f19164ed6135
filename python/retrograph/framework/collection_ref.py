"""A collection's list, as get_collection_ref gives it."""


class _CollectionRef(list):
    """A collection's list; what is done to it is done to the collection."""

    def __init__(self, graph, name):
        super().__init__(graph.get_collection(name))
        self._graph = graph
        self._name = name

    def _write(self):
        self._graph.clear_collection(self._name)
        for item in self:
            self._graph.add_to_collection(self._name, item)


def _writing(method):
    def changed(self, *args, **kwargs):
        result = getattr(list, method)(self, *args, **kwargs)
        self._write()
        return result
    return changed


for _method in ("append", "extend", "insert", "remove", "pop", "clear",
                "sort", "reverse", "__setitem__", "__delitem__", "__iadd__"):
    setattr(_CollectionRef, _method, _writing(_method))

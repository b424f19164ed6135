"""How our objects look when they are printed, and in notebooks."""

_MOST_ROWS = 50


def table(title, columns, rows, count=None):
    """A title and a table; of many rows the first ones, and how many are left.

    Parameters
    ----------
    title : str
        Text, not HTML; as is all that follows.
    columns : list of str
    rows : list of tuple
    count : int, optional
        How many there are, if `rows` has only the first ones.
    """
    import html
    count = len(rows) if count is None else count
    parts = ["<div><b>%s</b>" % html.escape(title)]
    if rows:
        parts.append("<table><tr>%s</tr>" % "".join(
            "<th>%s</th>" % html.escape(column) for column in columns))
        for row in rows[:_MOST_ROWS]:
            parts.append("<tr>%s</tr>" % "".join(
                "<td>%s</td>" % html.escape(str(cell)) for cell in row))
        parts.append("</table>")
    if count > _MOST_ROWS:
        parts.append("... and %d more" % (count - _MOST_ROWS))
    return "".join(parts) + "</div>"


def counted(count, what):
    """"1 tensor", "2 tensors"."""
    return "%d %s%s" % (count, what, "" if count == 1 else "s")


def named(names, what, most=5):
    """"2 tensors: a, b"; of many the first names."""
    listed = ", ".join(names[:most]) + (", ..." if len(names) > most else "")
    return counted(len(names), what) + (": " + listed if names else "")

"""The code blocks of the two documents of ../shared/seeds, and their runs.

    seed_blocks.py DOCUMENT    runs the blocks of the guide, in one interpreter

prints in the form of seeds/runs: a heading for each block, then what it printed
or "!! Class: message".
"""
import ast
import os
import re
import sys


def article_blocks(text):
    """[(name, code)] of the article: each makes the folder model/NAME.

    A block starts with its imports and ends where the page goes on with what it
    printed, at the margin.
    """
    blocks, lines = [], text.splitlines()
    for number, line in enumerate(lines):
        if line != "import tensorflow as tf":
            continue
        start = number
        while start and re.match(r"#|$", lines[start - 1]):
            start -= 1
        end = number
        while end < len(lines) and re.match(r"import |with |#|\s|$", lines[end]):
            end += 1
        code = "\n".join(lines[start:end]).strip("\n") + "\n"
        blocks.append((re.search(r"model/(\w+)/", code).group(1), code))
    return blocks


def guide_blocks(text):
    """[(name, code)] of the guide: a notebook's cells, each under "In [N]:"."""
    blocks, known = [], set()
    for name, rest in re.findall(r"^(In \[\d+\]):\n(.*?)(?=^In \[|\Z)", text,
                                 re.M | re.S):
        blocks.append((name, _cell(rest, known)))
    return blocks


def _cell(text, known):
    """The code at the start of what follows a cell's number."""
    if text.startswith("!ls "):
        folder = text.split()[1]
        return "import os\nprint(*sorted(os.listdir(%r)))\n" % folder
    code = ""
    for paragraph in re.split(r"\n\s*\n", text):
        whole = code + "\n\n" + paragraph if code else paragraph
        if not paragraph.startswith(" ") and not _is_code(paragraph, known):
            break
        code = whole
    known.update(node.id for node in ast.walk(ast.parse(code))
                 if isinstance(node, ast.Name))
    known.update(node.name for node in ast.walk(ast.parse(code))
                 if isinstance(node, (ast.ClassDef, ast.FunctionDef)))
    return code + "\n"


def _is_code(paragraph, known):
    """Whether it is code and not what a cell printed, nor the guide's prose."""
    try:
        body = ast.parse(paragraph).body
    except SyntaxError:
        return False
    if not body or not isinstance(body[0], ast.Expr):
        return bool(body)
    # A cell may end with a call, and may have printed what looks like one.
    root = body[0].value
    if not isinstance(root, ast.Call):
        return False
    while not isinstance(root, ast.Name):
        root = root.func if isinstance(root, ast.Call) else root.value
    return root.id in known or root.id in ("print", "tf")


def runs(text):
    """{heading: what stands under it} of a file of seeds/runs."""
    parts = re.split(r"^### (.*)\n", text, flags=re.M)[1:]
    return {name: normalised(said)
            for name, said in zip(parts[::2], parts[1::2])}


def normalised(said):
    said = re.sub(r"\(defined at [^)]*\)", "(defined at PLACE)", said)
    return said.split("\n\nOriginal stack trace for")[0].strip()


def error(text):
    """The recorded form of an uncaught error, from what a process said last."""
    found = re.search(r"^(?:\w+\.)*(\w+): (.*)\Z",
                      text.split("\nTraceback ")[-1].split("\n\n\n")[0],
                      re.M | re.S)
    return normalised("!! %s: %s" % found.groups()) if found else text


def _main(document):
    with open(document, encoding="utf-8") as f:
        blocks = guide_blocks(f.read())
    names = {"__name__": "__main__"}
    for name, code in blocks:
        print("### " + name)
        try:
            tree = ast.parse(code, name)
            last = tree.body.pop() if isinstance(tree.body[-1],
                                                 ast.Expr) else None
            exec(compile(tree, name, "exec"), names)
            if last is not None:
                value = eval(compile(ast.Expression(last.value), name, "eval"),
                             names)
                if value is not None:
                    print(value)
        except Exception as e:
            print("!! %s: %s" % (type(e).__name__,
                                 getattr(e, "message", None) or e))


if __name__ == "__main__":
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    _main(sys.argv[1])

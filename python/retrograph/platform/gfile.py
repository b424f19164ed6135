"""tf.gfile: files under TensorFlow's names."""
import glob as _glob
import os

from retrograph.framework import errors


def _translated(error, path):
    """An OSError as the tf.errors class of its kind."""
    cls = {FileNotFoundError: errors.NotFoundError,
           FileExistsError: errors.AlreadyExistsError,
           NotADirectoryError: errors.FailedPreconditionError,
           IsADirectoryError: errors.FailedPreconditionError,
           PermissionError: errors.PermissionDeniedError}.get(type(error))
    text = "%s; %s" % (path, error.strerror)
    if cls is None:
        return errors.UnknownError(None, None, text)
    return cls(None, None, text)


class _Translating:
    """with _Translating(path): OSErrors become tf.errors."""

    def __init__(self, path):
        self._path = os.fspath(path)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        if isinstance(error, OSError):
            raise _translated(error, self._path) from None


class GFile:
    """A file opened by its name; text unless the mode says b."""

    def __init__(self, name, mode="r"):
        self._name = name
        self._mode = mode
        self._opened = None

    name = property(lambda self: self._name, doc="The name, as given.")
    mode = property(lambda self: self._mode,
                    doc="How it is opened, as in Python's open().")

    @property
    def _file(self):
        if self._opened is None:
            with _Translating(self._name):
                encoding = None if "b" in self._mode else "utf-8"
                self._opened = open(self._name, self._mode, encoding=encoding)
        return self._opened

    def read(self, n=-1):
        """The next `n` characters, or bytes of a binary file.

        Parameters
        ----------
        n
            How many at most; all that are left if negative.

        Returns
        -------
        str or bytes
            Empty at the end.

        Raises
        ------
        NotFoundError
            If there is no such file. It is opened by the first method that
            needs it.
        """
        return self._file.read(n)

    def readline(self):
        """The next line with its line break; empty at the end."""
        return self._file.readline()

    def readlines(self):
        """A list of the lines that are left, with their line breaks."""
        return self._file.readlines()

    def write(self, content):
        """Writes a str, or bytes to a binary file; see flush()."""
        self._file.write(content)

    def seek(self, offset=None, whence=0, position=None):
        """Goes to a place in the file.

        Parameters
        ----------
        offset
            An int, counted from where `whence` says.
        whence
            0 for the start, 1 for the current place, 2 for the end.
        position
            The old name of `offset`; used only without it.
        """
        self._file.seek(position if offset is None else offset, whence)

    def tell(self):
        """The place in the file, an int that seek() takes."""
        return self._file.tell()

    def size(self):
        """The file's length in bytes; NotFoundError if there is none."""
        return Stat(self._name).length

    def flush(self):
        """Hands what was written to the operating system."""
        self._file.flush()

    def close(self):
        """Closes the file, if it is open; the next use opens it anew."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def __iter__(self):
        return iter(self._file)

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.close()


FastGFile = Open = GFile


class FileStatistics:
    """Of a file: `length`, `mtime_nsec` and `is_directory`."""
    def __init__(self, length, mtime_nsec, is_directory):
        self.length = length
        self.mtime_nsec = mtime_nsec
        self.is_directory = is_directory


def Exists(filename):  # noqa: N802
    """Whether there is a file or folder."""
    return os.path.exists(filename)


def IsDirectory(dirname):  # noqa: N802
    """Whether there is such a folder."""
    return os.path.isdir(dirname)


def ListDirectory(dirname):  # noqa: N802
    """The names in a folder; NotFoundError if there is none."""
    if not os.path.isdir(dirname):
        raise errors.NotFoundError(None, None, "Could not find directory %s"
                                   % dirname)
    return os.listdir(dirname)


def MakeDirs(dirname):  # noqa: N802
    """Makes a folder and those above it, if they are not there."""
    if not dirname:  # the folder of the process, for TensorFlow
        return
    with _Translating(dirname):
        os.makedirs(dirname, exist_ok=True)


def MkDir(dirname):  # noqa: N802
    """Makes a folder; NotFoundError if the one above is not there."""
    if not dirname:
        return
    with _Translating(dirname):
        os.mkdir(dirname)


def Remove(filename):  # noqa: N802
    """Deletes a file; NotFoundError if there is none."""
    with _Translating(filename):
        os.remove(filename)


def DeleteRecursively(dirname):  # noqa: N802
    """Deletes a folder and all in it; NotFoundError if there is none."""
    if not os.path.lexists(dirname):
        raise errors.NotFoundError(None, None, "%s not found" % dirname)
    with _Translating(dirname):
        if os.path.isdir(dirname):
            import shutil
            shutil.rmtree(dirname)
        else:
            os.remove(dirname)


def Rename(oldname, newname, overwrite=False):  # noqa: N802
    """Renames a file; AlreadyExistsError if the new one is there."""
    if not overwrite and os.path.exists(newname):
        raise errors.AlreadyExistsError(None, None,
                                        "file already exists")
    with _Translating(oldname):
        os.replace(oldname, newname)


def Copy(oldpath, newpath, overwrite=False):  # noqa: N802
    """Copies a file; AlreadyExistsError if the new one is there."""
    if not overwrite and os.path.exists(newpath):
        raise errors.AlreadyExistsError(None, None, "file already exists")
    with _Translating(oldpath):
        import shutil
        shutil.copyfile(oldpath, newpath)


def Glob(filename):  # noqa: N802
    """The files that match a pattern, or a list of them."""
    patterns = [filename] if isinstance(filename, str) else filename
    return [path for p in patterns for path in sorted(_glob.glob(p))]


def Stat(filename):  # noqa: N802
    """A file's FileStatistics; NotFoundError if there is none."""
    with _Translating(filename):
        found = os.stat(filename)
    return FileStatistics(found.st_size, found.st_mtime_ns,
                          os.path.isdir(filename))


def Walk(top, in_order=True):  # noqa: N802
    """(folder, folders in it, files in it) for each folder below `top`."""
    return os.walk(top, topdown=in_order)


# ---- tf.io.gfile: the same, by new names of functions and of arguments ----

def exists(path):
    """Whether there is a file or folder."""
    return Exists(path)


def isdir(path):
    """Whether there is such a folder."""
    return IsDirectory(path)


def listdir(path):
    """The names in a folder; NotFoundError if there is none."""
    return ListDirectory(path)


def makedirs(path):
    """Makes a folder and those above it, if they are not there."""
    return MakeDirs(path)


def mkdir(path):
    """Makes a folder; NotFoundError if the one above is not there."""
    return MkDir(path)


def remove(path):
    """Deletes a file; NotFoundError if there is none."""
    return Remove(path)


def rmtree(path):
    """Deletes a folder and all in it; NotFoundError if there is none."""
    return DeleteRecursively(path)


def glob(pattern):
    """The files that match a pattern, or a list of them."""
    return Glob(pattern)


def stat(path):
    """A file's FileStatistics; NotFoundError if there is none."""
    return Stat(path)


def rename(src, dst, overwrite=False):
    """Renames a file; AlreadyExistsError if the new one is there."""
    Rename(src, dst, overwrite)


def copy(src, dst, overwrite=False):
    """Copies a file; AlreadyExistsError if the new one is there."""
    Copy(src, dst, overwrite)


def walk(top, topdown=True, onerror=None):
    """(folder, folders in it, files in it) for each folder below `top`."""
    return os.walk(top, topdown=topdown, onerror=onerror)

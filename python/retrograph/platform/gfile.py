"""tf.gfile: files under TensorFlow's names."""
import glob as _glob
import os
import shutil

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

    name = property(lambda self: self._name)
    mode = property(lambda self: self._mode)

    @property
    def _file(self):
        if self._opened is None:
            with _Translating(self._name):
                encoding = None if "b" in self._mode else "utf-8"
                self._opened = open(self._name, self._mode, encoding=encoding)
        return self._opened

    def read(self, n=-1):
        return self._file.read(n)

    def readline(self):
        return self._file.readline()

    def readlines(self):
        return self._file.readlines()

    def write(self, content):
        self._file.write(content)

    def seek(self, offset=None, whence=0, position=None):
        self._file.seek(position if offset is None else offset, whence)

    def tell(self):
        return self._file.tell()

    def size(self):
        return Stat(self._name).length

    def flush(self):
        self._file.flush()

    def close(self):
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


def Exists(path):  # noqa: N802
    """Whether there is a file or folder."""
    return os.path.exists(path)


def IsDirectory(path):  # noqa: N802
    """Whether there is such a folder."""
    return os.path.isdir(path)


def ListDirectory(path):  # noqa: N802
    """The names in a folder; NotFoundError if there is none."""
    if not os.path.isdir(path):
        raise errors.NotFoundError(None, None, "Could not find directory %s"
                                   % path)
    return os.listdir(path)


def MakeDirs(path):  # noqa: N802
    """Makes a folder and those above it, if they are not there."""
    if not path:  # the folder of the process, for TensorFlow
        return
    with _Translating(path):
        os.makedirs(path, exist_ok=True)


def MkDir(path):  # noqa: N802
    """Makes a folder; NotFoundError if the one above is not there."""
    if not path:
        return
    with _Translating(path):
        os.mkdir(path)


def Remove(path):  # noqa: N802
    """Deletes a file; NotFoundError if there is none."""
    with _Translating(path):
        os.remove(path)


def DeleteRecursively(path):  # noqa: N802
    """Deletes a folder and all in it; NotFoundError if there is none."""
    if not os.path.lexists(path):
        raise errors.NotFoundError(None, None, "%s not found" % path)
    with _Translating(path):
        if os.path.isdir(path):
            shutil.rmtree(path)
        else:
            os.remove(path)


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
        shutil.copyfile(oldpath, newpath)


def Glob(pattern):  # noqa: N802
    """The files that match a pattern, or a list of them."""
    patterns = [pattern] if isinstance(pattern, str) else pattern
    return [path for p in patterns for path in sorted(_glob.glob(p))]


def Stat(path):  # noqa: N802
    """A file's FileStatistics; NotFoundError if there is none."""
    with _Translating(path):
        found = os.stat(path)
    return FileStatistics(found.st_size, found.st_mtime_ns,
                          os.path.isdir(path))


def Walk(top, in_order=True):  # noqa: N802
    """(folder, folders in it, files in it) for each folder below `top`."""
    return os.walk(top, topdown=in_order)


exists, isdir, listdir, makedirs, mkdir = (Exists, IsDirectory, ListDirectory,
                                           MakeDirs, MkDir)
remove, rmtree, rename, copy, glob = (Remove, DeleteRecursively, Rename, Copy,
                                      Glob)
stat, walk = Stat, Walk

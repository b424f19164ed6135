"""Runs the unittest cases of one file; Bazel's test.xml lists them.

Usage: unittest_main.py FILE [ARGS of unittest...]

TESTBRIDGE_TEST_ONLY, which --test_filter sets, selects cases by substring.
"""
import importlib.util
import os
import sys
import time
import unittest
import xml.etree.ElementTree as ElementTree


class RecordingResult(unittest.TextTestResult):
  """A result that also becomes a JUnit file."""

  def __init__(self, *args, **kwargs):
    super().__init__(*args, **kwargs)
    self.suite = ElementTree.Element('testsuite')
    self._started = 0

  def startTest(self, test):
    super().startTest(test)
    self._started = time.monotonic()

  def _record(self, test, kind=None, message=''):
    case = ElementTree.SubElement(
        self.suite, 'testcase', classname=type(test).__name__,
        name=getattr(test, '_testMethodName', str(test)),
        time='%.3f' % (time.monotonic() - self._started))
    if kind:
      ElementTree.SubElement(case, kind, message=message)

  def addSuccess(self, test):
    super().addSuccess(test)
    self._record(test)

  def addFailure(self, test, err):
    super().addFailure(test, err)
    self._record(test, 'failure', str(err[1]))

  def addError(self, test, err):
    super().addError(test, err)
    self._record(test, 'error', str(err[1]))

  def addSkip(self, test, reason):
    super().addSkip(test, reason)
    self._record(test, 'skipped', reason)

  def addExpectedFailure(self, test, err):
    super().addExpectedFailure(test, err)
    self._record(test)

  def addUnexpectedSuccess(self, test):
    super().addUnexpectedSuccess(test)
    self._record(test, 'failure', 'unexpected success')

  def addSubTest(self, test, subtest, err):
    super().addSubTest(test, subtest, err)
    if err:
      self._record(test, 'failure', '%s: %s' % (subtest, err[1]))


def load(path):
  name = os.path.splitext(os.path.basename(path))[0]
  spec = importlib.util.spec_from_file_location(name, path)
  module = importlib.util.module_from_spec(spec)
  sys.modules[name] = module
  spec.loader.exec_module(module)
  return module


def main(path, args):
  pattern = os.environ.get('TESTBRIDGE_TEST_ONLY')
  if pattern:
    args = args + ['-k', pattern]
  runner = unittest.TextTestRunner(resultclass=RecordingResult, verbosity=2)
  program = unittest.main(load(path), argv=[path] + args, testRunner=runner,
                          exit=False)
  if 'XML_OUTPUT_FILE' in os.environ:
    ElementTree.ElementTree(program.result.suite).write(
        os.environ['XML_OUTPUT_FILE'], encoding='utf-8', xml_declaration=True)
  return 0 if program.result.wasSuccessful() else 1


if __name__ == '__main__':
  sys.exit(main(sys.argv[1], sys.argv[2:]))

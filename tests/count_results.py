"""Counts the test cases of a `bazel test` and prints "N passed, N failed".

Usage: count_results.py EVENTS STATUS

EVENTS is the file that --build_event_json_file wrote, STATUS the exit status of
Bazel. The cases come from the JUnit files that the tests wrote. A test without
one (it crashed, timed out or did not build) counts as one failed case. Before
the last line come the cases that failed or were skipped. Exits with 0 if every
case passed and Bazel is content too.
"""
import json
import sys
import urllib.parse
import xml.etree.ElementTree as ElementTree

NO_TESTS_FOUND = 4  # Bazel's exit status


class Results:

  def __init__(self):
    self.passed = 0
    self.failed = []
    self.skipped = []

  def add_case(self, target, case):
    name = '%s %s' % (target, '.'.join(
        filter(None, [case.get('classname'), case.get('name')])))
    skipped = case.find('skipped')
    if case.find('failure') is not None or case.find('error') is not None:
      self.failed.append(name)
    elif skipped is not None or case.get('status') == 'notrun':
      message = '' if skipped is None else skipped.get('message') or ''
      self.skipped.append((name, message.strip().split('\n')[-1]))
    else:
      self.passed += 1

  def add_test(self, target, status, xml_path):
    """Adds the cases of one run of a test target."""
    failed_before = len(self.failed)
    try:
      cases = list(ElementTree.parse(xml_path).getroot().iter('testcase'))
    except (OSError, TypeError, ElementTree.ParseError):
      cases = []
    for case in cases:
      self.add_case(target, case)
    if status != 'PASSED' and len(self.failed) == failed_before:
      self.failed.append('%s (%s)' % (target, status.lower()))


def xml_path(result):
  for output in result.get('testActionOutput', []):
    if output['name'] == 'test.xml':
      return urllib.parse.unquote(urllib.parse.urlparse(output['uri']).path)
  return None


def read_events(path):
  """Returns the results that the events tell of."""
  results = Results()
  with open(path, encoding='utf-8') as events:
    for line in events:
      event = json.loads(line)
      if 'testResult' in event['id']:
        target = event['id']['testResult']['label']
        result = event['testResult']
        results.add_test(target, result['status'], xml_path(result))
      elif 'targetCompleted' in event['id']:
        target = event['id']['targetCompleted']['label']
        if not event.get('completed', {}).get('success'):
          results.failed.append('%s (not built)' % target)
  return results


def main(path, bazel_status):
  results = read_events(path)
  for name, message in results.skipped:
    print('skipped: %s%s' % (name, ': ' + message if message else ''))
  for name in results.failed:
    print('failed: ' + name)
  if bazel_status not in (0, NO_TESTS_FOUND) and not results.failed:
    print('failed: bazel, with exit status %d' % bazel_status)
    results.failed.append('bazel')
  print('%d passed, %d failed' % (results.passed, len(results.failed)))
  return 1 if results.failed else 0


if __name__ == '__main__':
  sys.exit(main(sys.argv[1], int(sys.argv[2])))

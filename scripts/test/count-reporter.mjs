// A node:test reporter that writes one JSON line: how many tests (leaves) passed, failed and were skipped, and which failed.
// Suites (describe) are not counted: a number here is an assertion-bearing test.
export default async function* countReporter(source) {
  const count = { passed: 0, failed: 0, skipped: 0, failures: [] };
  for await (const { type, data } of source) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    if (data.details?.type === 'suite') {
      if (type === 'test:fail' && data.details.error?.failureType === 'hookFailed') note(count, data);
      continue;
    }
    if (data.skip !== undefined || data.todo !== undefined) count.skipped++;
    else if (type === 'test:pass') count.passed++;
    else note(count, data);
  }
  yield `${JSON.stringify(count)}\n`;
}

function note(count, data) {
  count.failed++;
  count.failures.push(`${data.file ?? ''}: ${data.name}`);
}

// A test's result as one line for the serial port: "@@test {json}". Suites are no results of their own.
export default async function* reporter(events) {
  for await (const { type, data } of events) {
    if (type === 'test:stderr' || type === 'test:stdout') yield data.message;
    if ((type !== 'test:pass' && type !== 'test:fail') || data.details?.type === 'suite') continue;
    const cause = data.details?.error?.cause;
    const error =
      type === 'test:fail'
        ? `${cause?.stack ?? cause ?? data.details?.error ?? 'failed'}\n${cause?.hint ?? ''}`.slice(0, 4000)
        : undefined;
    if (cause?.code === 'ERR_TEST_FAILURE' && /subtests? failed/.test(String(cause))) continue;
    yield `\n@@test ${JSON.stringify({ name: data.name, ms: Math.round(data.details?.duration_ms ?? 0), error })}\n`;
  }
}

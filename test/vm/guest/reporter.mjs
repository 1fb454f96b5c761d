// A test's result as one line for the serial port: "@@test {json}". Suites are no results of their own.
export default async function* reporter(events) {
  for await (const { type, data } of events) {
    if (type === 'test:stderr' || type === 'test:stdout') yield data.message;
    if ((type !== 'test:pass' && type !== 'test:fail') || data.details?.type === 'suite') continue;
    const failure = data.details?.error;
    const cause = failure?.cause;
    // A file whose process died has no stack: how it ended is what there is to tell.
    const ended = failure?.signal ?? failure?.exitCode;
    const error =
      type === 'test:fail'
        ? `${cause?.stack ?? cause ?? failure ?? 'failed'}\n${ended == null ? '' : `its process ended with ${ended}`}\n${cause?.hint ?? ''}`.slice(
            0,
            4000,
          )
        : undefined;
    if (cause?.code === 'ERR_TEST_FAILURE' && /subtests? failed/.test(String(cause))) continue;
    yield `\n@@test ${JSON.stringify({ name: data.name, ms: Math.round(data.details?.duration_ms ?? 0), error })}\n`;
  }
}

/** `xdpeek monitor`: rates of what XDP and the stack tell by tracepoints, over the exact period between two readings. */
import { MonitorReader } from '../../session/workbench/monitor.ts';
import type { MonitorReading } from '../../shared/monitor-api.ts';
import { say } from '../capture/messages.ts';
import type { Invocation } from '../options/spec.ts';
import { jsonLine } from '../output/json-line.ts';
import type { Context } from '../start.ts';
import { pause } from '../stop-signal.ts';
import type { monitor } from '../table.ts';
import { monitorLines, monitorRows, monitorTable, summaryLines } from '../workbench/monitor-lines.ts';
import { withWorkbench } from '../workbench/with-workbench.ts';

export async function run({ options }: Invocation<typeof monitor>, { out, stop }: Context): Promise<number> {
  const { 'per-cpu': perCpu, 'errors-only': errorsOnly, count, interval, json } = options;
  const print = (reading: MonitorReading): string => {
    const rows = monitorRows(reading, errorsOnly);
    const time = new Date(reading.readMs).toISOString();
    if (json) return jsonLine({ time, periodNs: reading.periodNs, rows: monitorLines(rows, perCpu) });
    return `${time}  period ${(reading.periodNs / 1e9).toFixed(6)} s\n${monitorTable(rows, perCpu)}\n`;
  };
  await withWorkbench(async (workbench) => {
    const reader = await MonitorReader.start(workbench);
    let last = await reader.read();
    say("watching XDP's tracepoints, drops of the stack and started programs");
    for (const text of reader.missing) say(`not here: ${text}`);
    for (let printed = 0; printed !== count && !stop.aborted; printed++) {
      await pause(interval * 1000, stop);
      last = await reader.read();
      if (stop.aborted) break;
      await out.write(print(last));
      await out.flush();
    }
    await reader.stop();
    for (const line of summaryLines(last)) say(line);
  });
  return 0;
}

/** What is wrong now, since when, and what to do: rules over one reading each, remembered until they are long over. */
import { type Figure, type MonitorAlarm, type MonitorReading, sumOf } from '../../shared/monitor-api.ts';

/** Drops of the stack for one reason are ordinary below this rate. */
const DROPS_PER_SECOND = 10;
/** Counts come in bursts: what is quiet for so long is over. */
const OVER_MS = 10_000;
/** What every healthy machine does all the time: sockets that are closed with data in them, TCP's repetitions. */
const ORDINARY = new Set([
  'SOCKET_CLOSE',
  'QUEUE_PURGE',
  'TCP_OLD_DATA',
  'TCP_OLD_ACK',
  'TCP_OLD_SEQUENCE',
  'TCP_ABORT_ON_DATA',
  'TCP_ABORT_ON_CLOSE',
]);
/** The kernel answers echo requests itself; that no ping socket wanted them is no trouble. */
const ORDINARY_PLACE = /^ping_rcv\b/;
const REMEMBERED_MS = 300_000;
const MOST = 50;

type Finding = Pick<MonitorAlarm, 'key' | 'level' | 'text' | 'hint'>;

export class MonitorAlarms {
  readonly #known = new Map<string, Omit<MonitorAlarm, 'active'>>();

  take(reading: MonitorReading): void {
    if (reading.periodNs === 0) return;
    const now = reading.readMs;
    for (const finding of findings(reading)) {
      const known = this.#known.get(finding.key);
      const since = known && now - known.lastMs <= OVER_MS ? known.sinceMs : now;
      this.#known.delete(finding.key);
      this.#known.set(finding.key, { ...finding, sinceMs: since, lastMs: now });
    }
    for (const [key, { lastMs }] of this.#known)
      if (now - lastMs > REMEMBERED_MS || this.#known.size > MOST) this.#known.delete(key);
  }

  list(nowMs: number): MonitorAlarm[] {
    const rank = ({ active, level }: MonitorAlarm) => (active ? 2 : 0) + (level === 'error' ? 1 : 0);
    return [...this.#known.values()]
      .map((alarm) => ({ ...alarm, active: nowMs - alarm.lastMs <= OVER_MS }))
      .sort((a, b) => rank(b) - rank(a) || a.sinceMs - b.sinceMs);
  }
}

/** "1,200/s", "0.4/s". */
export function rateText({ perSecond }: Figure): string {
  const digits = perSecond < 9.95 && !Number.isInteger(perSecond) ? 1 : 0;
  return `${perSecond.toFixed(digits).replace(/\B(?=(\d{3})+$)/g, ',')}/s`;
}

const NOTHING: Figure = { total: 0, perSecond: 0 };

function findings(reading: MonitorReading): Finding[] {
  const found: Finding[] = [];
  const when = (figure: Figure, above: number, finding: Finding) => {
    if (figure.perSecond > above) found.push(finding);
  };
  for (const { key, figures, action, meaning } of reading.exceptions)
    when(figures.count, 0, {
      key: `exception ${key}`,
      level: 'error',
      text: `XDP exceptions ${action}: ${rateText(figures.count)}`,
      hint: `What it means: ${meaning}.`,
    });
  for (const { key, figures, error, meaning, hint } of reading.redirectErrors)
    when(figures.count, 0, {
      key: `redirect ${key}`,
      level: 'error',
      text: `Redirects fail with ${error}: ${rateText(figures.count)}`,
      hint: `What it means: ${meaning}. ${hint}`,
    });
  for (const { key, figures, toCpu } of reading.cpumapEnqueue)
    when(figures.drops, 0, {
      key: `enqueue ${key}`,
      level: 'error',
      text: `The queue of CPU ${toCpu} is full (cpumap): ${rateText(figures.drops)} dropped`,
      hint: 'Give its map entry a longer queue, or spread the packets over more CPUs.',
    });
  const kthread = reading.cpumapKthread.map(({ figures }) => figures.drops).reduce(sumOf, NOTHING);
  when(kthread, 0, {
    key: 'kthread',
    level: 'error',
    text: `cpumap's threads drop packets: ${rateText(kthread)}`,
    hint: 'They found no memory for them, or the program of the map entry dropped them.',
  });
  for (const { key, figures, from, to, error } of reading.devmap)
    when(figures.drops, 0, {
      key: `devmap ${key}`,
      level: 'error',
      text: `${to.text} does not take redirected frames from ${from.text}: ${rateText(figures.drops)} dropped`,
      hint:
        error && figures.errors.perSecond > 0
          ? `Its driver refuses them with ${error.name}: ${error.meaning}. ${error.hint}`
          : 'Its ring is full: it is slower than what is sent to it.',
    });
  for (const [reason, figure] of byReason(reading))
    when(figure, DROPS_PER_SECOND, {
      key: `drop ${reason}`,
      level: 'warning',
      text: `The stack drops packets, ${reason}: ${rateText(figure)}`,
      hint: DROP_HINTS[reason] ?? 'The places below say where in the kernel.',
    });
  return found;
}

function byReason({ drops }: MonitorReading): Map<string, Figure> {
  const reasons = new Map<string, Figure>();
  for (const { reason, place, figure } of drops) {
    if (ORDINARY.has(reason) || ORDINARY_PLACE.test(place)) continue;
    reasons.set(reason, sumOf(reasons.get(reason) ?? NOTHING, figure));
  }
  return reasons;
}

const DROP_HINTS: Readonly<Record<string, string>> = {
  NOT_SPECIFIED: 'The kernel gives no reason for them; the places below say where.',
  NO_SOCKET: 'Nobody listens at the port that they are sent to.',
  TCP_CSUM: 'TCP checksums are wrong: look at offloads, and at programs that change packets.',
  UDP_CSUM: 'UDP checksums are wrong: look at offloads, and at programs that change packets.',
  IP_CSUM: 'IPv4 header checksums are wrong: a program that changes headers must correct them.',
  SOCKET_RCVBUFF: 'A program reads its socket too slowly, or its receive buffer is too small.',
  NETFILTER_DROP: "The firewall's rules drop them.",
  QDISC_DROP: 'The queue of an interface is full.',
  CPU_BACKLOG: 'A CPU is behind: raise net.core.netdev_max_backlog, or spread the load (RPS).',
  XDP: 'A generic-mode XDP program drops them.',
  TC_INGRESS: 'A tc program drops them.',
  TC_EGRESS: 'A tc program drops them.',
  OTHERHOST: 'They are for other machines: the interface is promiscuous, or the sender has a wrong MAC address.',
  IP_INNOROUTES: 'There is no route for them here.',
  IP_RPFILTER: 'The reverse path filter refuses their source address.',
  NEIGH_FAILED: 'The next hop does not answer ARP or neighbour discovery.',
  NO_RX_HANDLER: 'No protocol handler takes them.',
  UNHANDLED_PROTO: 'Nothing here understands their protocol.',
};

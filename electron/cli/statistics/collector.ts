/** Collects what -z asked for, packet by packet, and prints it at the end. */

import type { FrameInfo } from '../../packets/dissect/frame.ts';
import type { Dissection } from '../../packets/dissect/index.ts';
import { type DisplayFilter, FilterError } from '../../packets/filter/index.ts';
import { Conversations } from '../../packets/stats/conversations.ts';
import { Expert } from '../../packets/stats/expert.ts';
import { Follow } from '../../packets/stats/follow.ts';
import { Hierarchy } from '../../packets/stats/hierarchy.ts';
import { IoGraph } from '../../packets/stats/io-graph.ts';
import { Lengths } from '../../packets/stats/lengths.ts';
import { ServiceTimes } from '../../packets/stats/response-times.ts';
import type { Stat } from '../../packets/stats/stat.ts';
import { usageError } from '../options/usage-error.ts';
import {
  printConversations,
  printEndpoints,
  printExpert,
  printHierarchy,
  printIo,
  printLengths,
  printTimes,
} from './print.ts';
import { printFollow } from './print-follow.ts';
import { type StatRequest, statRequest } from './request.ts';

export interface Collector {
  /** Fields that its filters ask for. */
  readonly fields: ReadonlySet<string>;
  see(d: Dissection, frame: FrameInfo): void;
  /** The result, as text or as JSON lines. */
  print(json: boolean): string;
}

export function collector(text: string): Collector {
  const request = statRequest(text);
  if (request.kind === 'io') return ioCollector(request);
  if (request.kind === 'follow') {
    const follow = new Follow(request.protocol, request.stream, request.substream);
    return simple(follow, undefined, (json) => printFollow(follow, request.form, json));
  }
  const { filter, filterText } = request;
  switch (request.kind) {
    case 'phs': {
      const stat = new Hierarchy();
      return simple(stat, filter, (json) => printHierarchy(stat, filterText, json));
    }
    case 'plen': {
      const stat = new Lengths();
      return simple(stat, filter, (json) => printLengths(stat, filterText, json));
    }
    case 'expert': {
      const stat = new Expert();
      return simple(stat, filter, (json) => printExpert(stat, filterText, json));
    }
    case 'srt': {
      const stat = new ServiceTimes();
      return simple(stat, filter, (json) => printTimes(stat, filterText, json));
    }
    case 'conv': {
      const stat = new Conversations();
      return simple(stat, filter, (json) => printConversations(stat, request.layer, filterText, json));
    }
    case 'endpoints': {
      const stat = new Conversations();
      return simple(stat, filter, (json) => printEndpoints(stat, request.layer, filterText, json));
    }
  }
}

function simple(stat: Stat, filter: DisplayFilter | undefined, print: (json: boolean) => string): Collector {
  return {
    fields: filter?.fields ?? new Set(),
    see(d, frame) {
      if (!filter || filter.test(d, frame)) stat.see({ d, number: frame.number, timeNs: frame.timeNs });
    },
    print,
  };
}

function ioCollector({ lines, intervalNs }: Extract<StatRequest, { kind: 'io' }>): Collector {
  let graph: IoGraph;
  try {
    graph = new IoGraph(lines, intervalNs);
  } catch (error) {
    if (error instanceof FilterError) throw usageError(`-z io,stat cannot be used: ${error.message}`);
    throw error;
  }
  return {
    fields: graph.fields,
    see: (d, frame) => graph.see(d, frame),
    print: (json) => printIo(graph, lines, intervalNs, json),
  };
}

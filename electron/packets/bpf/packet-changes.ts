/** What a program did to a packet, in fields: both images are dissected by themselves and their trees compared by field name and occurrence. */
import type { DetailNode } from '../../shared/api.ts';
import type { RunChange } from '../../shared/workbench-api.ts';
import { detail } from '../dissect/detail.ts';
import { dissect } from '../dissect/index.ts';

interface Found {
  name: string;
  label: string;
  text: string;
  value: string;
  at?: readonly [number, number];
}

/** Aliases that say the same again, and what is worked out from other fields. */
const REPEATS = /^(eth|ip|ipv6|tcp|udp|sctp)\.(addr|host|src_host|dst_host|port)(\.|$)|_resolved$|\.(oui|lg|ig)$/;
const LINKTYPE_ETHERNET = 1;

/** @param linkType LINKTYPE_* of both */
export function packetChanges(before: Uint8Array, after: Uint8Array, linkType = LINKTYPE_ETHERNET): RunChange[] {
  const was = fieldsOf(before, linkType);
  const now = fieldsOf(after, linkType);
  const changes: RunChange[] = [];
  for (const [key, one] of was) {
    const other = now.get(key);
    if (other && other.value === one.value && other.text === one.text) continue;
    changes.push(changeOf(one, other));
  }
  for (const [key, one] of now) if (!was.has(key)) changes.push(changeOf(undefined, one));
  return changes;
}

function changeOf(was: Found | undefined, now: Found | undefined): RunChange {
  const { name, label } = (was ?? now)!;
  const change: RunChange = { field: name, label };
  if (was) change.before = was.text;
  if (now) change.after = now.text;
  if (was?.at) change.beforeAt = was.at;
  if (now?.at) change.afterAt = now.at;
  return change;
}

/** Fields of the tree that have values, keyed by name and which occurrence it is. */
function fieldsOf(bytes: Uint8Array, linkType: number): Map<string, Found> {
  const found = new Map<string, Found>();
  const seen = new Map<string, number>();
  const add = (one: Found) => {
    const nth = seen.get(one.name) ?? 0;
    seen.set(one.name, nth + 1);
    found.set(`${one.name} ${nth}`, one);
  };
  const walk = (nodes: readonly DetailNode[]) => {
    for (const node of nodes) {
      if (isField(node)) add(fieldOf(node));
      if (node.children) walk(node.children);
    }
  };
  walk(detail(dissect(bytes, linkType, bytes.length)));
  return found;
}

/** Generated ones tell of other fields; a protocol's own node and texts have no value to compare. */
function isField({ name, value, generated, source }: DetailNode): boolean {
  return (
    value !== undefined && !generated && !source && name !== 'text' && !name.startsWith('_ws.') && !REPEATS.test(name)
  );
}

function fieldOf({ name, label, value, offset, length }: DetailNode): Found {
  // "Source Address: 10.0.0.1"; bit fields show their bits in front ("0000 .... = Version: 4").
  const plain = label.replace(/^[01. ]+ = /, '');
  const colon = plain.indexOf(': ');
  const found: Found = {
    name,
    label: colon > 0 ? plain.slice(0, colon) : plain,
    text: colon > 0 ? plain.slice(colon + 2) : value!,
    value: value!,
  };
  if (length > 0) found.at = [offset, length];
  return found;
}

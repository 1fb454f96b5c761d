/** Checks of what the workbench takes, at both doors: the session's and root's. */
import { TCX_ORDERS, XDP_MODES } from './capture.ts';
import {
  boolean,
  type Check,
  integer,
  interfaceName,
  netnsName,
  object,
  oneOf,
  optional,
  quote,
  refuse,
  string,
} from './validate.ts';
import { type AttachTarget, PIN_NAME } from './workbench.ts';

export const pinName: Check<string> = (value, where) => {
  const name = string(127)(value, where);
  if (!PIN_NAME.test(name))
    refuse(where, `is not a name for a pin: ${quote(name)} (letters, digits, "_" and "-", in one folder at most)`);
  return name;
};

/** A folder for pins. */
export const pinFolder: Check<string> = (value, where) => {
  const name = pinName(value, where);
  if (name.includes('/')) refuse(where, 'is one folder, not a path');
  return name;
};

/** Names of programs, maps, kernel functions, libbpf's types. */
export const word: Check<string> = (value, where) => {
  const text = string(128)(value, where);
  if (!/^[A-Za-z0-9_.$/-]+$/.test(text)) refuse(where, `is not a name: ${quote(text)}`);
  return text;
};

const tracepoint: Check<string> = (value, where) => {
  const text = string(128)(value, where);
  if (!/^[A-Za-z0-9_]+:[A-Za-z0-9_]+$/.test(text))
    refuse(where, `is not a tracepoint: ${quote(text)} (GROUP:NAME, as in xdp:xdp_exception)`);
  return text;
};

const kernelFunction: Check<string> = (value, where) => {
  const text = string(128)(value, where);
  if (!/^[A-Za-z_][A-Za-z0-9_.]*$/.test(text)) refuse(where, `is not a kernel function: ${quote(text)}`);
  return text;
};

const TARGETS = {
  interface: object({
    kind: oneOf(['interface']),
    ifname: interfaceName,
    netns: optional(netnsName),
    hook: oneOf(['xdp', 'tc-ingress', 'tc-egress']),
    mode: optional(oneOf(XDP_MODES)),
    order: optional(oneOf(TCX_ORDERS)),
  }),
  tracepoint: object({ kind: oneOf(['tracepoint']), name: tracepoint, raw: optional(boolean) }),
  kprobe: object({ kind: oneOf(['kprobe']), function: kernelFunction, atReturn: optional(boolean) }),
  socket: object({ kind: oneOf(['socket']), ifname: interfaceName, netns: optional(netnsName) }),
  udp: object({ kind: oneOf(['udp']), port: integer(1, 65_535), netns: optional(netnsName) }),
  object: object({ kind: oneOf(['object']) }),
};

export const attachTarget: Check<AttachTarget> = (value, where) => {
  const kind = (value as { kind?: unknown } | null)?.kind;
  const known = Object.keys(TARGETS).find((name) => name === kind);
  if (known === undefined) refuse(`${where}.kind`, `must be one of ${Object.keys(TARGETS).join(', ')}`);
  return TARGETS[known as keyof typeof TARGETS](value, where);
};

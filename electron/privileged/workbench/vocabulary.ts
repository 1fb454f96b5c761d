/**
 * Root's door in role `workbench`: method → check of its parameters. It takes code, as bytes in pieces of bounded size, and names of xdpeek's own
 * folder in bpffs; it takes no path. What code does is the kernel verifier's business.
 */
import { XDP_MODES } from '../../shared/capture.ts';
import {
  array,
  boolean,
  type Check,
  integer,
  interfaceName,
  netnsName,
  object,
  oneOf,
  optional,
  refuse,
  string,
} from '../../shared/validate.ts';
import { attachTarget, pinFolder, pinName, word } from '../../shared/validate-workbench.ts';
import type { CommonMethods } from '../../shared/wire.ts';
import {
  MAP_READ_MAX,
  OBJECT_MAX_BYTES,
  UPLOAD_PIECE_BYTES,
  type WorkbenchMethods,
  XSK_TAKES,
} from '../../shared/workbench.ts';
import { COMMON_VOCABULARY, type Vocabulary } from '../vocabulary.ts';

const nothing = object({});
const id = integer(1, 0xffffffff);
/** Keys and values: as long as the kernel takes them for the maps that people read. */
const MAX_VALUE_BYTES = 128 << 10;
const MAX_PACKET_BYTES = 64 << 10;
const MAX_REPEAT = 100_000_000;

function base64(maxBytes: number): Check<string> {
  return (value, where) => {
    const text = string(4 * Math.ceil(maxBytes / 3))(value, where);
    if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) refuse(where, 'is not base64');
    return text;
  };
}

const kind = oneOf(['program', 'map', 'link']);
const logLevel: Check<0 | 1 | 2> = (value, where) => integer(0, 2)(value, where) as 0 | 1 | 2;
const token = integer(1, 0xffffffff);
const MAX_PARTS = 512;

export const WORKBENCH_VOCABULARY: Vocabulary<CommonMethods & WorkbenchMethods> = {
  ...COMMON_VOCABULARY,
  programs: nothing,
  links: nothing,
  maps: nothing,
  pins: nothing,
  programCode: object({ id }),
  btf: object({ id }),
  statistics: object({ on: boolean }),

  mapRead: object({ id, cursor: base64(MAX_VALUE_BYTES), count: integer(1, MAP_READ_MAX) }),
  mapLookup: object({ id, key: base64(MAX_VALUE_BYTES) }),
  mapUpdate: object({
    id,
    key: base64(MAX_VALUE_BYTES),
    value: base64(MAX_VALUE_BYTES),
    mode: oneOf(['any', 'new', 'existing']),
    netns: optional(netnsName),
  }),
  mapDelete: object({ id, key: base64(MAX_VALUE_BYTES) }),
  mapPop: object({ id }),
  bufferFill: object({ id }),

  pin: object({ kind, id, name: pinName }),
  unpin: object({ name: pinName }),

  upload: object({
    token,
    offset: integer(0, OBJECT_MAX_BYTES),
    size: integer(1, OBJECT_MAX_BYTES),
    data: base64(UPLOAD_PIECE_BYTES),
  }),
  objectLoad: object({
    token,
    name: word,
    programs: array(word, 0, MAX_PARTS),
    types: array(object({ program: word, type: word }), 0, MAX_PARTS),
    variables: array(
      object({ section: word, offset: integer(0, OBJECT_MAX_BYTES), data: base64(MAX_VALUE_BYTES) }),
      0,
      MAX_PARTS,
    ),
    mapSizes: array(object({ map: word, maxEntries: integer(0, 0xffffffff) }), 0, MAX_PARTS),
    reuse: array(object({ map: word, id }), 0, MAX_PARTS),
    pinDir: optional(pinFolder),
    logLevel,
  }),
  codeLoad: object({
    token,
    name: word,
    type: word,
    attachType: optional(word),
    license: string(64),
    maps: array(object({ slot: integer(0, 0x7fffffff), id }), 0, MAX_PARTS),
    logLevel,
  }),
  mapCreate: object({
    type: word,
    name: word,
    keyBytes: integer(0, MAX_VALUE_BYTES),
    valueBytes: integer(0, MAX_VALUE_BYTES),
    maxEntries: integer(0, 0xffffffff),
    flags: integer(0, 0xffffffff),
    inner: optional(id),
  }),
  objectClose: object({ objectId: id }),
  attach: object({
    programId: id,
    target: attachTarget,
    replace: optional(object({ expectedId: integer(0, 0xffffffff) })),
    pin: optional(pinName),
  }),
  attachments: nothing,
  detach: object({ attachmentId: id }),
  detachFrom: object({ target: attachTarget, expectedId: id }),
  linkDetach: object({ linkId: id, expectedProgramId: id }),

  programRun: object({
    id,
    data: base64(MAX_PACKET_BYTES),
    repeat: integer(1, MAX_REPEAT),
    ifindex: optional(integer(1, 0x7fffffff)),
    queue: optional(integer(0, 0xffff)),
  }),

  traceStart: nothing,
  traceStop: nothing,
  monitorStart: nothing,
  monitorRead: nothing,
  monitorStop: nothing,
  xskEchoStart: object({
    ifname: interfaceName,
    netns: optional(netnsName),
    mode: oneOf(XDP_MODES),
    zeroCopy: oneOf(['auto', 'yes', 'no']),
    threads: oneOf(['one', 'each']),
    takes: optional(oneOf(XSK_TAKES)),
  }),
  xskEchoRead: nothing,
  xskEchoStop: nothing,
};

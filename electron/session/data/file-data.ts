/**
 * An opened capture file: parsed in pieces, rows offered as they are found, then counted in a second pass. Damage
 * is shown and not fatal: everything before it can be used. The file stays open, so that it may be renamed meanwhile.
 */
import { constants } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import path from 'node:path';
import { CaptureParser } from '../../packets/pcap/capture-parser.ts';
import { observedSide } from '../../packets/pcap/observed.ts';
import type { Damage } from '../../packets/pcap/types.ts';
import { VERDICT_NONE } from '../../packets/pcap/types.ts';
import { enhancedPacket, interfaceDescription, sectionHeader } from '../../packets/pcap/writer.ts';
import { PacketStore } from '../../packets/store/packet-store.ts';
import { ZERO_COUNTERS } from '../../shared/capture.ts';
import { type ErrorData, errorData, XdpeekError } from '../../shared/errors.ts';
import type { BlockFile } from '../files/block-file.ts';
import { copyOut } from '../files/copy-out.ts';
import { FileBytes } from '../files/file-bytes.ts';
import { type MergeReport, merged } from '../files/merge.ts';
import { createSpool, defaultSpoolDir } from '../files/spool.ts';
import { packingOf, unpacked } from '../files/unpack.ts';
import { FileMeasures } from '../measures/file-measures.ts';
import { AnalysedTable, type TableInterface } from '../rows.ts';
import { type CaptureData, noData, type SavedCapture } from './capture-data.ts';

const PIECE_BYTES = 1 << 19;
/** In front of each piece, for the block that the piece before cuts. */
const HEADROOM = 1 << 16;

export class FileData implements CaptureData {
  readonly source = 'file';
  readonly table: AnalysedTable;
  readonly fileName: string;
  readonly counters = ZERO_COUNTERS;
  readonly attachments = [];
  readonly notices: string[] = [];
  readonly pps = 0;
  readonly bitsPerSecond = 0;
  /** Bytes of the capture that were read so far, unpacked and merged. */
  fileBytes = 0;
  /** Of the files as they are stored: the progress of opening. */
  readonly reading = { done: 0, total: 0 };
  /** Files that were merged: which one each interface is of. */
  readonly #fileOf: string[] = [];
  /** What is wrong with some of them. */
  readonly #damages: string[] = [];
  #stopped = false;
  /** Why the pieces ended early. */
  #failure: ErrorData | undefined;
  measures: CaptureData['measures'] = noData().measures;
  startedNs?: string;
  stoppedNs?: string;
  readonly #handles: readonly FileHandle[];
  /** What a compressed file unpacks to, what several are merged into: packets are read from there. */
  readonly #spool: BlockFile | undefined;
  readonly #pieces: AsyncGenerator<Uint8Array>;
  readonly #parser: CaptureParser;
  readonly #store: PacketStore;
  readonly #ended = new AbortController();

  /** Reads the beginning of one file, or of several to be merged. Throws when one cannot be read or is not a capture; nothing is kept then. */
  static async open(
    files: string | readonly string[],
    spoolDir = defaultSpoolDir(),
    names: readonly string[] = [files].flat().map((file) => path.basename(file)),
  ): Promise<FileData> {
    const handles = await openAll([files].flat());
    const spool = await spoolFor(handles, spoolDir);
    const data = new FileData(handles, names, spool);
    try {
      for (const handle of handles) data.reading.total += (await handle.stat()).size;
      await data.#piece();
      if (data.#failure?.code === 'FORMAT') throw new XdpeekError(data.#failure);
      const { damage } = data.#parser;
      if (damage && data.#store.count === 0 && data.#parser.interfaces.length === 0)
        throw new XdpeekError({
          code: 'FORMAT',
          message: `${data.fileName} cannot be opened: ${damage.reason}`,
          tried: `open ${data.fileName}`,
          hint: 'xdpeek reads pcapng and pcap files, also compressed by gzip, zstd or LZ4.',
        });
      return data;
    } catch (error) {
      await data.dispose();
      throw error;
    }
  }

  private constructor(handles: readonly FileHandle[], names: readonly string[], spool: BlockFile | undefined) {
    this.#handles = handles;
    this.#spool = spool;
    this.#pieces = this.#source(names, spool);
    this.fileName = together(names);
    const source = new FileBytes((spool?.handle ?? handles[0]!).fd);
    this.#store = new PacketStore(source, true);
    const interfaces: TableInterface[] = [];
    this.table = new AnalysedTable({ store: this.#store, source, pcapng: true, interfaces });
    this.#parser = new CaptureParser(this.#store, this.table.secrets);
  }

  /** The rest of the file, then the counting. `onChange` hears of progress. Resolves with the damage found, if any. */
  async load(onChange: () => void): Promise<ErrorData | undefined> {
    while (!this.#ended.signal.aborted && !this.#stopped && (await this.#piece())) onChange();
    if (this.#ended.signal.aborted) return undefined;
    const { count } = this.#store;
    if (this.#stopped) {
      const { done, total } = this.reading;
      this.notices.push(`Reading was stopped at ${Math.floor((done / total) * 100)} %: later packets are not here.`);
    }
    if (count > 0) {
      this.startedNs = this.#store.epochNs(0).toString();
      this.stoppedNs = this.#store.epochNs(count - 1).toString();
    }
    onChange();
    const { damage } = this.#parser;
    const damages = damage ? [...this.#damages, damaged(this.fileName, damage)] : this.#damages;
    return damages.length > 0 ? { code: 'DAMAGED', message: damages.join('; ') } : undefined;
  }

  /** Reads no further: what was read stays. */
  stopReading(): void {
    this.#stopped = true;
  }

  /** Flows, charts and statistics, in the background. */
  async count(onChange: () => void): Promise<void> {
    const measures = new FileMeasures(this.#store, this.table.interfaces);
    this.measures = measures;
    await measures.count(this.#ended.signal, onChange);
  }

  save(): SavedCapture {
    const { damage, format, interfaces } = this.#parser;
    const pcap = format !== 'pcapng';
    const good = damage?.offset ?? this.fileBytes;
    const stored = this.#spool?.handle ?? this.#handles[0]!;
    return {
      pcapng: pcap ? this.#converted() : copyOut(stored, good),
      verbatim: !pcap && !damage && !this.#stopped,
      ...(!pcap && { interfaces }),
    };
  }

  async dispose(): Promise<void> {
    this.#ended.abort();
    this.table.end();
    await Promise.all(this.#handles.map((handle) => handle.close()));
    if (this.#spool) {
      await this.#spool.close();
      await rm(this.#spool.path, { force: true });
    }
  }

  /** False at the end of the file. */
  async #piece(): Promise<boolean> {
    let piece: Uint8Array | undefined;
    let failure: ErrorData | undefined;
    try {
      const next = await this.#pieces.next();
      piece = next.done ? undefined : next.value;
    } catch (error) {
      failure = errorData(error);
      this.#failure = failure;
    }
    const { version } = this.table.secrets;
    if (piece) this.#parser.push(piece, this.#spool ? 0 : HEADROOM);
    else this.#parser.end();
    // Packets before them may have been looked at.
    if (this.table.secrets.version !== version && this.table.analysis.analysed > 0)
      this.table.decode(this.table.decodeAs);
    if (failure) this.#parser.damage = { offset: this.fileBytes, reason: failure.message };
    this.fileBytes += piece?.length ?? 0;
    if (this.#parser.baseNs !== undefined) this.#store.baseNs = this.#parser.baseNs;
    const interfaces = this.table.interfaces as TableInterface[];
    for (const { id, name, linkType, description } of this.#parser.interfaces) {
      if (interfaces[id]) continue;
      const observed = observedSide(description);
      const file = this.#fileOf[id];
      interfaces[id] = {
        name: name ?? `interface ${id}`,
        linkType,
        ...(observed && { observed }),
        ...(file !== undefined && { file }),
      };
    }
    if (this.#parser.format === 'pcap') this.table.pcapng = false;
    return piece !== undefined && !this.#parser.damage;
  }

  /** The bytes of one file as they are, or unpacked; of several, merged. Beside into the spool, if there is one. */
  #source(names: readonly string[], spool: BlockFile | undefined): AsyncGenerator<Uint8Array> {
    const count = (bytes: number) => {
      this.reading.done += bytes;
    };
    const read = (handle: FileHandle) => readPieces(handle, count);
    const [first, ...more] = this.#handles;
    if (!spool) return read(first!);
    if (more.length === 0) return tee(unpacked(read(first!)), spool);
    const inputs = this.#handles.map((handle, at) => ({ name: names[at] ?? '', pieces: unpacked(read(handle)) }));
    const report: MergeReport = {
      onInterface: (file) => void this.#fileOf.push(file),
      onDamage: (file, damage) => void this.#damages.push(damaged(file, damage)),
      onLeftOut: (file, why) => void this.notices.push(`Left out of ${file}: ${why}.`),
    };
    return tee(merged(inputs, report), spool);
  }

  /** A pcap file as pcapng. */
  async *#converted(): AsyncGenerator<Uint8Array> {
    yield sectionHeader({ application: 'xdpeek' });
    for (const { linkType } of this.table.interfaces) yield interfaceDescription({ linkType });
    const store = this.#store;
    for (let row = 0; row < store.count; row++) {
      const verdict = store.verdict(row);
      yield enhancedPacket({
        interfaceId: store.interfaceId(row),
        epochNs: store.epochNs(row),
        wireLen: store.wireLen(row),
        bytes: store.packetBytes(row),
        direction: store.direction(row),
        ...(verdict === VERDICT_NONE ? {} : { xdpVerdict: verdict }),
      });
    }
  }
}

/** The file from its beginning, read ahead by one piece. A piece stays as it is until the one after the next is asked for. */
async function* readPieces(handle: FileHandle, onRead: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  const buffers = [0, 1, 2].map(() => new Uint8Array(HEADROOM + PIECE_BYTES));
  const read = async (turn: number, position: number) => {
    const buffer = buffers[turn % buffers.length]!;
    const { bytesRead } = await handle.read(buffer, HEADROOM, PIECE_BYTES, position);
    return buffer.subarray(HEADROOM, HEADROOM + bytesRead);
  };
  let next = read(0, 0);
  for (let turn = 1, position = 0; ; turn++) {
    const piece = await next;
    if (piece.length === 0) return;
    position += piece.length;
    onRead(piece.length);
    next = read(turn, position);
    next.catch(() => {}); // looked at when its turn comes
    yield piece;
  }
}

/** A compressed file is unpacked into a file of the user's alone, and several are merged into one, since packets are read where they lie. */
async function spoolFor(handles: readonly FileHandle[], dir: string): Promise<BlockFile | undefined> {
  if (handles.length > 1) return createSpool(dir);
  const head = new Uint8Array(4);
  const { bytesRead } = await handles[0]!.read(head, 0, head.length, 0);
  return bytesRead === head.length && packingOf(head) ? createSpool(dir) : undefined;
}

/** All or none. */
async function openAll(files: readonly string[]): Promise<FileHandle[]> {
  const handles: FileHandle[] = [];
  try {
    for (const file of files) handles.push(await openCapture(file));
    return handles;
  } catch (error) {
    await Promise.all(handles.map((handle) => handle.close()));
    throw error;
  }
}

function together([first = '', ...others]: readonly string[]): string {
  return others.length === 0 ? first : `${first} and ${others.length} other${others.length === 1 ? '' : 's'}`;
}

function damaged(file: string, { offset, reason }: Damage): string {
  return `${file} is damaged at byte ${offset}: ${reason}`;
}

async function* tee(pieces: AsyncIterable<Uint8Array>, spool: BlockFile): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    await spool.append(piece, 0);
    if (spool.failed) throw spool.failed;
    yield piece;
  }
}

async function openCapture(file: string): Promise<FileHandle> {
  const name = path.basename(file);
  let handle: FileHandle;
  try {
    // Not to wait for the other end of a pipe: it is refused below.
    handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const { code, message } = errorData(error);
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EACCES' ? 'no permission to read it' : message;
    throw new XdpeekError({ code, message: `${name} cannot be opened: ${why}`, tried: `open ${file}` });
  }
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw new XdpeekError({
    code: 'EINVAL',
    message: `${name} cannot be opened: it is not a file`,
    tried: `open ${file}`,
  });
}

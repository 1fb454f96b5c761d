/**
 * An opened capture file: parsed in pieces, rows offered as they are found, then counted in a second pass. Damage
 * is shown and not fatal: everything before it can be used. The file stays open, so that it may be renamed meanwhile.
 */
import { constants } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import path from 'node:path';
import { CaptureParser } from '../../packets/pcap/capture-parser.ts';
import { observedSide } from '../../packets/pcap/observed.ts';
import { VERDICT_NONE } from '../../packets/pcap/types.ts';
import { enhancedPacket, interfaceDescription, sectionHeader } from '../../packets/pcap/writer.ts';
import { PacketStore } from '../../packets/store/packet-store.ts';
import { ZERO_COUNTERS } from '../../shared/capture.ts';
import { type ErrorData, errorData, XdpeekError } from '../../shared/errors.ts';
import type { BlockFile } from '../files/block-file.ts';
import { copyOut } from '../files/copy-out.ts';
import { FileBytes } from '../files/file-bytes.ts';
import { createSpool, defaultSpoolDir } from '../files/spool.ts';
import { packingOf, unpacked } from '../files/unpack.ts';
import { FileMeasures } from '../measures/file-measures.ts';
import { AnalysedTable, type TableInterface } from '../rows.ts';
import { type CaptureData, noData } from './capture-data.ts';

const PIECE_BYTES = 1 << 18;

export class FileData implements CaptureData {
  readonly source = 'file';
  readonly table: AnalysedTable;
  readonly fileName: string;
  readonly counters = ZERO_COUNTERS;
  readonly attachments = [];
  readonly notices = [];
  readonly pps = 0;
  readonly bitsPerSecond = 0;
  /** Bytes read so far: the progress of opening. */
  fileBytes = 0;
  measures: CaptureData['measures'] = noData().measures;
  startedNs?: string;
  stoppedNs?: string;
  readonly #handle: FileHandle;
  /** What a compressed file unpacks to: packets are read from there. */
  readonly #spool: BlockFile | undefined;
  readonly #pieces: AsyncGenerator<Uint8Array>;
  readonly #parser: CaptureParser;
  readonly #store: PacketStore;
  readonly #ended = new AbortController();
  #sizeBytes = 0;

  /** Reads the beginning. Throws when the file cannot be read or is not a capture; nothing is kept then. */
  static async open(file: string, shownName = path.basename(file), spoolDir = defaultSpoolDir()): Promise<FileData> {
    const handle = await openCapture(file);
    const spool = await spoolFor(handle, spoolDir);
    const data = new FileData(handle, spool, shownName);
    try {
      data.#sizeBytes = (await handle.stat()).size;
      await data.#piece();
      const { damage } = data.#parser;
      if (damage && data.#store.count === 0 && data.#parser.interfaces.length === 0)
        throw new XdpeekError({
          code: 'FORMAT',
          message: `${shownName} cannot be opened: ${damage.reason}`,
          tried: `open ${shownName}`,
          hint: 'xdpeek reads pcapng and pcap files, also compressed by gzip, zstd or LZ4.',
        });
      return data;
    } catch (error) {
      await data.dispose();
      throw error;
    }
  }

  private constructor(handle: FileHandle, spool: BlockFile | undefined, shownName: string) {
    this.#handle = handle;
    this.#spool = spool;
    this.#pieces = spool ? tee(unpacked(readPieces(handle)), spool) : readPieces(handle);
    this.fileName = shownName;
    const source = new FileBytes((spool?.handle ?? handle).fd);
    this.#store = new PacketStore(source);
    this.#parser = new CaptureParser(this.#store);
    const interfaces: TableInterface[] = [];
    this.table = new AnalysedTable({ store: this.#store, source, pcapng: true, interfaces });
  }

  /** The rest of the file, then the counting. `onChange` hears of progress. Resolves with the damage found, if any. */
  async load(onChange: () => void): Promise<ErrorData | undefined> {
    while (!this.#ended.signal.aborted && (await this.#piece())) onChange();
    if (this.#ended.signal.aborted) return undefined;
    const { count } = this.#store;
    if (count > 0) {
      this.startedNs = this.#store.epochNs(0).toString();
      this.stoppedNs = this.#store.epochNs(count - 1).toString();
    }
    onChange();
    const { damage } = this.#parser;
    return (
      damage && { code: 'DAMAGED', message: `${this.fileName} is damaged at byte ${damage.offset}: ${damage.reason}` }
    );
    this.#parser = new CaptureParser(this.#store, this.table.secrets);
  }

  /** Flows, charts and statistics, in the background. */
  async count(onChange: () => void): Promise<void> {
    const measures = new FileMeasures(this.#store, this.table.interfaces);
    this.measures = measures;
    await measures.count(this.#ended.signal, onChange);
  }

  save(): AsyncIterable<Uint8Array> {
    if (this.#parser.format !== 'pcapng') return this.#converted();
    return this.#spool ? copyOut(this.#spool.handle, this.#spool.bytes) : copyOut(this.#handle, this.#sizeBytes);
  }

  async dispose(): Promise<void> {
    this.#ended.abort();
    this.table.end();
    await this.#handle.close();
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
    }
const { version } = this.table.secrets;
        if (piece) this.#parser.push(piece, this.#spool ? 0 : HEADROOM);
    else this.#parser.end();
    if (failure) this.#parser.damage = { offset: this.fileBytes, reason: failure.message };
    this.fileBytes += piece?.length ?? 0;
    if (this.#parser.baseNs !== undefined) this.#store.baseNs = this.#parser.baseNs;
    const interfaces = this.table.interfaces as TableInterface[];
    for (const { id, name, linkType, description } of this.#parser.interfaces) {
      if (interfaces[id]) continue;
      const observed = observedSide(description);
      interfaces[id] = { name: name ?? `interface ${id}`, linkType, ...(observed && { observed }) };
    }
    if (this.#parser.format === 'pcap') this.table.pcapng = false;
    return piece !== undefined && !this.#parser.damage;
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

    // Packets before them may have been looked at.
    if (this.table.secrets.version !== version && this.table.analysis.analysed > 0) this.table.decode(this.table.decodeAs);
/** The file from its beginning, in pieces that stay as they are. */
async function* readPieces(handle: FileHandle): AsyncGenerator<Uint8Array> {
  for (let position = 0; ; ) {
    const buffer = new Uint8Array(PIECE_BYTES);
    const { bytesRead } = await handle.read(buffer, 0, PIECE_BYTES, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** A compressed file is unpacked into a file of the user's alone, since packets are read where they lie. */
async function spoolFor(handle: FileHandle, dir: string): Promise<BlockFile | undefined> {
  const head = new Uint8Array(4);
  const { bytesRead } = await handle.read(head, 0, head.length, 0);
  return bytesRead === head.length && packingOf(head) ? createSpool(dir) : undefined;
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

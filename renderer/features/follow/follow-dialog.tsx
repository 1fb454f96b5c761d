/** What both ends of a stream said, in the order in which it arrived: as text, hexadecimal or C; one end or both; to search, copy and save. */
import { ChevronLeft, ChevronRight, Copy, Download, Filter, X } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import {
  FOLLOW_KINDS,
  type FollowChunk,
  type FollowKind,
  type FollowWindow,
} from '../../../electron/shared/analysis.ts';
import { useApi } from '../../api/backend-context.ts';
import { endFollowing, followStream, useAnalysisState } from '../../state/analysis.ts';
import { showUnderFilter } from '../../state/display-filter.ts';
import { goToPacket } from '../../state/go-to.ts';
import { useSession } from '../../state/session.ts';
import {
  Button,
  bytes as bytesText,
  cx,
  Dialog,
  EmptyState,
  grouped,
  IconButton,
  Segments,
  TextField,
} from '../../ui/index.ts';
import styles from './follow.module.css';
import { asC, asHex, asText, type Form } from './follow-text.ts';

/** Shown at once; the rest on demand. */
const PIECE_BYTES = 256 * 1024;
const AGAIN_MS = 250;
const LIVE_MS = 1000;
const WORDS: Record<FollowKind, string> = { tcp: 'TCP', udp: 'UDP', tls: 'TLS', http: 'HTTP', http2: 'HTTP/2' };

export function FollowDialog() {
  const followed = useAnalysisState((s) => s.followed);
  const generation = useSession((s) => s.status.generation);
  if (!followed) return null;
  return (
    <Dialog
      label={`${WORDS[followed.kind]} stream ${followed.stream}`}
      className={styles.dialog}
      onClose={endFollowing}
    >
      <Followed key={`${generation} ${followed.kind} ${followed.stream}`} {...followed} />
    </Dialog>
  );
}

function Followed({ kind, stream }: { kind: FollowKind; stream: number }) {
  const { window, chunks, more } = useChunks(kind, stream);
  const [form, setForm] = useState<Form>('text');
  const [side, setSide] = useState<'both' | '0' | '1'>('both');
  const [search, setSearch] = useState('');
  const shown = useMemo(() => chunks.filter(({ from }) => side === 'both' || String(from) === side), [chunks, side]);
  const ends = window?.ends;
  const name = (i: 0 | 1) => {
    const [address, port] = ends?.[i] ?? ['?', 0];
    return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  };
  const done = window !== undefined && window.scanned >= window.total;
  const empty = done && chunks.length === 0;
  const transport = kind === 'udp' ? 'udp' : 'tcp';
  return (
    <div className={styles.frame}>
      <header className={styles.head}>
        <h2 className={styles.title}>
          {WORDS[kind]} stream
          <IconButton
            size="sm"
            label="The stream before"
            icon={<ChevronLeft aria-hidden />}
            disabled={stream === 0}
            onClick={() => followStream(kind, stream - 1)}
          />
          <span className="mono">{grouped(stream)}</span>
          <IconButton
            size="sm"
            label="The next stream"
            icon={<ChevronRight aria-hidden />}
            disabled={done && !ends}
            onClick={() => followStream(kind, stream + 1)}
          />
        </h2>
        <Segments
          label="Protocol"
          value={kind}
          options={FOLLOW_KINDS.filter((one) => one === kind || window?.kinds.includes(one)).map((value) => ({
            value,
            label: WORDS[value],
          }))}
          onChange={(next) => followStream(next, stream)}
        />
        <Segments
          label="Shown as"
          value={form}
          options={[
            { value: 'text', label: 'Text' },
            { value: 'hex', label: 'Hex' },
            { value: 'c', label: 'C' },
          ]}
          onChange={setForm}
        />
        <span className={styles.grow} />
        <IconButton label="Close" keys="Escape" icon={<X aria-hidden />} onClick={endFollowing} />
      </header>
      <div className={styles.ends}>
        <Segments
          label="Which end"
          value={side}
          options={[
            { value: 'both', label: 'Both' },
            { value: '0', label: `${name(0)} ${bytesText(window?.bytes[0] ?? 0)}` },
            { value: '1', label: `${name(1)} ${bytesText(window?.bytes[1] ?? 0)}` },
          ]}
          onChange={setSide}
        />
        <TextField
          type="search"
          className={styles.search}
          label="Find in the stream"
          placeholder="Find in the stream"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keyboard */}
      <section className={styles.body} aria-label="What was said" tabIndex={0}>
        {empty ? (
          <EmptyState title={ends ? 'Nothing was said' : `There is no ${WORDS[kind]} stream ${grouped(stream)}`}>
            {ends ? 'The packets of this stream carry no data of this kind.' : 'Streams are numbered from 0.'}
          </EmptyState>
        ) : (
          <Said chunks={shown} form={form} search={search} />
        )}
        {more && (
          <Button className={styles.more} onClick={more}>
            Show more
          </Button>
        )}
      </section>
      <footer className={styles.foot}>
        <span className={styles.hint}>
          {window && `${grouped(window.packets)} packets${window.cut ? '; only the first 64 MiB are kept' : ''}`}
          {window && !done && `, ${grouped(window.scanned)} of ${grouped(window.total)} looked at`}
        </span>
        <Button
          size="sm"
          icon={<Filter aria-hidden />}
          onClick={() => {
            endFollowing();
            showUnderFilter(`${transport}.stream == ${stream}`);
          }}
        >
          Its packets
        </Button>
        <Button
          size="sm"
          icon={<Copy aria-hidden />}
          disabled={shown.length === 0}
          onClick={() => void navigator.clipboard.writeText(asWhole(shown, form))}
        >
          Copy
        </Button>
        <Button
          size="sm"
          icon={<Download aria-hidden />}
          disabled={shown.length === 0}
          onClick={() => saveBytes(shown, `${transport}-stream-${stream}.bin`)}
        >
          Save bytes…
        </Button>
      </footer>
    </div>
  );
}

interface Chunks {
  window: FollowWindow | undefined;
  chunks: readonly FollowChunk[];
  /** Present while there are chunks that were not asked for. */
  more: (() => void) | undefined;
}

/** The stream from its beginning, grown while it is found and while a capture runs. */
function useChunks(kind: FollowKind, stream: number): Chunks {
  const api = useApi();
  const stored = useSession((s) => s.status.stored);
  const [window, setWindow] = useState<FollowWindow>();
  const [chunks, setChunks] = useState<readonly FollowChunk[]>([]);
  const [limit, setLimit] = useState(PIECE_BYTES);
  const latest = useRef(stored);
  latest.current = stored;
  useEffect(() => {
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = () => {
      api.call('analysis.follow', { kind, stream, start: 0, maxBytes: limit }).then(
        (answer) => {
          if (over) return;
          setWindow(answer);
          setChunks(answer.chunks);
          timer = setTimeout(ask, answer.scanned < latest.current ? AGAIN_MS : LIVE_MS);
        },
        () => {},
      );
    };
    ask();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [api, kind, stream, limit]);
  const left = window !== undefined && chunks.length < window.count && limit < MOST_SHOWN;
  return { window, chunks, more: left ? () => setLimit((now) => Math.min(MOST_SHOWN, now * 4)) : undefined };
}

const MOST_SHOWN = 4 * 1024 * 1024;

function Said({ chunks, form, search }: { chunks: readonly FollowChunk[]; form: Form; search: string }) {
  const offsets = [0, 0];
  return (
    <pre className={styles.said}>
      {chunks.map((chunk, at) => {
        const { from, number, bytes, missing } = chunk;
        const offset = offsets[from]!;
        offsets[from] = offset + bytes.length + missing;
        const text = missing > 0 ? `[${grouped(missing)} bytes were not captured]\n` : textOf(chunk, form, offset, at);
        return (
          <button
            // Chunks have no identity but their place.
            // biome-ignore lint/suspicious/noArrayIndexKey: see above
            key={at}
            type="button"
            className={cx(styles.chunk, from === 0 ? styles.first : styles.second, missing > 0 && styles.missing)}
            title={`Packet ${grouped(number)}`}
            onClick={() => {
              // Text that is being selected is no click.
              if (globalThis.getSelection()?.isCollapsed === false) return;
              endFollowing();
              goToPacket(number);
            }}
          >
            {search === '' ? text : marked(text, search)}
          </button>
        );
      })}
    </pre>
  );
}

function textOf({ bytes, from }: FollowChunk, form: Form, offset: number, at: number): string {
  if (form === 'hex') return asHex(bytes, offset);
  return form === 'c' ? asC(bytes, `peer${from}_${at}`) : asText(bytes);
}

function asWhole(chunks: readonly FollowChunk[], form: Form): string {
  const offsets = [0, 0];
  return chunks
    .map((chunk, at) => {
      const offset = offsets[chunk.from]!;
      offsets[chunk.from] = offset + chunk.bytes.length + chunk.missing;
      return chunk.missing > 0 ? `[${chunk.missing} bytes were not captured]\n` : textOf(chunk, form, offset, at);
    })
    .join('');
}

function marked(text: string, search: string) {
  const parts: React.ReactNode[] = [];
  const hay = text.toLowerCase();
  const needle = search.toLowerCase();
  let done = 0;
  for (let at = hay.indexOf(needle); at >= 0; at = hay.indexOf(needle, done)) {
    parts.push(text.slice(done, at), <mark key={at}>{text.slice(at, at + needle.length)}</mark>);
    done = at + needle.length;
  }
  return [...parts, text.slice(done)];
}

/** What is shown, as a file. */
function saveBytes(chunks: readonly FollowChunk[], name: string): void {
  const url = URL.createObjectURL(new Blob(chunks.map(({ bytes }) => bytes.slice())));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

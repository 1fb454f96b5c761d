/**
 * One packet as fields and as bytes, two faces of the same thing: what the pointer is on in one lights up in the other; a click pins it.
 * Side by side where there is room, one above the other where there is not.
 */
import { MousePointerClick } from 'lucide-react';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { PacketDetail } from '../../../../electron/shared/api.ts';
import { EmptyState, grouped, Pane, Panes, Segments } from '../../../ui/index.ts';
import { ancestry, flatten, mapBytes, visible } from './byte-map.ts';
import styles from './detail.module.css';
import { FieldTree } from './field-tree.tsx';
import { HexView, type Range } from './hex-view.tsx';
import { setOpen, useOpenFields } from './open-layers.ts';
import { changedOffsets, PairBar } from './pair-bar.tsx';

const SIDE_BY_SIDE_PX = 760;

export interface DetailPaneProps {
  detail: PacketDetail | undefined;
  /** The next packet is on its way; what is shown is the one before. */
  loading: boolean;
  /** @param number 1-based */
  onGo(number: number): void;
}

export function DetailPane({ detail, loading, onGo }: DetailPaneProps) {
  const frame = useRef<HTMLDivElement>(null);
  const [wide, setWide] = useState(true);
  useLayoutEffect(() => {
    const element = frame.current!;
    const measure = () => setWide(element.clientWidth >= SIDE_BY_SIDE_PX);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return (
    <div ref={frame} className={styles.pane} aria-busy={loading}>
      {detail ? (
        <>
          {detail.row.observed && <PairBar detail={detail} onGo={onGo} />}
          <div className={styles.facesFrame}>
            <Faces detail={detail} wide={wide} />
          </div>
        </>
      ) : (
        !loading && (
          <EmptyState icon={<MousePointerClick aria-hidden />} title="No packet selected">
            Click a row, or use the arrow keys in the list. Its fields and bytes show here, linked to each other.
          </EmptyState>
        )
      )}
    </div>
  );
}

function Faces({ detail, wide }: { detail: PacketDetail; wide: boolean }) {
  const nodes = useMemo(() => flatten(detail.layers), [detail]);
  const sources = useMemo(() => [{ name: 'Packet', bytes: detail.bytes }, ...(detail.sources ?? [])], [detail]);
  /** Whose bytes are shown: 0 = the packet's. */
  const [chosen, setChosen] = useState(0);
  const shown = Math.min(chosen, sources.length - 1);
  const { bytes } = sources[shown]!;
  const map = useMemo(() => mapBytes(nodes, bytes.length, shown), [nodes, bytes, shown]);
  const open = useOpenFields((s) => s.open);
  const rows = useMemo(() => visible(nodes, open), [nodes, open]);
  /** By path, so that the same field stays pinned from packet to packet. */
  const [pinnedPath, setPinnedPath] = useState('');
  const [hovered, setHovered] = useState(-1);
  const pinned = useMemo(() => nodes.find(({ path }) => path === pinnedPath)?.id ?? -1, [nodes, pinnedPath]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: ids mean nothing in another packet
  useEffect(() => setHovered(-1), [detail]);

  const range = (id: number): Range | undefined => {
    const node = nodes[id]?.node;
    return node && node.length > 0 && (node.source ?? 0) === shown
      ? { from: node.offset, to: node.offset + node.length }
      : undefined;
  };
  const pin = (id: number) => {
    const flat = nodes[id];
    if (!flat) return;
    setPinnedPath(flat.path);
    if (flat.node.length > 0) setChosen(flat.node.source ?? 0);
    // Everything above it opens, so that it can be seen.
    const closed = ancestry(nodes, id)
      .slice(0, -1)
      .filter(({ path }) => !open.has(path));
    if (closed.length > 0)
      setOpen(
        closed.map(({ path }) => path),
        true,
      );
  };
  const changed = useMemo(() => changedOffsets(detail), [detail]);
  // A field inside a closed node lights the nearest node that is on the screen.
  const litRow = ancestry(nodes, hovered).findLast(({ id }) => rows.some((row) => row.id === id))?.id ?? -1;

  return (
    <Panes
      key={wide ? 'wide' : 'narrow'}
      id={`detail-${wide ? 'wide' : 'narrow'}`}
      orientation={wide ? 'horizontal' : 'vertical'}
      className={styles.faces ?? ''}
    >
      <Pane id="tree" defaultSize={wide ? '48%' : '55%'} minSize="20%">
        <FieldTree
          nodes={nodes}
          rows={rows}
          open={open}
          pinned={pinned}
          lit={litRow}
          onHover={setHovered}
          onPin={pin}
        />
      </Pane>
      <Pane id="bytes" defaultSize={wide ? '52%' : '45%'} minSize="20%">
        <div className={styles.byteSide}>
          {sources.length > 1 && (
            <div className={styles.sources}>
              <Segments
                label="Whose bytes"
                value={String(shown)}
                options={sources.map(({ name, bytes: of }, index) => ({
                  value: String(index),
                  label: `${name} (${grouped(of.length)} bytes)`,
                }))}
                onChange={(value) => setChosen(Number(value))}
              />
            </div>
          )}
          <HexView
            bytes={bytes}
            map={map}
            lit={range(hovered)}
            pinned={range(pinned)}
            changed={shown === 0 ? changed : undefined}
            onHover={(offset) => setHovered(offset < 0 ? -1 : (map.field[offset] ?? -1))}
            onPin={(offset) => pin(map.field[offset] ?? -1)}
          />
        </div>
      </Pane>
    </Panes>
  );
}

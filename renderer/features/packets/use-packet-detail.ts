/** The selected packet in full. What is shown stays until the next is here, so walking through the list with an arrow key does not blink. */
import { useEffect, useState } from 'react';
import type { PacketDetail } from '../../../electron/shared/api.ts';
import { useApi } from '../../api/backend-context.ts';
import { DetailSource } from './detail-source.ts';

/** Parameters as of DetailWish. */
export function usePacketDetail(
  number: number,
  generation: number,
  annotations: number,
): { detail: PacketDetail | undefined; loading: boolean } {
  const api = useApi();
  const [detail, setDetail] = useState<PacketDetail>();
  const [source, setSource] = useState<DetailSource>();

  useEffect(() => {
    const made = new DetailSource((asked) => api.call('packets.detail', { number: asked }), setDetail);
    setSource(made);
    return () => made.end();
  }, [api]);

  useEffect(() => {
    source?.want({ number, generation, annotations });
    if (number <= 0) setDetail(undefined);
  }, [source, number, generation, annotations]);

  const current = number > 0 && detail?.generation === generation ? detail : undefined;
  return { detail: current, loading: number > 0 && current?.row.number !== number };
}

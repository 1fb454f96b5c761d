/**
 * The selected packet in full. The latest wish wins: while one answer is awaited, moving on only changes which is asked for next. What
 * is shown stays until the next is here, so walking through the list with an arrow key does not blink.
 */
import { useEffect, useRef, useState } from 'react';
import type { PacketDetail } from '../../../electron/shared/api.ts';
import { useApi } from '../../api/backend-context.ts';

/** @param index 0-based row, -1 = none */
export function usePacketDetail(
  index: number,
  generation: number,
): { detail: PacketDetail | undefined; loading: boolean } {
  const api = useApi();
  const [detail, setDetail] = useState<PacketDetail>();
  const wish = useRef({ index, generation });
  const busy = useRef(false);
  wish.current = { index, generation };

  // biome-ignore lint/correctness/useExhaustiveDependencies: another capture's packet of the same number is another packet
  useEffect(() => {
    const ask = () => {
      const asked = wish.current;
      if (busy.current || asked.index < 0) return;
      busy.current = true;
      const settle = (answer?: PacketDetail) => {
        busy.current = false;
        if (answer && answer.generation === wish.current.generation) setDetail(answer);
        if (wish.current.index !== asked.index || wish.current.generation !== asked.generation) ask();
      };
      api.call('packets.detail', { number: asked.index + 1 }).then(settle, () => settle());
    };
    if (index < 0) setDetail(undefined);
    else ask();
  }, [api, index, generation]);

  const current = index >= 0 && detail?.generation === generation ? detail : undefined;
  return { detail: current, loading: index >= 0 && current?.row.number !== index + 1 };
}

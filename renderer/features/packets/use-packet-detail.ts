/**
 * The selected packet in full. The latest wish wins: while one answer is awaited, moving on only changes which is asked for next. What
 * is shown stays until the next is here, so walking through the list with an arrow key does not blink.
 */
import { useEffect, useRef, useState } from 'react';
import type { PacketDetail } from '../../../electron/shared/api.ts';
import { useApi } from '../../api/backend-context.ts';

/**
 * @param number 1-based, 0 = none
 * @param annotations changes with every mark, time reference and comment, which the packet's tree shows
 */
export function usePacketDetail(
  number: number,
  generation: number,
  annotations: number,
): { detail: PacketDetail | undefined; loading: boolean } {
  const api = useApi();
  const [detail, setDetail] = useState<PacketDetail>();
  const wish = useRef({ number, generation, annotations });
  const busy = useRef(false);
  wish.current = { number, generation, annotations };

  // biome-ignore lint/correctness/useExhaustiveDependencies: another capture's packet of the same number is another packet
  useEffect(() => {
    const ask = () => {
      const asked = wish.current;
      if (busy.current || asked.number <= 0) return;
      busy.current = true;
      const settle = (answer?: PacketDetail) => {
        busy.current = false;
        if (answer && answer.generation === wish.current.generation) setDetail(answer);
        if (
          wish.current.number !== asked.number ||
          wish.current.generation !== asked.generation ||
          wish.current.annotations !== asked.annotations
        )
          ask();
      };
      api.call('packets.detail', { number: asked.number }).then(settle, () => settle());
    };
    if (number <= 0) setDetail(undefined);
    else ask();
  }, [api, number, generation, annotations]);

  const current = number > 0 && detail?.generation === generation ? detail : undefined;
  return { detail: current, loading: number > 0 && current?.row.number !== number };
}

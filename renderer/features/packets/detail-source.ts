/**
 * The selected packet in full, as it is asked for. The latest wish wins: while one answer is awaited, moving on only changes which is asked for next.
 * What the analysis had not come to yet is asked for again until it has.
 */
import type { PacketDetail } from '../../../electron/shared/api.ts';

const PROVISIONAL_MS = 200;

export interface DetailWish {
  /** 1-based, 0 = none. */
  readonly number: number;
  readonly generation: number;
  /** Changes with every mark, time reference and comment, which the packet's tree shows. */
  readonly annotations: number;
}

export type FetchDetail = (number: number) => Promise<PacketDetail>;

export class DetailSource {
  readonly #fetch: FetchDetail;
  readonly #show: (detail: PacketDetail) => void;
  #wish: DetailWish = { number: 0, generation: 0, annotations: 0 };
  #busy = false;
  #again: ReturnType<typeof setTimeout> | undefined;

  /** @param show hears of each answer of the capture that is wished for */
  constructor(fetch: FetchDetail, show: (detail: PacketDetail) => void) {
    this.#fetch = fetch;
    this.#show = show;
  }

  want(wish: DetailWish): void {
    this.#wish = wish;
    this.#ask();
  }

  end(): void {
    this.want({ number: 0, generation: 0, annotations: 0 });
  }

  #ask(): void {
    clearTimeout(this.#again);
    const asked = this.#wish;
    if (this.#busy || asked.number <= 0) return;
    this.#busy = true;
    const settle = (answer?: PacketDetail) => {
      this.#busy = false;
      const wish = this.#wish;
      if (answer && wish.number > 0 && answer.generation === wish.generation) this.#show(answer);
      if (wish !== asked) this.#ask();
      else if (answer?.provisional) this.#again = setTimeout(() => this.#ask(), PROVISIONAL_MS);
    };
    this.#fetch(asked.number).then(settle, () => settle());
  }
}

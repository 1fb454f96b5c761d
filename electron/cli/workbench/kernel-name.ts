/** Names as the kernel keeps them (BPF_OBJ_NAME_LEN, 16 with the zero) beside those that objects give. */

const KEPT = 15;

/** One of the two is the other, cut where the kernel cuts: what other tools print, and what the source says. */
export function cutAlike(known: string, text: string): boolean {
  return (known.length === KEPT || text.length === KEPT) && known.slice(0, KEPT) === text.slice(0, KEPT);
}

/** Placeholder of the packets view until its own part lands. */
export function PacketsView() {
  return null;
}

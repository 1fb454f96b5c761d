/** Placeholder of the flows view until its own part lands. */
export function FlowsView() {
  return null;
}

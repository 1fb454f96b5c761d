/** Five echo requests, each of which must be answered, however late: for the last answer ping waits no longer than its interval, and goes once all are there. */
export const FIVE_PINGS = ['-n', '-c', '5', '-l', '5', '-i', '10', '-W', '10'] as const;

/** The one browser of this run and the custom protocols it serves. Windows wait for it. */
import type { Browser } from './chromium.ts';

export type ProtocolHandler = (request: Request) => Response | Promise<Response>;

export const protocols = new Map<string, ProtocolHandler>();
export const privilegedSchemes = new Set<string>();

let announce: (browser: Browser) => void;
export const browser = new Promise<Browser>((resolve) => {
  announce = resolve;
});

export function browserIsUp(started: Browser): void {
  announce(started);
}

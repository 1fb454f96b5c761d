/** Text that the page gives to be saved as a blob: the app's own dialog for such a download is Electron's, which no page sees. */
import type { Page } from '@playwright/test';

type Offers = { offered: Blob[] };

/** @param offer makes the page offer it, at once or soon */
export async function offeredText(page: Page, offer: () => Promise<void>): Promise<string> {
  await page.evaluate(() => {
    const create = URL.createObjectURL;
    const blobs: Blob[] = [];
    Object.assign(globalThis, { offered: blobs });
    URL.createObjectURL = (blob) => {
      blobs.push(blob as Blob);
      return create(blob);
    };
  });
  await offer();
  await page.waitForFunction(() => (globalThis as unknown as Offers).offered.length > 0);
  return page.evaluate(() => (globalThis as unknown as Offers).offered[0]!.text());
}

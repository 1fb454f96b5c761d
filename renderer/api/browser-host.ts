/** HostApi of a plain browser tab: a file picker and an upload to open, a download to save. */
import type { HostApi } from '../../electron/shared/api.ts';
import { type ErrorData, XdpeekError } from '../../electron/shared/errors.ts';

async function upload(file: File, door: '/upload' | '/key-log' = '/upload'): Promise<void> {
  const answer = await fetch(`${door}?name=${encodeURIComponent(file.name)}`, { method: 'POST', body: file });
  if (answer.ok) return;
  const text = await answer.text();
  throw new XdpeekError(
    errorOf(text) ?? { code: 'UPLOAD', message: `upload of ${file.name} failed: ${text || answer.status}` },
  );
}

/** The server's ErrorData, where the body is one. */
function errorOf(text: string): ErrorData | undefined {
  try {
    const data = JSON.parse(text) as Partial<ErrorData>;
    return typeof data.code === 'string' && typeof data.message === 'string' ? (data as ErrorData) : undefined;
  } catch {
    return undefined;
  }
}

function pickFile(accept = '.pcap,.pcapng,.cap,.dmp'): Promise<File | undefined> {
  return new Promise((resolve) => {
    const input = document.createElement('input');
    input.type = 'file';
    input.accept = accept;
    input.hidden = true;
    const settle = (file?: File) => {
      input.remove();
      resolve(file);
    };
    input.addEventListener('change', () => settle(input.files?.[0]));
    input.addEventListener('cancel', () => settle());
    // In the page, not loose: a loose element can be collected while the picker is open, and its answer lost.
    document.body.append(input);
    input.click();
  });
}

export const browserHost: HostApi = {
  kind: 'serve',
  async openCapture() {
    const file = await pickFile();
    if (!file) return false;
    await upload(file);
    return true;
  },
  async openKeyLog() {
    const file = await pickFile('');
    if (!file) return false;
    await upload(file, '/key-log');
    return true;
  },
  async openDropped(file) {
    await upload(file as File);
  },
  async saveCapture(suggestedName) {
    const link = document.createElement('a');
    link.href = '/capture.pcapng';
    link.download = suggestedName;
    link.click();
    return true;
  },
};

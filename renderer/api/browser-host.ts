/** HostApi of a plain browser tab: a file picker and an upload to open, a download to save. */
import type { HostApi, RecentFile } from '../../electron/shared/api.ts';
import { type ErrorData, XdpeekError } from '../../electron/shared/errors.ts';
import type { ExportRequest } from '../../electron/shared/export.ts';
import { readObjectFile } from './object-file.ts';

type Upload = { name: string; done: number; total: number };

const listeners = new Set<(upload: Upload | undefined) => void>();
/** Aborts what is on its way. */
let sending: XMLHttpRequest | undefined;

function tell(upload: Upload | undefined): void {
  for (const listener of listeners) listener(upload);
}

/** By XMLHttpRequest: fetch tells nothing of how far a body is. */
function send(file: File, door: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const failed = (code: string, message: string) => reject(new XdpeekError({ code, message }));
    sending = request;
    request.open('POST', door);
    request.upload.onprogress = ({ loaded }) => tell({ name: file.name, done: loaded, total: file.size });
    request.onerror = () => failed('UPLOAD', `${file.name} could not be sent: the connection to xdpeek is gone`);
    request.onabort = () => failed('CANCELLED', `${file.name} was not opened`);
    request.onload = () => {
      if (request.status === 200) return resolve();
      const text = request.responseText;
      const message = `upload of ${file.name} failed: ${text || request.status}`;
      reject(new XdpeekError(errorOf(text) ?? { code: 'UPLOAD', message }));
    };
    request.send(file);
  });
}

async function upload(files: readonly File[], door: '/upload' | '/key-log' = '/upload'): Promise<void> {
  try {
    for (const [at, file] of files.entries())
      await send(file, `${door}?name=${encodeURIComponent(file.name)}&at=${at}&of=${files.length}`);
  } finally {
    sending = undefined;
    tell(undefined);
  }
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

/** Rejects with the server's own reason where it has one. */
async function asked<T>(door: string, method: 'GET' | 'POST'): Promise<T> {
  const answer = await fetch(door, { method }).catch(() => undefined);
  if (answer?.ok) return answer.json();
  const text = (await answer?.text()) ?? '';
  throw new XdpeekError(
    errorOf(text) ?? {
      code: 'SERVE',
      message: answer ? `xdpeek answered ${answer.status}` : 'the connection to xdpeek is gone',
    },
  );
}

const CAPTURES = '.pcap,.pcapng,.cap,.dmp,.gz,.zst,.lz4';

/** None = dismissed. */
function pickFiles(accept: string, multiple: boolean): Promise<File[]> {
  return new Promise((resolve) => {
    const input = document.createElement('input');
    input.type = 'file';
    input.accept = accept;
    input.multiple = multiple;
    input.hidden = true;
    const settle = (files: Iterable<File>) => {
      input.remove();
      resolve([...files]);
    };
    input.addEventListener('change', () => settle(input.files ?? []));
    input.addEventListener('cancel', () => settle([]));
    // In the page, not loose: a loose element can be collected while the picker is open, and its answer lost.
    document.body.append(input);
    input.click();
  });
}

async function openPicked(accept: string, door: '/upload' | '/key-log'): Promise<boolean> {
  const files = await pickFiles(accept, door === '/upload');
  if (files.length > 0) await upload(files, door);
  return files.length > 0;
}

function download(href: string, name: string): void {
  const link = document.createElement('a');
  link.href = href;
  link.download = name;
  link.click();
}

const exportPath = (request: ExportRequest, name: string) =>
  `/export?${new URLSearchParams({ what: JSON.stringify(request), name })}`;

export const browserHost: HostApi = {
  kind: 'serve',
  openCapture: () => openPicked(CAPTURES, '/upload'),
  openKeyLog: () => openPicked('', '/key-log'),
  async openObject() {
    const [file] = await pickFiles('.o,.bpf,.elf', false);
    return file === undefined ? null : readObjectFile(file);
  },
  openDropped: (files) => upload(files as File[]),
  recentFiles: () => asked<RecentFile[]>('/recent', 'GET'),
  openRecent: (token) => asked<void>(`/recent?${new URLSearchParams({ token })}`, 'POST'),
  forgetRecent: () => asked<void>('/recent/forget', 'POST'),
  async saveCapture(suggestedName) {
    download('/capture.pcapng', suggestedName);
    return true;
  },
  async exportPackets(request, suggestedName) {
    download(exportPath(request, suggestedName), suggestedName);
    return true;
  },
  dragData(request, name) {
    const url = new URL(exportPath(request, name), location.href).href;
    return [
      { type: 'DownloadURL', value: `application/vnd.tcpdump.pcap:${name}:${url}` },
      { type: 'text/uri-list', value: url },
    ];
  },
  onUpload(listener) {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
  cancelUpload: () => sending?.abort(),
};

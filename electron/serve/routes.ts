/** What the server answers: the window's files, the token exchange, the doors for files to come in, be opened again and go out. Nothing else exists. */
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorData } from '../shared/errors.ts';
import type { ExportRequest } from '../shared/export.ts';
import { exportRequest } from '../shared/export-checks.ts';
import type { Access } from './access.ts';
import type { ServedBackend } from './backend.ts';
import { refuseRequest } from './guard.ts';
import type { RecentFiles } from './recent.ts';
import { securityHeaders } from './security-headers.ts';
import type { StaticFile } from './static-files.ts';
import { partOf, type Uploads, uploadName } from './upload.ts';
import { ONLY_LOOKING } from './viewer.ts';

export interface Site {
  readonly access: Access;
  readonly backend: ServedBackend;
  readonly files: ReadonlyMap<string, StaticFile>;
  readonly uploads: Uploads;
  readonly recent: RecentFiles;
  /** A token was just used. */
  onEntered(): void;
}

const NO_KEY =
  'Open the link that xdpeek serve printed. Each link works once; press Enter in that terminal for another.\n';

export async function answer(site: Site, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { headers, method = 'GET' } = request;
  const refusal = refuseRequest(headers, method);
  const host = headers.host ?? '';
  for (const [name, value] of Object.entries(securityHeaders(refusal ? '127.0.0.1' : host)))
    response.setHeader(name, value);
  if (refusal) return plain(response, refusal.status, `${refusal.why}\n`);
  const url = URL.parse(request.url ?? '/', `http://${host}`);
  if (!url) return plain(response, 400, 'The address cannot be read.\n');
  if (url.pathname === '/' && url.searchParams.has('token')) return enter(site, request, response, url);
  const role = site.access.admits(headers.cookie);
  if (!role) return plain(response, 401, NO_KEY);
  const reads = method === 'GET' || method === 'HEAD';
  if (role === 'viewer' && !reads) {
    response.setHeader('connection', 'close');
    return json(response, 403, ONLY_LOOKING);
  }
  if (url.pathname === '/upload')
    return method === 'POST' ? upload(site, request, response, url) : wrongMethod(response, 'POST');
  if (url.pathname === '/key-log')
    return method === 'POST' ? keyLog(site, request, response, url) : wrongMethod(response, 'POST');
  if (url.pathname === '/recent') return recent(site, method, response, url);
  if (url.pathname === '/recent/forget')
    return method === 'POST' ? received(response, '', () => site.recent.forget()) : wrongMethod(response, 'POST');
  if (!reads) return wrongMethod(response, 'GET, HEAD');
  if (url.pathname === '/capture.pcapng') return download(site, method, response);
  if (url.pathname === '/export') return exportPackets(site, method, response, url);
  return file(site, method, response, url);
}

/** The link: a right token becomes a cookie, and the address loses the token before anything else can see it. */
async function enter(
  site: Site,
  { headers, method }: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  if (method !== 'GET') return wrongMethod(response, 'GET');
  // A browser that guesses what will be typed must not use the link up.
  if (headers['sec-purpose']?.includes('prefetch')) return plain(response, 503, 'Not ahead of time.\n');
  const cookie = site.access.exchange(url.searchParams.get('token')!);
  if (cookie) {
    response.setHeader('set-cookie', cookie);
    site.onEntered();
  } else if (!site.access.admits(headers.cookie))
    return plain(response, 401, `This link was used already, or never was one. ${NO_KEY}`);
  response.setHeader('location', '/');
  return plain(response, 303, '');
}

async function upload(site: Site, request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  const name = uploadName(url.searchParams.get('name'));
  await received(response, name, () => {
    const part = partOf(name, url.searchParams.get('at'), url.searchParams.get('of'));
    return site.uploads.take(request, part, (paths, names) => site.backend.openFile(paths, names));
  });
}

/** The list, or one of it to be opened. */
async function recent(site: Site, method: string, response: ServerResponse, url: URL): Promise<void> {
  if (method === 'GET') return json(response, 200, site.recent.list());
  if (method !== 'POST') return wrongMethod(response, 'GET, POST');
  await received(response, '', async () => {
    const found = site.recent.of(url.searchParams.get('token') ?? '');
    await site.backend.openFile([found.path], [found.name]);
    await site.recent.add([found]);
  });
}

async function keyLog(site: Site, request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  const name = uploadName(url.searchParams.get('name'));
  await received(response, name, () => site.uploads.lend(request, (path) => site.backend.openKeyLog(path, name)));
}

/** Answers with the name that is shown, or with why the file was not taken. */
async function received(response: ServerResponse, name: string, take: () => Promise<void>): Promise<void> {
  try {
    await take();
    json(response, 200, { name });
  } catch (error) {
    const data = errorData(error);
    const status = { EFBIG: 413, EBUSY: 409, ENOSPC: 507 }[data.code] ?? 422;
    // The rest of the body will not be read: the connection cannot be used again.
    response.setHeader('connection', 'close');
    json(response, status, data);
  }
}

async function download(site: Site, method: string, response: ServerResponse): Promise<void> {
  if (!site.backend.hasCapture()) return plain(response, 404, 'There is no capture to save.\n');
  response.setHeader('content-type', 'application/vnd.tcpdump.pcap');
  response.setHeader('content-disposition', 'attachment; filename="capture.pcapng"');
  if (method === 'HEAD') return void response.end();
  // A failure in the middle must not look like a complete file.
  await site.backend.saveCapture(response).catch(() => response.destroy());
}

/** Chosen packets: `what` is an ExportRequest as JSON, `name` the file's. */
async function exportPackets(site: Site, method: string, response: ServerResponse, url: URL): Promise<void> {
  if (!site.backend.hasCapture()) return plain(response, 404, 'There is no capture to export from.\n');
  let request: ExportRequest;
  try {
    request = exportRequest(JSON.parse(url.searchParams.get('what') ?? ''), 'what');
  } catch (error) {
    return plain(response, 400, `${errorData(error).message}\n`);
  }
  const name = uploadName(url.searchParams.get('name'));
  response.setHeader('content-type', 'application/vnd.tcpdump.pcap');
  response.setHeader('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(name)}`);
  if (method === 'HEAD') return void response.end();
  await site.backend.exportPackets(request, response, name).catch((error) => {
    if (response.headersSent || response.destroyed) return void response.destroy();
    response.removeHeader('content-disposition');
    plain(response, 409, `${errorData(error).message}\n`);
  });
}

async function file(site: Site, method: string, response: ServerResponse, url: URL): Promise<void> {
  const found = site.files.get(url.pathname);
  if (!found) return plain(response, 404, 'There is nothing here.\n');
  const bytes = await readFile(found.path);
  response.setHeader('content-type', found.type);
  response.setHeader('content-length', bytes.length);
  response.end(method === 'HEAD' ? undefined : bytes);
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(value));
}

function plain(response: ServerResponse, status: number, text: string): void {
  // A refused body is not read: the connection ends with the answer.
  if (status >= 400) response.setHeader('connection', 'close');
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(text);
}

function wrongMethod(response: ServerResponse, allow: string): void {
  response.setHeader('allow', allow);
  plain(response, 405, 'Not that way.\n');
}

/** NetBIOS names: sixteen bytes, the last says what kind of thing has the name; on wires two letters a byte (RFC 1001 §14.1). */

const KINDS: Record<number, string> = {
  0: 'Workstation/Redirector',
  1: 'Browser',
  2: 'Workstation/Redirector',
  3: 'Messenger service/Main name',
  5: 'Forwarded name',
  6: 'RAS Server service',
  27: 'Domain Master Browser',
  28: 'Domain Controllers',
  29: 'Local Master Browser',
  30: 'Browser Election Service',
  31: 'Net DDE Service',
  32: 'Server service',
  33: 'RAS client service',
  34: 'Exchange Interchange (MSMail Connector)',
  35: 'Exchange Store',
  36: 'Exchange Directory',
  43: 'Lotus Notes Server service',
  48: 'Modem sharing server service',
  49: 'Modem sharing client service',
  67: 'SMS Clients Remote Control',
  68: 'SMS Administrators Remote Control Tool',
  69: 'SMS Clients Remote Chat',
  70: 'SMS Clients Remote Transfer',
  76: 'DEC Pathworks TCP/IP Service on Windows NT',
  82: 'DEC Pathworks TCP/IP Service on Windows NT',
  106: 'Microsoft Exchange IMC',
  135: 'Microsoft Exchange MTA',
  190: 'Network Monitor Agent',
  191: 'Network Monitor Analyzer',
};
const LENGTH = 16;
const A = 65;

export interface NetbiosName {
  /** Without the padding; unprintable bytes as <xx>. */
  plain: string;
  /** "FILES<20>". */
  text: string;
  /** "FILES<20> (Server service)". */
  full: string;
}

/** Of sixteen bytes. */
export function netbiosName(bytes: Uint8Array, at: number): NetbiosName {
  let plain = '';
  for (let i = 0; i < LENGTH - 1; i++) {
    const byte = bytes[at + i] ?? 0;
    plain += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `<${byte.toString(16).padStart(2, '0')}>`;
  }
  plain = plain.trimEnd();
  const kind = bytes[at + LENGTH - 1] ?? 0;
  const text = `${plain}<${kind.toString(16).padStart(2, '0')}>`;
  // The name that stands for all names has no kind.
  const words = plain.startsWith('*') ? undefined : KINDS[kind];
  return { plain, text, full: words === undefined ? text : `${text} (${words})` };
}

/** Of the letters of a first label, as a DNS name has them; undefined when it is no such name. */
export function decodeNetbios(text: string): NetbiosName | undefined {
  const [label = '', ...scope] = text.split('.');
  if (!/^[A-P]{32}$/.test(label)) return undefined;
  const bytes = new Uint8Array(LENGTH);
  for (let i = 0; i < LENGTH; i++) bytes[i] = ((label.charCodeAt(2 * i) - A) << 4) | (label.charCodeAt(2 * i + 1) - A);
  const { plain, text: named, full } = netbiosName(bytes, 0);
  if (scope.length === 0) return { plain, text: named, full };
  const after = `.${scope.join('.')}`;
  return { plain, text: named + after, full: full + after };
}

/** The hooks in words, and why one cannot be had on this machine. */
import type { AttachmentInfo, Capabilities, Hook, XdpMode } from '../../../electron/shared/capture.ts';
import type { HookChoice } from '../../state/prefs.ts';
import type { SelectOption } from '../../ui/index.ts';

const HOOK_OPTIONS: readonly SelectOption<HookChoice>[] = [
  { value: 'xdp', label: 'XDP', detail: 'Received packets in the driver, before the stack' },
  { value: 'tc-ingress', label: 'tc ingress', detail: 'Received packets as they enter the stack' },
  { value: 'tc-egress', label: 'tc egress', detail: 'Sent packets as they leave the stack' },
  { value: 'tc-both', label: 'tc both', detail: 'Received and sent packets' },
  {
    value: 'observe',
    label: 'Observe XDP',
    detail: 'Packets before and after the XDP program that is attached already, with its verdict',
  },
  { value: 'socket', label: 'Socket', detail: 'Both directions, as tcpdump sees them; on any interface' },
  {
    value: 'afxdp',
    label: 'AF_XDP',
    detail: 'Takes matching packets out of the stack into AF_XDP sockets: their receiver does not get them',
  },
];

export const MODE_OPTIONS: readonly SelectOption<XdpMode>[] = [
  { value: 'auto', label: 'Auto', detail: 'Native where the driver has it, else generic' },
  { value: 'native', label: 'Native', detail: 'In the driver: fastest; fails where the driver has no XDP' },
  { value: 'generic', label: 'Generic', detail: 'In the stack: works on every driver' },
  { value: 'offload', label: 'Offload', detail: 'On the network card, where it can run XDP programs' },
];

/** Hooks that the kernel refuses stay in the list, with the reason in place of the explanation. */
export function hookOptions(capabilities: Capabilities | undefined): SelectOption<HookChoice>[] {
  const missing: Partial<Record<HookChoice, string>> = {};
  if (capabilities?.fentry === false)
    missing.observe = 'Not here: this kernel refuses fentry programs, which observing needs';
  if (capabilities?.afXdp === false) missing.afxdp = 'Not here: this kernel was built without AF_XDP sockets';
  return HOOK_OPTIONS.map((option) => {
    const detail = missing[option.value];
    return detail === undefined ? option : { ...option, detail, disabled: true };
  });
}

export const usesXdpMode = (hook: HookChoice): boolean => hook === 'xdp' || hook === 'afxdp';

const HOOK_WORDS: Record<Hook, string> = {
  xdp: 'XDP',
  'tc-ingress': 'tc ingress',
  'tc-egress': 'tc egress',
  observe: 'observe',
  socket: 'packet socket',
  afxdp: 'AF_XDP',
};

/** "XDP native", "tc ingress (clsact)", "before xdp_firewall" */
export function attachmentWords({ hook, actualMode, via, observed }: AttachmentInfo): string {
  if (observed) return `${observed.side} ${observed.name}`;
  const how = via === 'clsact' ? '(clsact)' : (actualMode ?? '');
  return `${HOOK_WORDS[hook]} ${how}`.trim();
}

export const VIA_WORDS: Record<AttachmentInfo['via'], string> = {
  'xdp-link': 'held by a bpf_link: the kernel detaches it if xdpeek dies',
  'tcx-link': 'held by a TCX link: the kernel detaches it if xdpeek dies',
  clsact: 'a clsact filter: journalled, and removed at the next start if xdpeek dies',
  'tracing-link': 'held by a tracing link: the observed program runs on as it was when it goes',
  socket: 'held by a socket: gone with it',
};

/** One interface of those that there are, by namespace. Who shows it keeps the list fresh (useInterfaceWatch). */
import type { InterfaceInfo } from '../../../electron/shared/capture.ts';
import { groupByNetns, interfaceKey } from '../../state/interfaces.ts';
import { useSession } from '../../state/session.ts';
import { PlatformSelect } from '../../ui/index.ts';

export interface InterfaceSelectProps {
  label: string;
  ifname: string;
  netns: string;
  onChange(place: { ifname: string; netns: string }): void;
}

export function InterfaceSelect({ label, ifname, netns, onChange }: InterfaceSelectProps) {
  const interfaces = useSession((s) => s.interfaces);
  const groups = groupByNetns(interfaces).map(({ netns: name, interfaces: list }) => ({
    label: name === '' ? 'This namespace' : `Namespace ${name}`,
    options: list.map((info) => ({ value: interfaceKey(info), label: words(info) })),
  }));
  return (
    <PlatformSelect
      label={label}
      value={ifname === '' ? '' : interfaceKey({ ifname, netns })}
      groups={[{ options: [{ value: '', label: 'Choose an interface', disabled: true }] }, ...groups]}
      onChange={(key) => {
        const info = interfaces.find((each) => interfaceKey(each) === key);
        if (info) onChange({ ifname: info.ifname, netns: info.netns ?? '' });
      }}
    />
  );
}

function words({ ifname, driver, kind, loopback, up, attached }: InterfaceInfo): string {
  const there = attached.find(({ hook }) => hook === 'xdp');
  return [ifname, driver ?? kind ?? (loopback ? 'loopback' : ''), up ? '' : 'down', there && `XDP: ${there.name}`]
    .filter(Boolean)
    .join(' · ');
}

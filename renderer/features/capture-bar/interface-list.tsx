/** The picker's list, mounted while it is open: that is when the interface topic is worth its netlink dump. */
import { Command } from 'cmdk';
import type { InterfaceInfo } from '../../../electron/shared/capture.ts';
import { groupByNetns, interfaceKey, RATE_POINTS, ratesOf, useInterfaceWatch } from '../../state/interfaces.ts';
import { useSession } from '../../state/session.ts';
import { packetRate, Sparkline, Ticker } from '../../ui/index.ts';
import styles from './interface-picker.module.css';
import { StateDot } from './interface-picker.tsx';

const onSession = (paint: () => void) => useSession.subscribe(paint);

export function InterfaceList({ onChoose, chosen }: { onChoose(info: InterfaceInfo): void; chosen: string }) {
  useInterfaceWatch();
  const groups = groupByNetns(useSession((s) => s.interfaces));
  const known = useSession((s) => s.interfacesKnown);
  return (
    <Command className={styles.command} label="Interfaces" defaultValue={chosen} loop>
      <Command.Input className={styles.search} placeholder="Find by name, driver or address" autoFocus />
      <Command.List className={styles.list}>
        <Command.Empty className={styles.none}>
          {known ? 'No interface matches.' : 'Reading the interfaces…'}
        </Command.Empty>
        {groups.map(({ netns, interfaces }) => (
          <Command.Group key={netns} heading={netns === '' ? 'This namespace' : `Namespace ${netns}`}>
            {interfaces.map((info) => (
              <Row key={interfaceKey(info)} info={info} onChoose={onChoose} />
            ))}
          </Command.Group>
        ))}
      </Command.List>
    </Command>
  );
}

function Row({ info, onChoose }: { info: InterfaceInfo; onChoose(info: InterfaceInfo): void }) {
  const key = interfaceKey(info);
  const what = [
    info.driver ?? info.kind ?? (info.loopback ? 'loopback' : 'unknown driver'),
    ...info.addresses.slice(0, 1),
  ];
  const total = () => ratesOf(info).map((rate) => rate.rxPps + rate.txPps);
  return (
    <Command.Item
      className={styles.row}
      value={key}
      keywords={[info.ifname, info.driver ?? '', info.kind ?? '', info.mac ?? '', ...info.addresses]}
      onSelect={() => onChoose(info)}
    >
      <StateDot info={info} />
      <span className={styles.rowName}>{info.ifname}</span>
      <span className={styles.rowWhat}>{what.join(' · ')}</span>
      <Sparkline className={styles.spark} values={total} points={RATE_POINTS} subscribe={onSession} />
      <Ticker className={styles.rate} subscribe={onSession} width={9} text={() => packetRate(total().at(-1) ?? 0)} />
    </Command.Item>
  );
}

/** The picker's list, mounted while it is open: that is when the interface topic is worth its netlink dump. */
import { Command } from 'cmdk';
import { type KeyboardEvent, useState } from 'react';
import { type InterfaceInfo, MAX_TARGETS } from '../../../electron/shared/capture.ts';
import { chosenPlaces, toggleChosen } from '../../state/capture-control.ts';
import { groupByNetns, interfaceKey, RATE_POINTS, ratesOf, useInterfaceWatch } from '../../state/interfaces.ts';
import { usePrefs } from '../../state/prefs.ts';
import { useSession } from '../../state/session.ts';
import { Kbd, packetRate, Sparkline, Ticker } from '../../ui/index.ts';
import styles from './interface-picker.module.css';
import { StateDot } from './interface-picker.tsx';

const onSession = (paint: () => void) => useSession.subscribe(paint);

export function InterfaceList({ onChoose }: { onChoose(info: InterfaceInfo): void }) {
  useInterfaceWatch();
  const places = chosenPlaces(usePrefs());
  const chosen = new Set(places.map(({ ifname, netns }) => `${netns}/${ifname}`));
  const [at, setAt] = useState([...chosen][0] ?? '');
  const groups = groupByNetns(useSession((s) => s.interfaces));
  const known = useSession((s) => s.interfacesKnown);
  // Before cmdk's own handler, for which Enter alone is the choice.
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !event.ctrlKey) return;
    event.preventDefault();
    event.stopPropagation();
    const info = groups.flatMap(({ interfaces }) => interfaces).find((each) => interfaceKey(each) === at);
    if (info) toggleChosen(info);
  };
  return (
    <Command
      className={styles.command}
      label="Interfaces"
      value={at}
      onValueChange={setAt}
      onKeyDownCapture={onKeyDown}
      loop
    >
      <Command.Input className={styles.search} placeholder="Find by name, driver or address" autoFocus />
      <Command.List className={styles.list}>
        <Command.Empty className={styles.none}>
          {known ? 'No interface matches.' : 'Reading the interfaces…'}
        </Command.Empty>
        {groups.map(({ netns, interfaces }) => (
          <Command.Group key={netns} heading={netns === '' ? 'This namespace' : `Namespace ${netns}`}>
            {interfaces.map((info) => (
              <Row
                key={interfaceKey(info)}
                info={info}
                chosen={chosen.has(interfaceKey(info))}
                full={places.length >= MAX_TARGETS}
                onChoose={onChoose}
              />
            ))}
          </Command.Group>
        ))}
      </Command.List>
      <p className={styles.foot}>
        Enter takes one. Tick several, or press <Kbd keys="Ctrl+Enter" />, to capture them together.
      </p>
    </Command>
  );
}

interface RowProps {
  info: InterfaceInfo;
  chosen: boolean;
  /** As many are chosen as one capture can have. */
  full: boolean;
  onChoose(info: InterfaceInfo): void;
}

function Row({ info, chosen, full, onChoose }: RowProps) {
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
      <input
        type="checkbox"
        className={styles.tick}
        tabIndex={-1}
        checked={chosen}
        disabled={!chosen && full}
        aria-label={`Capture ${info.ifname} together with others`}
        onClick={(event) => event.stopPropagation()}
        onChange={() => toggleChosen(info)}
      />
      <StateDot info={info} />
      <span className={styles.rowName}>{info.ifname}</span>
      <span className={styles.rowWhat}>{what.join(' · ')}</span>
      <Sparkline className={styles.spark} values={total} points={RATE_POINTS} subscribe={onSession} />
      <Ticker className={styles.rate} subscribe={onSession} width={9} text={() => packetRate(total().at(-1) ?? 0)} />
    </Command.Item>
  );
}

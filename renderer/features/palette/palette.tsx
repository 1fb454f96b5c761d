import { Command } from 'cmdk';
import { runCommand, useCommands } from '../../state/commands.ts';
import { showPalette, useView } from '../../state/view.ts';
import { Dialog, Kbd } from '../../ui/index.ts';
import styles from './palette.module.css';

export function Palette() {
  const open = useView((s) => s.palette);
  return open ? <OpenPalette /> : null;
}

function OpenPalette() {
  const commands = useCommands((s) => s.commands);
  const sections = new Map<string, (typeof usable)[number][]>();
  const usable = [...commands.values()].filter(
    (command) => command.id !== 'palette.open' && command.enabled?.() !== false,
  );
  for (const command of usable) sections.set(command.section, [...(sections.get(command.section) ?? []), command]);
  return (
    <Dialog label="Command palette" className={styles.dialog} onClose={() => showPalette(false)}>
      <Command label="Command palette" loop>
        <Command.Input className={styles.input} placeholder="What should happen?" autoFocus />
        <Command.List className={styles.list}>
          <Command.Empty className={styles.none}>No action matches.</Command.Empty>
          {[...sections].map(([section, members]) => (
            <Command.Group key={section} heading={section}>
              {members.map((command) => (
                <Command.Item
                  key={command.id}
                  className={styles.item}
                  value={`${section} ${command.label}`}
                  onSelect={() => {
                    showPalette(false);
                    runCommand(command.id);
                  }}
                >
                  <span>{command.label}</span>
                  {command.keys && <Kbd keys={command.keys} />}
                </Command.Item>
              ))}
            </Command.Group>
          ))}
        </Command.List>
      </Command>
    </Dialog>
  );
}

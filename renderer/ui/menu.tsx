/**
 * Menus of actions: `Menu` under a button, `ContextMenu` under the pointer (and the menu key). Entries are data, so every
 * menu shows the key of its action. Non-modal: Radix's modal mode injects a <style> element, which the CSP forbids.
 */
import { DropdownMenu, ContextMenu as RadixContext } from 'radix-ui';
import type { ReactElement, ReactNode } from 'react';
import { Kbd } from './kbd.tsx';
import styles from './menu.module.css';

export type MenuEntry =
  | 'separator'
  | { heading: string }
  | {
      label: string;
      keys?: string | undefined;
      icon?: ReactNode;
      disabled?: boolean;
      /** Present = a check item. */
      checked?: boolean;
      run(): void;
    };

type Parts = typeof DropdownMenu | typeof RadixContext;

function Entries({ parts, entries }: { parts: Parts; entries: readonly MenuEntry[] }) {
  return entries.map((entry, index) => {
    // Entries have no identity but their place.
    const key = index;
    if (entry === 'separator') return <parts.Separator key={key} className={styles.separator} />;
    if ('heading' in entry)
      return (
        <parts.Label key={key} className={styles.label}>
          {entry.heading}
        </parts.Label>
      );
    const body = (
      <>
        {entry.icon}
        <span>{entry.label}</span>
        <span className={styles.hint}>{entry.keys && <Kbd keys={entry.keys} />}</span>
      </>
    );
    const shared = { className: styles.item, disabled: entry.disabled ?? false, onSelect: () => entry.run() };
    if (entry.checked === undefined)
      return (
        <parts.Item key={key} {...shared}>
          {body}
        </parts.Item>
      );
    return (
      <parts.CheckboxItem key={key} {...shared} checked={entry.checked}>
        <span className={styles.tick}>{entry.checked ? '✓' : ''}</span>
        {body}
      </parts.CheckboxItem>
    );
  });
}

export function Menu({ trigger, entries }: { trigger: ReactElement; entries: readonly MenuEntry[] }) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className={styles.menu} align="start" sideOffset={4} collisionPadding={8}>
          <Entries parts={DropdownMenu} entries={entries} />
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

export function ContextMenu({ children, entries }: { children: ReactElement; entries: readonly MenuEntry[] }) {
  return (
    <RadixContext.Root modal={false}>
      <RadixContext.Trigger asChild>{children}</RadixContext.Trigger>
      <RadixContext.Portal>
        <RadixContext.Content className={styles.menu} collisionPadding={8}>
          <Entries parts={RadixContext} entries={entries} />
        </RadixContext.Content>
      </RadixContext.Portal>
    </RadixContext.Root>
  );
}

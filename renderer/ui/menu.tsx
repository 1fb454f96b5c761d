/**
 * Menus of actions: `Menu` under a button, `ContextMenu` under the pointer (and the menu key). Entries are data, so every
 * menu shows the key of its action. Non-modal: Radix's modal mode injects a <style> element, which the CSP forbids.
 */
import { Check } from 'lucide-react';
import { DropdownMenu, ContextMenu as RadixContext } from 'radix-ui';
import type { MouseEvent, ReactElement, ReactNode } from 'react';
import { Kbd } from './kbd.tsx';
import { useLayer } from './layer.ts';
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
        <span className={styles.tick}>{entry.checked && <Check aria-hidden />}</span>
        {body}
      </parts.CheckboxItem>
    );
  });
}

export function Menu({ trigger, entries }: { trigger: ReactElement; entries: readonly MenuEntry[] }) {
  const container = useLayer();
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal container={container}>
        <DropdownMenu.Content className={styles.menu} align="start" sideOffset={4} collisionPadding={8}>
          <Entries parts={DropdownMenu} entries={entries} />
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

/**
 * For `onContextMenu` of a list that has the focus: the menu key is pressed there, while the menu belongs to the selected row, and opens
 * at it.
 */
export function menuAtSelected(event: MouseEvent<HTMLElement>): void {
  if (event.target !== event.currentTarget) return;
  const row = event.currentTarget.querySelector('[aria-selected="true"]');
  if (!row) return;
  event.preventDefault();
  const { left, bottom } = row.getBoundingClientRect();
  const at = { clientX: left + 24, clientY: bottom };
  row.dispatchEvent(new globalThis.MouseEvent('contextmenu', { bubbles: true, cancelable: true, ...at }));
}

export function ContextMenu({ children, entries }: { children: ReactElement; entries: readonly MenuEntry[] }) {
  const container = useLayer();
  return (
    <RadixContext.Root modal={false}>
      <RadixContext.Trigger asChild>{children}</RadixContext.Trigger>
      <RadixContext.Portal container={container}>
        <RadixContext.Content className={styles.menu} collisionPadding={8}>
          <Entries parts={RadixContext} entries={entries} />
        </RadixContext.Content>
      </RadixContext.Portal>
    </RadixContext.Root>
  );
}

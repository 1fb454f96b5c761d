/**
 * Resizable panes whose sizes are remembered under `id`. Children alternate freely: <Panes id="packets"><Pane id="list"/>
 * <Pane id="detail"/></Panes>; the separators are put in between, reachable by keyboard (arrow keys move them).
 */
import { Children, Fragment, isValidElement, type ReactNode } from 'react';
import { Group, Panel, type PanelProps, Separator, useDefaultLayout } from 'react-resizable-panels';
import { cx } from './cx.ts';
import styles from './panes.module.css';

export interface PanesProps {
  id: string;
  orientation: 'horizontal' | 'vertical';
  children: ReactNode;
  className?: string;
}

export function Panes({ id, orientation, children, className }: PanesProps) {
  const panes = Children.toArray(children).filter(isValidElement<PaneProps>);
  const { defaultLayout, onLayoutChanged } = useDefaultLayout({
    id: `xdpeek.panes.${id}`,
    panelIds: panes.map((pane) => pane.props.id),
    storage: localStorage,
  });
  return (
    <Group
      id={id}
      className={cx(styles.group, className)}
      orientation={orientation}
      defaultLayout={defaultLayout}
      onLayoutChanged={onLayoutChanged}
    >
      {panes.map((pane, index) => (
        <Fragment key={pane.props.id}>
          {index > 0 && <Separator className={cx(styles.separator, styles[orientation])} />}
          {pane}
        </Fragment>
      ))}
    </Group>
  );
}

export interface PaneProps extends Omit<PanelProps, 'id'> {
  id: string;
}

/** Sizes are percentages ("40%") or pixels (240). */
export function Pane({ className, ...rest }: PaneProps) {
  return <Panel className={cx(styles.pane, className)} {...rest} />;
}

/** A key combination as people read it: "Ctrl+Shift+P" → Ctrl ⇧ P keycaps. */
import styles from './kbd.module.css';

export function Kbd({ keys }: { keys: string }) {
  return (
    <kbd className={styles.kbd}>
      {keys.split('+').map((key) => (
        <span key={key} className={styles.key}>
          {key}
        </span>
      ))}
    </kbd>
  );
}

/** Ctrl+G: a packet's number, Enter goes there, Escape leaves. A number that is not there says what there is. */
import { Hash } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { grouped, IconButton, TextField } from '../../ui/index.ts';
import styles from './packets-view.module.css';

export interface GoToProps {
  open: boolean;
  /** Number of the last packet. */
  last: number;
  onOpen(): void;
  onGo(number: number): void;
  onClose(): void;
  /** After closing: gives the focus back to the list. */
  onDone(): void;
}

export function GoTo({ open, last, onOpen, onGo, onClose, onDone }: GoToProps) {
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const [wrong, setWrong] = useState(false);
  useEffect(() => {
    if (!open) return;
    setText('');
    setWrong(false);
    input.current?.focus();
  }, [open]);
  if (!open)
    return <IconButton size="sm" label="Go to packet…" keys="Ctrl+G" icon={<Hash aria-hidden />} onClick={onOpen} />;

  const leave = () => {
    onClose();
    onDone();
  };
  const go = () => {
    const number = Number(text.replaceAll(/[,\s]/g, ''));
    if (!Number.isInteger(number) || number < 1 || number > last) return setWrong(true);
    leave();
    onGo(number);
  };
  return (
    <span className={styles.goTo}>
      <TextField
        ref={input}
        className={styles.number}
        inputMode="numeric"
        label="Packet number"
        placeholder={`1 – ${grouped(last)}`}
        value={text}
        wrong={wrong}
        onChange={(event) => {
          setText(event.target.value);
          setWrong(false);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') go();
          if (event.key === 'Escape') leave();
        }}
        onBlur={onClose}
      />
      {wrong && <output>There are packets 1 to {grouped(last)}.</output>}
    </span>
  );
}

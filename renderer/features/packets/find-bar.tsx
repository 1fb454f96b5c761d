/** Find packet: a display filter, text or bytes; Enter goes on, Shift+Enter goes back. It only looks among the packets that are displayed. */
import { ChevronDown, ChevronUp, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useApi } from '../../api/backend-context.ts';
import { IconButton, Select, TextField } from '../../ui/index.ts';
import { FIND_KINDS, FIND_WORDS, type FindKind, findFilter } from './find-filter.ts';
import styles from './packets-view.module.css';

export interface FindBarProps {
  /** Takes the focus whenever this changes. */
  asked: number;
  /** Says that nothing was found, or how far the search is. */
  message: string;
  onSeek(filter: string, backwards: boolean): void;
  /** What to look for, as a display filter; '' = nothing. */
  onFilter(filter: string): void;
  onClose(): void;
}

export function FindBar({ asked, message, onSeek, onFilter, onClose }: FindBarProps) {
  const api = useApi();
  const input = useRef<HTMLInputElement>(null);
  const [kind, setKind] = useState<FindKind>('list');
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each time it is asked for
  useEffect(() => {
    input.current?.focus();
    input.current?.select();
  }, [asked]);
  const made = text === '' ? { filter: '' } : findFilter(kind, text);
  const filter = 'filter' in made ? made.filter : '';
  const wrong = 'problem' in made ? made.problem : undefined;
  useEffect(() => {
    onFilter(filter);
    setProblem(wrong);
    if (filter === '') return;
    let over = false;
    api.call('display.check', { filter }).then(
      (check) => !over && setProblem(check.ok ? undefined : check.message),
      () => {},
    );
    return () => {
      over = true;
    };
  }, [api, filter, wrong, onFilter]);
  const seek = (backwards: boolean) => {
    if (filter !== '' && problem === undefined) onSeek(filter, backwards);
  };
  return (
    <search className={styles.find} aria-label="Find packet">
      <Select
        size="sm"
        label="Look for"
        value={kind}
        options={FIND_KINDS.map((value) => ({ value, label: FIND_WORDS[value].label }))}
        onChange={setKind}
      />
      <TextField
        ref={input}
        className={styles.findInput}
        label="What to find"
        wrong={problem !== undefined}
        placeholder={FIND_WORDS[kind].placeholder}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') seek(event.shiftKey);
          if (event.key === 'Escape') onClose();
        }}
      />
      <IconButton
        size="sm"
        label="Find previous"
        keys="Ctrl+B"
        icon={<ChevronUp aria-hidden />}
        onClick={() => seek(true)}
      />
      <IconButton
        size="sm"
        label="Find next"
        keys="Ctrl+N"
        icon={<ChevronDown aria-hidden />}
        onClick={() => seek(false)}
      />
      <output className={styles.findMessage}>{problem ?? message}</output>
      <IconButton size="sm" label="Close" keys="Escape" icon={<X aria-hidden />} onClick={onClose} />
    </search>
  );
}

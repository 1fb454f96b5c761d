/**
 * The colours of the window, computed: text meets WCAG AA (4.5:1) on every surface that it is used on, marks 3:1, in both themes;
 * verdicts differ in lightness, so that they are told apart without colour; and no other file of the window holds a colour.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

const renderer = path.resolve(import.meta.dirname, '../../renderer');
const css = readFileSync(path.join(renderer, 'ui/tokens.css'), 'utf8');

type Rgb = readonly [number, number, number];
const THEMES = { dark: tokens('[data-theme="dark"] {'), light: tokens('[data-theme="light"] {') };

function tokens(selector: string): Map<string, string> {
  const from = css.indexOf(selector);
  assert.ok(from >= 0, selector);
  const body = css.slice(from, css.indexOf('\n}', from));
  return new Map([...body.matchAll(/--([\w-]+):\s*([^;]+);/g)].map((m) => [m[1]!, m[2]!]));
}

function rgb(theme: Map<string, string>, name: string, under?: Rgb): Rgb {
  const value = theme.get(name);
  assert.ok(value, `token --${name}`);
  const hex = /^#([0-9a-f]{6})$/.exec(value);
  if (hex) return [0, 2, 4].map((at) => Number.parseInt(hex[1]!.slice(at, at + 2), 16)) as unknown as Rgb;
  const soft = /^rgb\((\d+) (\d+) (\d+) \/ (\d+)%\)$/.exec(value);
  assert.ok(soft && under, `--${name} is a colour over something: ${value}`);
  const alpha = Number(soft[4]) / 100;
  return [1, 2, 3].map((i) => Number(soft[i]) * alpha + under[i - 1]! * (1 - alpha)) as unknown as Rgb;
}

/** Relative luminance, WCAG 2.2. */
function luminance(color: Rgb): number {
  const [r, g, b] = color.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

function contrast(a: Rgb, b: Rgb): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high! + 0.05) / (low! + 0.05);
}

for (const [name, theme] of Object.entries(THEMES)) {
  const surface = (n: number) => rgb(theme, `surface-${n}`);
  const check = (fg: string, bg: Rgb, least: number, where: string) => {
    const ratio = contrast(rgb(theme, fg), bg);
    assert.ok(ratio >= least, `--${fg} on ${where}: ${ratio.toFixed(2)} < ${least}`);
  };

  test(`${name}: text is readable on the surfaces it is used on`, () => {
    for (const n of [0, 1, 2, 3]) for (const text of ['text-1', 'text-2']) check(text, surface(n), 4.5, `surface-${n}`);
    for (const n of [0, 1, 2]) {
      for (const text of ['text-3', 'accent-text', 'error', 'warn', 'note', 'ok'])
        check(text, surface(n), 4.5, `surface-${n}`);
    }
    for (const soft of ['error', 'warn', 'ok', 'note'])
      check(soft, rgb(theme, `${soft}-soft`, surface(1)), 4.5, `${soft}-soft over surface-1`);
    check('accent-text', rgb(theme, 'accent-soft', surface(1)), 4.5, 'accent-soft over surface-1');
    check('text-2', rgb(theme, 'error-soft', surface(1)), 4.5, 'error-soft over surface-1');
    check('on-accent', rgb(theme, 'accent'), 4.5, 'accent');
    check('on-accent', rgb(theme, 'accent-hover'), 4.5, 'accent-hover');
    check('on-error', rgb(theme, 'error-solid'), 4.5, 'error-solid');
    check('on-selection', rgb(theme, 'selection'), 4.5, 'selection');
    check('text-1', rgb(theme, 'selection-idle'), 4.5, 'selection-idle');
  });

  test(`${name}: marks, protocol colours and the focus ring stand out`, () => {
    const marks = [...theme.keys()].filter((key) => /^(verdict|proto|layer)-/.test(key));
    assert.ok(marks.length > 15);
    for (const mark of [...marks, 'focus', 'recording', 'border-control'])
      for (const n of [0, 1, 2]) check(mark, surface(n), 3, `surface-${n}`);
  });

  test(`${name}: verdicts differ in lightness`, () => {
    // CIE L*: a difference of 3 is seen side by side; the shapes do the rest.
    const light = ['pass', 'drop', 'tx', 'redirect', 'aborted'].map((verdict) => {
      const y = luminance(rgb(theme, `verdict-${verdict}`));
      return { verdict, l: 116 * Math.cbrt(y) - 16 };
    });
    light.sort((a, b) => a.l - b.l);
    for (let i = 1; i < light.length; i++) {
      const [a, b] = [light[i - 1]!, light[i]!];
      assert.ok(b.l - a.l >= 3, `${a.verdict} ${a.l.toFixed(1)} and ${b.verdict} ${b.l.toFixed(1)}`);
    }
    assert.ok(light.at(-1)!.l - light[0]!.l >= 20);
  });
}

test('both themes define the same colours', () => {
  assert.deepEqual([...THEMES.light.keys()].sort(), [...THEMES.dark.keys()].sort());
});

test('no other file of the window holds a colour', () => {
  const found = readdirSync(renderer, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(css|tsx?)$/.test(file) && file !== path.join('ui', 'tokens.css'))
    .flatMap((file) =>
      readFileSync(path.join(renderer, file), 'utf8')
        .split('\n')
        .filter((line) => /#[0-9a-f]{6}\b|#[0-9a-f]{3}\b(?=[;'" ])|\b(rgb|hsl|oklch)a?\(/i.test(line))
        .map((line) => `${file}: ${line.trim()}`),
    );
  assert.deepEqual(found, []);
});

/** The window in the words of people: what they see by role and name, and what they do. The only file that knows the names. */
import { expect, type Locator, type Page } from '@playwright/test';
import type { Running } from './hosts.ts';
import { NEAR } from './network.ts';

export const VIEWS = [
  'Start',
  'Live',
  'Packets',
  'Flows',
  'Analysis',
  'Programs',
  'Maps',
  'Monitor',
  'Workbench',
] as const;
export type View = (typeof VIEWS)[number];
const VIEW_KEYS: Record<View, string> = {
  Start: '0',
  Live: '1',
  Packets: '2',
  Flows: '3',
  Analysis: '4',
  Programs: '5',
  Maps: '6',
  Monitor: '7',
  Workbench: '8',
};

export class InspectorWindow {
  readonly page: Page;
  readonly capture: Locator;
  readonly failure: Locator;
  private readonly pageErrors: string[] = [];

  constructor({ page }: Pick<Running, 'page'>) {
    this.page = page;
    this.capture = page.getByRole('region', { name: 'Capture bar' });
    this.failure = this.capture.getByRole('alert');
    page.on('pageerror', (error) => this.pageErrors.push(error.message));
    page.on('console', (message) => {
      if (/Content Security Policy/.test(message.text())) this.pageErrors.push(message.text());
    });
  }

  /** The page is drawn and knows its backend. */
  async ready(): Promise<void> {
    await expect(this.page.getByRole('heading', { name: 'Choose where to look' })).toBeVisible();
    await expect(this.card()).toBeEnabled();
  }

  expectNoPageErrors(): void {
    expect(this.pageErrors, 'errors and policy violations in the page').toEqual([]);
  }

  card({ ifname, netns }: { ifname: string; netns: string } = NEAR): Locator {
    return this.page.getByRole('button', { name: new RegExp(`^Start on ${ifname} in namespace ${netns} `) });
  }

  /** In the capture bar's picker, while that is open. */
  interfaceOption({ ifname, netns }: { ifname: string; netns: string }): Locator {
    return this.page.getByRole('group', { name: `Namespace ${netns}` }).getByRole('option', { name: ifname });
  }

  async show(view: View): Promise<void> {
    await this.page.keyboard.press(`Control+${VIEW_KEYS[view]}`);
  }

  /** One click on the interface's card; resolves when the capture runs. */
  async start(): Promise<void> {
    await this.show('Start');
    await this.card().click();
    await this.running();
  }

  async running(): Promise<void> {
    await expect(this.capture.getByRole('button', { name: 'Stop' })).toBeEnabled();
  }

  async stop(): Promise<void> {
    await this.capture.getByRole('button', { name: 'Stop' }).click();
    await expect(this.capture.getByRole('button', { name: 'Start', exact: true })).toBeEnabled();
  }

  get filter(): Locator {
    return this.capture.getByRole('textbox', { name: 'Capture filter' });
  }

  /** What the status bar shows. */
  get statusBar(): Locator {
    return this.page.getByRole('region', { name: 'Status bar' });
  }

  /** Rows of the packet table that are on the screen, the heading excluded. */
  get packetGrid(): Locator {
    return this.page.getByRole('grid', { name: 'Packets' });
  }

  packetRows(text?: string | RegExp): Locator {
    const rows = this.packetGrid.locator('[role=row][aria-rowindex]').filter({ has: this.page.getByRole('gridcell') });
    return text === undefined ? rows : rows.filter({ hasText: text });
  }

  /** A capture whose list follows the newest packet, with more of them than the screen has. Returns the button that says so. */
  async startFollowed(): Promise<Locator> {
    const follow = this.page.getByRole('button', { name: 'Follow the newest packet' });
    await this.start();
    await this.show('Packets');
    await expect.poll(() => this.packetCount()).toBeGreaterThan(60);
    await expect(follow).toHaveAttribute('aria-pressed', 'true');
    return follow;
  }

  /** Waits for a TCP connection from its beginning to its end: a capture may begin in the middle of one. */
  async wholeConnection(): Promise<void> {
    const inOrder = () =>
      this.packetRows().evaluateAll((rows) =>
        rows
          .map((row) => ({ at: Number(row.getAttribute('aria-rowindex')), text: row.textContent }))
          .sort((a, b) => a.at - b.at)
          .map(({ text }) => /\[(SYN\]|FIN)/.exec(text)?.[1] ?? '')
          .join(' '),
      );
    await expect.poll(inOrder).toMatch(/SYN.*FIN/);
  }

  get displayFilter(): Locator {
    return this.page.getByRole('combobox', { name: 'Display filter' });
  }

  /** Only these packets are in the list: of all of them the screen shows the last twenty, whatever those are. */
  async only(filter: string): Promise<void> {
    await this.displayFilter.fill(filter);
    await this.page.keyboard.press('Enter');
    await expect(this.page.getByRole('status', { name: 'Packets shown' })).toHaveText(/^[1-9][\d,]* of [\d,]+ \(/);
  }

  /** Total rows of the packet view, from the grid itself. */
  async packetCount(): Promise<number> {
    return Number(await this.packetGrid.getAttribute('aria-rowcount'));
  }

  get details(): Locator {
    return this.page.getByRole('tree', { name: 'Packet details' });
  }

  field(text: string | RegExp): Locator {
    return this.details.getByRole('treeitem').filter({ hasText: text });
  }

  get bytes(): Locator {
    return this.page.getByTestId('hex');
  }

  get flowGrid(): Locator {
    return this.page.getByRole('grid', { name: 'Flows' });
  }

  flowRows(text: string | RegExp): Locator {
    return this.flowGrid
      .getByRole('row')
      .filter({ has: this.page.getByRole('gridcell') })
      .filter({ hasText: text });
  }

  /** Packets that can be shown now, from the status bar. */
  async storedPackets(): Promise<number> {
    const text = (await this.statusBar.textContent()) ?? '';
    return Number(/shown\s*([\d,.\u2009\u202f\s]+)/.exec(text)?.[1]?.replace(/\D/g, '') ?? Number.NaN);
  }

  /** Opens a layer of the field tree unless it is open. */
  async open(layer: string): Promise<void> {
    const node = this.field(layer).first();
    await node.click();
    if ((await node.getAttribute('aria-expanded')) === 'false') await this.page.keyboard.press('ArrowRight');
    await expect(node).toHaveAttribute('aria-expanded', 'true');
  }

  byte(offset: number): Locator {
    return this.bytes.locator(`[data-offset="${offset}"]`).first();
  }

  /** Offsets of the bytes that are lit by what the pointer is on. */
  async litBytes(): Promise<number[]> {
    const offsets = await this.bytes
      .locator('[data-offset][data-lit="true"]')
      .evaluateAll((cells) => cells.map((cell) => Number(cell.getAttribute('data-offset'))));
    return [...new Set(offsets)].sort((a, b) => a - b);
  }

  litField(): Locator {
    return this.details.locator('[role=treeitem][data-lit="true"]').last();
  }

  /** By the rail's switch, which goes around system, light and dark. */
  async chooseTheme(theme: 'light' | 'dark'): Promise<void> {
    const toggle = this.page.getByRole('button', { name: /^Theme: / });
    for (let turns = 0; turns < 3; turns++) {
      if ((await toggle.getAttribute('aria-label'))?.startsWith(`Theme: ${theme}`)) return;
      await toggle.click();
    }
  }

  /** For the spec that provokes them. */
  forgivePolicyViolations(): void {
    this.pageErrors.length = 0;
  }
}

/** The list of all trades with its filters, its pages and a drawing of each: part of the page's script. */
import { escapeXml } from '../format/escape.ts';
import {
  amountText,
  countText,
  decimalText,
  durationText,
  priceText,
  rText,
  usdText,
  withUnit,
} from '../format/number-text.ts';
import type { PageDocument, PageElement } from './dom.ts';
import type { PageData, PageTrade, TradeColumns } from './page-data.ts';
import { compareKeys, markSorted, nextDirection, type SortKey } from './sorting.ts';
import { minuteText, tradeChart } from './trade-chart.ts';

/** Which trades are shown, in which order. */
export interface TradeView {
  readonly text: string;
  readonly outcome: string;
  readonly reason: string;
  readonly sort: string;
  readonly direction: 1 | -1;
}

/** One trade of the columns. */
export function tradeAt(trades: TradeColumns, at: number): PageTrade {
  const entries = Object.entries(trades as Record<string, readonly unknown[]>);
  return Object.fromEntries(entries.map(([name, values]) => [name, values[at]])) as unknown as PageTrade;
}

/** Positions of the trades that a view shows, sorted. */
export function chosenTrades(trades: TradeColumns, view: TradeView): number[] {
  const wanted = view.text.trim().toUpperCase();
  const rows: number[] = [];
  for (let at = 0; at < trades.symbol.length; at += 1) {
    if (wanted !== '' && !trades.symbol[at].toUpperCase().includes(wanted)) continue;
    if (view.outcome === 'gain' && !(trades.pnlUsd[at] > 0)) continue;
    if (view.outcome === 'loss' && !(trades.pnlUsd[at] < 0)) continue;
    if (view.reason !== '' && trades.reason[at] !== view.reason) continue;
    rows.push(at);
  }
  const keys = rows.map((at): SortKey => sortKey(trades, at, view.sort));
  const order = Array.from(rows.keys());
  order.sort((a, b) => compareKeys(keys[a], keys[b], view.direction) || a - b);
  return order.map((k) => rows[k]);
}

export function sortKey(trades: TradeColumns, at: number, name: string): SortKey {
  if (name === 'held') return trades.exitMs[at] - trades.entryMs[at];
  const value: unknown = trades[name as keyof TradeColumns][at];
  return typeof value === 'number' || typeof value === 'string' ? value : null;
}

export function toneName(value: number): string {
  return value > 0 ? 'gain' : value < 0 ? 'loss' : 'plain';
}

/** The cells of one trade. */
export function tradeRow(trades: TradeColumns, at: number): string {
  const [pnlR, pnlUsd] = [trades.pnlR[at], trades.pnlUsd[at]];
  const held = durationText(trades.exitMs[at] - trades.entryMs[at]);
  return [
    `<tr><th scope="row"><button type="button" data-trade="${at}" aria-expanded="false">${escapeXml(trades.symbol[at])} ${escapeXml(trades.side[at])}</button></th>`,
    `<td class="when">${minuteText(trades.entryMs[at])}</td>`,
    `<td class="number extra">${held}</td>`,
    `<td class="number ${toneName(pnlR)}">${rText(pnlR)}</td>`,
    `<td class="number extra ${toneName(pnlUsd)}">${usdText(pnlUsd)}</td>`,
    `<td class="extra">${escapeXml(trades.reason[at])}</td></tr>`,
  ].join('');
}

/** Everything about one trade: its drawing, and its numbers with their words. */
export function tradeDetail(
  trade: PageTrade,
  width: number,
  { runId, pathNote }: Pick<PageData, 'runId' | 'pathNote'>,
): string {
  const chart = tradeChart(trade, width);
  const facts: [string, string][] = [
    ['bought or sold', `${trade.side} ${decimalText(trade.qty, 8).replace(/\.?0+$/, '')} ${trade.symbol}`],
    ['entry', `${priceText(trade.entry)} at ${minuteText(trade.entryMs)} UTC`],
    ['exit', `${priceText(trade.exit)} at ${minuteText(trade.exitMs)} UTC: ${trade.reason}`],
    ['breakout level', `${priceText(trade.level)}: the high (short: low) that was broken`],
    ['stop', stopText(trade)],
    ['target', trade.target === null ? 'none' : priceText(trade.target)],
    ['planned risk (1 R)', amountText(trade.riskUsd)],
    ['result', `${rText(trade.pnlR)} = ${usdText(trade.pnlUsd)} after all costs`],
    [
      'costs',
      `fees ${amountText(trade.feesUsd)}, slippage ${amountText(trade.slippageUsd)}, funding ${usdText(trade.fundingUsd)}`,
    ],
    [
      'worst and best on the way',
      `${withUnit(decimalText(-trade.maeAtr, 2), 'ATR')} and +${withUnit(decimalText(trade.mfeAtr, 2), 'ATR')}`,
    ],
  ];
  if (trade.firstTarget !== null) facts.splice(6, 0, ['first target', priceText(trade.firstTarget)]);
  const list = facts.map(([name, text]) => `<div><dt>${name}</dt><dd>${escapeXml(text)}</dd></div>`).join('');
  const drawn =
    chart === ''
      ? `<p>${escapeXml(pathNote)}</p>`
      : `${chart}<p class="words">Candles of ${durationText(trade.path?.[1] ?? 0)}: hollow = the price rose, filled = it fell. Diamond: breakout; circle: entry; square: exit; shaded: while the position was held.</p>`;
  return `<div class="detail">${drawn}<dl class="pairs">${list}</dl><p class="words">Why this trade: <code>donch why ${escapeXml(trade.symbol)} ${minuteText(trade.decisionMs).replace(' ', 'T')} --run ${escapeXml(runId)}</code></p></div>`;
}

export function stopText(trade: PageTrade): string {
  const first = priceText(trade.stop);
  return trade.finalStop === trade.stop ? first : `${first}, at the exit ${priceText(trade.finalStop)}`;
}

/** Draws the list and keeps it in step with its controls. */
export function startTrades(page: PageDocument, data: PageData): void {
  const { trades } = data;
  const list = page.querySelector('#trade-list');
  const body = list?.querySelector('tbody') ?? null;
  const status = list?.querySelector('#trade-status') ?? null;
  if (list === null || body === null || status === null) return;
  const pageSize = 25;
  let sort: Pick<TradeView, 'sort' | 'direction'> = { sort: 'entryMs', direction: 1 };
  let first = 0;
  const control = (id: string): string => list.querySelector(id)?.value ?? '';
  const draw = (): void => {
    const view = { text: control('#trade-text'), outcome: control('#trade-outcome'), reason: control('#trade-reason') };
    const rows = chosenTrades(trades, { ...view, ...sort });
    if (first >= rows.length) first = 0;
    const shown = rows.slice(first, first + pageSize);
    body.innerHTML = shown.map((at) => tradeRow(trades, at)).join('');
    status.textContent =
      rows.length === 0
        ? 'no trade is like that'
        : `${countText(first + 1)} to ${countText(first + shown.length)} of ${countText(rows.length)} trades`;
    setDisabled(list, '#trade-back', first === 0);
    setDisabled(list, '#trade-next', first + pageSize >= rows.length);
  };
  const move = (by: number): void => {
    first = Math.max(0, first + by);
    draw();
  };
  for (const id of ['#trade-text', '#trade-outcome', '#trade-reason']) {
    list.querySelector(id)?.addEventListener('input', () => move(-first));
  }
  list.querySelector('#trade-back')?.addEventListener('click', () => move(-pageSize));
  list.querySelector('#trade-next')?.addEventListener('click', () => move(pageSize));
  for (const button of list.querySelectorAll('th button')) {
    button.addEventListener('click', () => {
      const heading = button.closest('th');
      if (heading === null) return;
      sort = { sort: heading.getAttribute('data-name') ?? 'entryMs', direction: nextDirection(heading) };
      markSorted(heading, sort.direction);
      move(-first);
    });
  }
  body.addEventListener('click', ({ target }) => toggleDetail(page, target, data));
  draw();
}

export function setDisabled(list: PageElement, id: string, disabled: boolean): void {
  const button = list.querySelector(id);
  if (button !== null) button.disabled = disabled;
}

/** Opens or closes the drawing below a row. */
export function toggleDetail(page: PageDocument, target: PageElement | null, data: PageData): void {
  const button = target?.closest('button[data-trade]') ?? null;
  const row = button?.closest('tr') ?? null;
  if (button === null || row === null) return;
  if (button.getAttribute('aria-expanded') === 'true') {
    row.nextElementSibling?.remove();
    button.setAttribute('aria-expanded', 'false');
    return;
  }
  const detail = page.createElement('tr');
  const room = row.closest('.scroll')?.clientWidth ?? 0;
  const width = Math.max(300, Math.min(room - 16, 1000));
  const trade = tradeAt(data.trades, Number(button.getAttribute('data-trade')));
  detail.innerHTML = `<td colspan="6">${tradeDetail(trade, width, data)}</td>`;
  row.after(detail);
  button.setAttribute('aria-expanded', 'true');
}

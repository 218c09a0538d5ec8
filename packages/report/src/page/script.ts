/**
 * The script of the page: functions of this package, as they stand in their files, and one call. They are typed, linted and tested
 * like all others; in the page their source is the script. So they call only each other and what every browser has.
 */
import { niceTicks } from '../charts/ticks.ts';
import { escapeXml } from '../format/escape.ts';
import * as numberText from '../format/number-text.ts';
import type { PageDocument } from './dom.ts';
import type { PageData } from './page-data.ts';
import * as readout from './readout.ts';
import { startReadout } from './readout.ts';
import * as sorting from './sorting.ts';
import { startSorting } from './sorting.ts';
import * as tradeChart from './trade-chart.ts';
import * as tradeList from './trade-list.ts';
import { startTrades } from './trade-list.ts';

/** Brings the page to life. */
function startPage(page: PageDocument): void {
  const text = page.querySelector('#report-data')?.textContent ?? '';
  const data = JSON.parse(text) as PageData;
  startSorting(page);
  startReadout(page, data.equity);
  startTrades(page, data);
  openForPrint(page);
}

/** Brings a page without data to life. */
function startTablePage(page: PageDocument): void {
  startSorting(page);
  openForPrint(page);
}

/** What is folded on the screen is open on paper. */
function openForPrint(page: PageDocument): void {
  let opened: { open: boolean }[] = [];
  page.defaultView?.addEventListener('beforeprint', () => {
    opened = Array.from(page.querySelectorAll('details')).filter(({ open }) => !open);
    for (const details of opened) details.open = true;
  });
  page.defaultView?.addEventListener('afterprint', () => {
    for (const details of opened) details.open = false;
  });
}

type NamedFunction = (...parameters: never[]) => unknown;

/** Source of the script of a run's page. */
export function pageScript(): string {
  return scriptOf(
    [numberText, tradeChart, sorting, readout, tradeList],
    [escapeXml, niceTicks, openForPrint, startPage],
  );
}

/** Source of the script of a page with nothing but text, drawings and tables. */
export function tablePageScript(): string {
  return scriptOf([sorting], [openForPrint, startTablePage]);
}

/** The functions of the modules and the others, the last of which is called. */
function scriptOf(modules: readonly object[], others: readonly NamedFunction[]): string {
  const functions = modules.flatMap((names) => Object.values(names) as NamedFunction[]);
  const sources = [...functions, ...others].map(sourceOf);
  return `'use strict';(()=>{\n${sources.join('\n')}\n${others[others.length - 1].name}(document);\n})();`;
}

/** Source of a function without what the types have left: blank stretches at the ends of lines. */
function sourceOf(value: NamedFunction): string {
  return value.toString().replaceAll(/[ \t]+$/gm, '');
}

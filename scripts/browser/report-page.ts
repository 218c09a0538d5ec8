/** One report in one width: opens it, uses it, and says what is wrong with it. */
import { writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { Chromium } from './chromium.ts';

export interface Screen {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly isMobile: boolean;
  readonly scheme: 'light' | 'dark';
}

export const SCREENS: readonly Screen[] = [
  { name: 'desktop', width: 1280, height: 900, isMobile: false, scheme: 'light' },
  { name: 'phone', width: 375, height: 812, isMobile: true, scheme: 'light' },
  { name: 'small-dark', width: 360, height: 740, isMobile: true, scheme: 'dark' },
];

export interface PageCheck {
  readonly url: string;
  readonly screen: Screen;
  /** Path of the screenshots without their ending. */
  readonly shot: string;
}

type Send = (method: string, params?: object) => Promise<unknown>;

/** Taller pages make several pictures: the browser makes no larger ones. */
const SHOT_HEIGHT_MAX = 16_000;

/** Longest time until a page of ten thousand trades can be used. */
const LOAD_MAX_MS = 4_000;

/** Problems of a page; empty = none. */
export async function checkReportPage(browser: Chromium, { url, screen, shot }: PageCheck): Promise<string[]> {
  const problems: string[] = [];
  const loaded = Promise.withResolvers<void>();
  const send = await browser.open((method, params) => {
    if (method === 'Page.loadEventFired') loaded.resolve();
    const problem = eventProblem(method, params, url);
    if (problem !== null) problems.push(problem);
  });
  for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await send(`${domain}.enable`);
  await send('Emulation.setDeviceMetricsOverride', {
    width: screen.width,
    height: screen.height,
    deviceScaleFactor: 1,
    mobile: screen.isMobile,
  });
  await send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: screen.scheme }] });
  const startMs = performance.now();
  await send('Page.navigate', { url });
  await loaded.promise;
  const loadMs = performance.now() - startMs;
  if (loadMs > LOAD_MAX_MS) problems.push(`takes ${Math.round(loadMs)} ms to load`);
  for (const [name, script] of Object.entries(USES)) {
    const found = await evaluate(send, script);
    if (found !== 'ok') problems.push(`${name}: ${JSON.stringify(found)}`);
  }
  await wait(100);
  await screenshots(send, shot);
  problems.push(...(await printProblems(send, `${shot}.pdf`)));
  await send('Page.close');
  return problems;
}

/** Errors, messages on the console, and every request but that for the page itself. */
function eventProblem(method: string, params: Record<string, unknown>, url: string): string | null {
  const text = (): string => JSON.stringify(params).slice(0, 400);
  switch (method) {
    case 'Runtime.exceptionThrown':
    case 'Runtime.consoleAPICalled':
    case 'Log.entryAdded':
      return `${method} ${text()}`;
    case 'Network.requestWillBeSent': {
      const { request } = params as { request: { url: string } };
      return request.url === url ? null : `asks for ${request.url}`;
    }
    default:
      return null;
  }
}

async function evaluate(send: Send, expression: string): Promise<unknown> {
  const answer = (await send('Runtime.evaluate', { expression, returnByValue: true, userGesture: true })) as {
    result: { value?: unknown };
    exceptionDetails?: { exception?: { description?: string } };
  };
  return answer.exceptionDetails === undefined
    ? answer.result.value
    : `throws ${answer.exceptionDetails.exception?.description ?? ''}`;
}

/** What a reader does, as scripts that answer 'ok' or what is wrong. */
const USES: Readonly<Record<string, string>> = {
  'fits the screen': `(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return 'ok';
    const wide = [...document.body.querySelectorAll('*')].filter((e) => e.getBoundingClientRect().right > clientWidth + 1 && e.closest('.scroll') === null);
    return scrollWidth + ' px wide: ' + wide.slice(0, 5).map((e) => e.tagName + '.' + e.className).join(' ');
  })()`,
  'text can be read': `(() => {
    const small = [...document.querySelectorAll('p,td,th,dd,dt,small,button')].filter((e) => e.offsetParent !== null && parseFloat(getComputedStyle(e).fontSize) < 12);
    const drawn = [...document.querySelectorAll('svg text')].filter((e) => e.getBoundingClientRect().width > 0 && e.getScreenCTM().a * 12 < 10.5);
    return small.length + drawn.length === 0 ? 'ok' : 'too small: ' + [...small, ...drawn].slice(0, 3).map((e) => e.textContent).join(' | ');
  })()`,
  'every drawing is visible in one width': `(() => {
    const hidden = [...document.querySelectorAll('figure')].filter((e) => [...e.querySelectorAll('svg')].filter((svg) => svg.getBoundingClientRect().height > 20).length !== 1);
    return hidden.length === 0 ? 'ok' : hidden.length + ' are not: ' + hidden.slice(0, 3).map((e) => e.textContent.slice(0, 60)).join(' | ');
  })()`,
  'no text of a drawing leaves it or lies on another': `(() => {
    const bad = [];
    for (const svg of document.querySelectorAll('figure svg')) {
      const frame = svg.getBoundingClientRect();
      if (frame.width === 0) continue;
      const boxes = [...svg.querySelectorAll('text')].map((e) => ({ text: e.textContent, box: e.getBoundingClientRect() }));
      for (const { text, box } of boxes) if (box.left < frame.left - 1 || box.right > frame.right + 1) bad.push('leaves: ' + text);
      for (const [k, a] of boxes.entries()) for (const b of boxes.slice(k + 1)) {
        const x = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
        const y = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
        if (x > 2 && y > 5) bad.push(a.text + ' on ' + b.text);
      }
    }
    return bad.length === 0 ? 'ok' : bad.length + ': ' + bad.slice(0, 4).join(' | ');
  })()`,
  'has its own title and no element of strangers': `document.title !== 'owned' && document.querySelectorAll('img,iframe,object').length === 0 && document.scripts.length === (document.querySelector('#report-data') === null ? 1 : 2) ? 'ok' : document.title`,
  'every section has a heading, every table a caption, every drawing a name': `(() => {
    const without = [...document.querySelectorAll('section')].filter((e) => e.querySelector('h2') === null).length
      + [...document.querySelectorAll('table')].filter((e) => e.caption === null).length
      + [...document.querySelectorAll('svg')].filter((e) => !e.hasAttribute('aria-labelledby') && !e.hasAttribute('aria-label')).length;
    const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
    const broken = [...document.querySelectorAll('[aria-labelledby]')].filter((e) => e.getAttribute('aria-labelledby').split(' ').some((id) => !ids.includes(id))).length;
    return without === 0 && broken === 0 && new Set(ids).size === ids.length ? 'ok' : without + ' without, ' + broken + ' broken, ' + (ids.length - new Set(ids).size) + ' ids twice';
  })()`,
  'a table sorts, both ways, with its state told': `(() => {
    const table = document.querySelector('#by-symbol') ?? document.querySelector('#funnel-steps') ?? document.querySelector('#importance-table') ?? document.querySelector('#leaderboard-results') ?? document.querySelector('#by-year') ?? document.querySelector('#months');
    const column = 1;
    const heading = table.tHead.rows[0].cells[column];
    const values = () => [...table.tBodies[0].rows].map((row) => row.cells[column].dataset.sort).filter((key) => key !== '').map(Number);
    const is = (sign) => values().every((value, k, all) => k === 0 || sign * (all[k - 1] - value) >= 0);
    heading.querySelector('button').focus();
    heading.querySelector('button').click();
    if (!is(1) || heading.getAttribute('aria-sort') !== 'descending') return values().join(' ');
    heading.querySelector('button').click();
    return is(-1) && heading.getAttribute('aria-sort') === 'ascending' ? 'ok' : values().join(' ');
  })()`,
  'the equity at any instant is told': `(() => {
    const slider = document.querySelector('#readout-slider');
    if (slider === null) return document.querySelector('#report-data') === null ? 'ok' : 'no slider';
    slider.value = String(Math.floor(Number(slider.max) / 2));
    slider.dispatchEvent(new Event('input'));
    const text = document.querySelector('#readout-text').textContent;
    return / UTC: [\\d,.]+\\u00a0USD, /.test(text) ? 'ok' : text;
  })()`,
  'trades can be filtered, turned over, sorted and seen': `(() => {
    const list = document.querySelector('#trade-list');
    if (list === null) return document.querySelector('#by-symbol') === null ? 'ok' : 'no list';
    const status = () => list.querySelector('#trade-status').textContent;
    const results = () => [...list.querySelectorAll('tbody tr')].map((row) => parseFloat(row.cells[3].textContent.replace('\\u2212', '-')));
    const choose = (id, value) => { const e = list.querySelector(id); e.value = value; e.dispatchEvent(new Event('input')); };
    if (!/^1 to \\d+ of [\\d,]+ trades$/.test(status())) return status();
    choose('#trade-outcome', 'loss');
    if (!results().every((value) => value < 0)) return 'losses: ' + results();
    choose('#trade-text', 'no symbol has this name');
    if (status() !== 'no trade is like that') return status();
    choose('#trade-text', '');
    choose('#trade-outcome', '');
    if (!list.querySelector('#trade-next').disabled) {
      list.querySelector('#trade-next').click();
      if (!status().startsWith('26 to ')) return status();
    }
    list.querySelector('th[data-name=pnlR] button').click();
    if (!results().every((value, k, all) => k === 0 || all[k - 1] >= value)) return 'sorted: ' + results();
    const button = list.querySelector('button[data-trade]');
    button.click();
    const detail = list.querySelector('.detail');
    if (button.getAttribute('aria-expanded') !== 'true' || detail === null) return 'nothing opens';
    const box = detail.getBoundingClientRect();
    if (box.right > innerWidth + 1) return 'detail is wider than the screen: ' + box.right;
    if (detail.querySelector('svg rect.c-up, svg rect.c-down') === null) return 'no candles: ' + detail.textContent.slice(0, 200);
    const text = detail.querySelector('svg').getBoundingClientRect();
    return text.width > 250 && text.right <= innerWidth + 1 ? 'ok' : 'drawing is ' + text.width + ' px wide';
  })()`,
};

/** The whole page, however long: `shot.png`, and where it is not enough `shot-2.png`, ... */
async function screenshots(send: Send, shot: string): Promise<void> {
  const { cssContentSize } = (await send('Page.getLayoutMetrics')) as {
    cssContentSize: { width: number; height: number };
  };
  for (let y = 0, part = 1; y < cssContentSize.height; y += SHOT_HEIGHT_MAX, part += 1) {
    const height = Math.min(cssContentSize.height - y, SHOT_HEIGHT_MAX);
    const clip = { x: 0, y, width: cssContentSize.width, height, scale: 1 };
    const { data } = (await send('Page.captureScreenshot', { format: 'png', captureBeyondViewport: true, clip })) as {
      data: string;
    };
    writeFileSync(`${shot}${part === 1 ? '' : `-${part}`}.png`, Buffer.from(data, 'base64'));
  }
}

/** Paper: a report of a few pages, made without an error. */
async function printProblems(send: Send, path: string): Promise<string[]> {
  const { data } = (await send('Page.printToPDF', { preferCSSPageSize: true, printBackground: true })) as {
    data: string;
  };
  const pdf = Buffer.from(data, 'base64');
  writeFileSync(path, pdf);
  const pages = pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0;
  return pages >= 2 && pages <= 40 ? [] : [`prints on ${pages} pages`];
}

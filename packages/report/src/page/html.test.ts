import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { buildReport } from '../report.ts';
import { markupProblems } from '../testing/markup-problems.ts';
import { sampleInput, type SampleOptions } from '../testing/sample-input.ts';
import { reportHtml } from './html.ts';
import { base64OfHex } from './page-html.ts';

const HOSTILE = [
  `"><script>alert(1)</script>`,
  `'onload=alert(1) <img src=x onerror=alert(2)>`,
  '\u202e名前\u0007&amp;]]>',
];

const pageOf = (options: SampleOptions): string => reportHtml(buildReport(sampleInput(options)));
const titlesIn = (page: string): string[] => Array.from(page.matchAll(/<h2[^>]*>([^<]*)/g), ([, title]) => title);
const elementIn = (page: string, name: string): string =>
  new RegExp(`<${name}>([\\s\\S]*?)</${name}>`).exec(page)?.[1] ?? '';

/** What can be read; an infinite profit factor is told in words and sorted as what it is. */
const withoutScript = (page: string): string => page.replaceAll(/<script[\s\S]*?<\/script>| data-sort="Infinity"/g, '');

const ALWAYS = ['In plain words', 'Equity over time', 'Month by month'];
const OF_TRADES = ['How trades went', 'How trades ended', 'What it hangs on', 'What it cost'];

describe('reportHtml', () => {
  it('has its sections in the order of reading', () => {
    expect(titlesIn(pageOf({ trades: 60 }))).toEqual([
      ...ALWAYS,
      ...OF_TRADES,
      'Which symbols',
      'Which markets',
      'Which years, weekdays, hours',
      'From breakout to trade',
      'Drawdowns',
      'Risk over time',
      'What luck could have done',
      'How much was at stake',
      'All trades',
      'What this rests on',
      'Words',
    ]);
  });

  it('of a run without a trade says so and leaves out what there is not', () => {
    const page = pageOf({ trades: 0 });
    expect(titlesIn(page)).toEqual([
      ...ALWAYS,
      'From breakout to trade',
      'Drawdowns',
      'Risk over time',
      'What this rests on',
      'Words',
    ]);
    expect(page).toContain('the strategy made no trade');
    expect(withoutScript(page)).not.toMatch(/NaN|undefined/);
  });

  it.each([
    { name: 'no trade', options: { trades: 0 } },
    { name: 'one trade', options: { trades: 1, withPaths: true } },
    { name: 'one day', options: { trades: 2, days: 4 } },
    { name: 'nothing but the starting capital', options: { trades: 0, days: 0 } },
    {
      name: 'hostile names',
      options: { trades: 30, symbols: HOSTILE, strategyName: HOSTILE.join(''), withPaths: true },
    },
  ])('is well-formed with $name', ({ options }) => {
    const page = pageOf(options);
    expect(markupProblems(page.replace('<!doctype html>\n', ''), false)).toEqual([]);
    expect(elementIn(page, 'title')).not.toBe('');
    expect(withoutScript(page)).not.toMatch(/\bNaN\b|undefined|Infinity/);
  });

  it('makes no element of a hostile name', () => {
    const page = pageOf({ trades: 30, symbols: HOSTILE, strategyName: HOSTILE.join(''), withPaths: true });
    expect(page.match(/<script/g)).toHaveLength(2);
    expect(page).not.toMatch(/<img|<iframe/);
    expect(page).toContain('&lt;img src=x onerror=alert(2)&gt;');
  });

  it('allows its own script and style and nothing else, and names no place outside', () => {
    const page = pageOf({ trades: 30, withPaths: true });
    const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    const policy = `default-src 'none'; style-src ${hash(elementIn(page, 'style'))}; script-src ${hash(elementIn(page, 'script'))}; base-uri 'none'; form-action 'none'`;
    expect(page).toContain(`<meta http-equiv="Content-Security-Policy" content="${policy}">`);
    expect(page.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(
      /https?:|url\(|@import|src=|\sstyle=|\son\w+=/,
    );
  });

  it('says in words what every number means', () => {
    const page = pageOf({ trades: 60 });
    for (const [fact] of page.matchAll(/<div><dt>[^<]*<\/dt><dd><span class="value[^]*?<\/dd>/g))
      expect(fact).toMatch(/<small>[^<]{8,}<\/small>/);
    expect(page.match(/What the columns mean/g)?.length).toBeGreaterThan(8);
  });

  it('of ten thousand trades stays below 6 MB and is made in seconds', () => {
    const input = sampleInput({ trades: 10_000, withPaths: true });
    const startMs = performance.now();
    const page = reportHtml(buildReport(input));
    expect(performance.now() - startMs).toBeLessThan(8_000);
    expect(page.length).toBeLessThan(6e6);
    expect(page.length).toBeGreaterThan(3e6);
  });
});

describe('base64OfHex', () => {
  it.each(['', '00', 'ff', '0102', 'deadbeef', 'f'.repeat(64)])('of %s', (hex) => {
    expect(base64OfHex(hex)).toBe(Buffer.from(hex, 'hex').toString('base64'));
  });
});

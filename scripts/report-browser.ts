/**
 * Opens reports in a real browser, at the width of a desktop and of a phone, and uses them: no error, no request, nothing wider than
 * the screen, tables sort, trades can be seen, it prints. Leaves screenshots.
 *
 *   node scripts/run.mjs scripts/report-browser.ts [--out <folder>] [report.html ...]
 *
 * Without files: the report of a demo run, one with hostile names, one with ten thousand trades; pages about models with and without
 * a threshold; five runs and two hostile ones side by side; sweeps of many variants, and with hostile names;
 * runs with everything that can be asked about them.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { runCli } from '../apps/research-cli/src/cli/run-cli.ts';
import {
  buildCompareReport,
  buildReport,
  compareRuns,
  renderModelReport,
  renderSweepReport,
  reportHtml,
} from '../packages/report/src/index.ts';
import { sampleWithFindings } from '../packages/report/src/testing/sample-findings.ts';
import { sampleInput } from '../packages/report/src/testing/sample-input.ts';
import { sampleModelInput } from '../packages/report/src/testing/sample-model-input.ts';
import { sampleRun, type SampleRunOptions } from '../packages/report/src/testing/sample-runs.ts';
import { SAMPLE_AXES, sampleSweep } from '../packages/report/src/testing/sample-sweep.ts';
import { Chromium, findChromium, installChromium } from './browser/chromium.ts';
import { checkReportPage, SCREENS } from './browser/report-page.ts';

/** What a page must not do, and the word by which the check has to name it. */
const PLANTED: Readonly<Record<string, string>> = {
  '<img src="http://127.0.0.1:9/pixel.png" alt="">': 'asks for',
  '<script>throw new Error("planted")</script>': 'exceptionThrown',
  '<script>console.log("planted")</script>': 'consoleAPICalled',
  [`<table><caption>wide</caption><tr><td class="number">${'8'.repeat(500)}</td></tr></table>`]: 'fits the screen',
  '<h2 id="verdict">twice</h2>': 'ids twice',
};

/** Plants each mistake in a page whose policy has been taken away, and says which ones the check does not see. */
async function unseenMistakes(browser: Chromium, folder: string): Promise<string[]> {
  const page = reportHtml(buildReport(sampleInput({ trades: 3 }))).replace(/<meta http-equiv[^>]*>/, '');
  const unseen: string[] = [];
  for (const [markup, word] of Object.entries(PLANTED)) {
    const path = join(folder, 'planted.html');
    writeFileSync(path, page.replace('<main>', `<main>${markup}`));
    const url = pathToFileURL(path).href;
    const problems = await checkReportPage(browser, { url, screen: SCREENS[0], shot: join(folder, 'planted') });
    if (!problems.some((problem) => problem.includes(word))) unseen.push(`a planted mistake is not seen: ${markup}`);
  }
  return unseen;
}

/** Nothing of this may become an element or run. */
const HOSTILE = [
  `"><script>document.title='owned'</script>`,
  `'onload=alert(1)<img src=x onerror=alert(1)>`,
  '\u202e名前&amp;',
];

function writeSamples(folder: string): string[] {
  const runs = {
    'hostile.html': sampleInput({ trades: 40, symbols: HOSTILE, strategyName: HOSTILE.join(' '), withPaths: true }),
    'ten-thousand.html': sampleInput({ trades: 10_000, withPaths: true }),
    'no-trade.html': sampleInput({ trades: 0 }),
    'everything.html': sampleWithFindings({ trades: 300, withPaths: true }),
    'everything-hostile.html': sampleWithFindings({
      trades: 30,
      symbols: HOSTILE,
      strategyName: HOSTILE.join(' '),
      withPaths: true,
    }),
  };
  const models = {
    'model.html': sampleModelInput(),
    'model-hostile.html': sampleModelInput({ threshold: 'none', name: HOSTILE.join(' '), features: HOSTILE }),
  };
  const run = (id: string, options: Partial<SampleRunOptions> = {}) => sampleRun({ trades: 300, id, ...options });
  const hostile = { strategyName: HOSTILE.join(' '), settings: { [HOSTILE[0]]: HOSTILE.join(' ') } };
  const comparisons = {
    'compare.html': [run('a', { days: 300 }), run('b'), run('c', { trades: 40 }), run('d'), run('e', { trades: 0 })],
    'compare-hostile.html': [run(HOSTILE[0], hostile), run(HOSTILE[1], { resultR: (pnlR) => pnlR + 0.1 })],
  };
  const sweeps = {
    'sweep.html': sampleSweep(),
    'sweep-hostile.html': sampleSweep({ axes: [{ key: HOSTILE[0], values: HOSTILE }, SAMPLE_AXES[2]], names: HOSTILE }),
  };
  const pages = [
    ...Object.entries(sweeps).map(([name, input]) => [name, reportHtml(renderSweepReport(input))]),
    ...Object.entries(comparisons).map(([name, all]) => [name, reportHtml(buildCompareReport(compareRuns(all)))]),
    ...Object.entries(runs).map(([name, input]) => [name, reportHtml(buildReport(input))]),
    ...Object.entries(models).map(([name, input]) => [name, renderModelReport(input)]),
  ];
  return pages.map(([name, page]) => {
    const path = join(folder, name);
    writeFileSync(path, page);
    return path;
  });
}

async function demoReport(folder: string): Promise<string> {
  let stdout = '';
  const code = await runCli(['demo', '--dir', join(folder, 'demo'), '--json'], {
    stdout: (text) => {
      stdout += text;
    },
    stderr: (text) => void process.stderr.write(text),
    drawsProgress: false,
    cwd: folder,
    env: process.env,
    signal: new AbortController().signal,
  });
  if (code !== 0) throw new Error(`donch demo ended with code ${code}`);
  const { reportPath } = JSON.parse(stdout) as { reportPath: string };
  return reportPath;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options: { out: { type: 'string' } }, allowPositionals: true });
  const name = findChromium() ?? (installChromium() ? findChromium() : null);
  if (name === null) {
    console.log('there is no Chromium here, and it cannot be installed: reports were not opened in a browser');
    return process.env['CI'] === 'true' ? 1 : 0;
  }
  const work = mkdtempSync(join(tmpdir(), 'donch-report-'));
  const out = resolve(values.out ?? join('node_modules', '.cache', 'report-browser'));
  mkdirSync(out, { recursive: true });
  const pages = positionals.length > 0 ? positionals : [await demoReport(work), ...writeSamples(work)];
  const browser = await Chromium.start(name);
  let failed = 0;
  try {
    for (const problem of positionals.length > 0 ? [] : await unseenMistakes(browser, work)) {
      console.log(problem);
      failed += 1;
    }
    for (const page of pages) {
      for (const screen of SCREENS) {
        const shot = join(out, `${basename(page, '.html')}-${screen.name}`);
        const problems = await checkReportPage(browser, { url: pathToFileURL(resolve(page)).href, screen, shot });
        for (const problem of problems) console.log(`${basename(page)} at ${screen.width} px: ${problem}`);
        failed += problems.length;
      }
    }
  } finally {
    await browser.close();
    rmSync(work, { recursive: true, force: true });
  }
  console.log(`${pages.length} reports at ${SCREENS.length} widths, ${failed} problems; screenshots in ${out}`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main();

import { type CommandContext, EXIT, grouped, listenForInterrupt, textTable } from '@donch/cli';
/** `donch data certificate`: the hashes that results carry, and on request the proof that the files hold what they claim. */
import { DonchError, formatDay } from '@donch/core';
import { openStore, resolveUserPath, writeFileAtomic, type SeriesKey, type Store } from '@donch/data';
import { openProject } from '@donch/project';
import { documentOf } from '../cli/documents.ts';
import type { CertificateFlags } from '../commands/data.ts';
import { storeSeries } from './store-series.ts';

interface CertifiedSeries extends SeriesKey {
  readonly rows: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly contentHash: string;
}

interface Problem extends SeriesKey {
  readonly code: string;
  readonly message: string;
}

/** `donch data certificate`; exit code 3 when `--verify` finds a series that is not what it claims. */
export async function dataCertificate(flags: CertificateFlags, context: CommandContext): Promise<number> {
  const { terminal, cwd } = context;
  const project = openProject(flags, context);
  const store = openStore(project.dataFolder);
  const verified = flags.verify === true;
  const keys = storeSeries(store, flags, cwd);
  const { series, problems } = await certifyAll(store, { keys, verified }, context);
  const { hash: storeHash } = await store.certifier.storeHash(series);
  const ok = problems.length === 0;
  const { dataFolder } = project;
  const document = documentOf('data certificate', { ok, dataFolder, verified, storeHash, series, problems });
  terminal.result(hashLines(series).join('\n'));
  for (const { message } of problems) terminal.warn(message);
  terminal.result(`store hash ${storeHash}${verified && ok ? ' (every month decoded and verified)' : ''}`);
  if (flags.out !== undefined) {
    const path = resolveUserPath(cwd, flags.out);
    writeFileAtomic(path, `${JSON.stringify(document, null, 2)}\n`);
    terminal.info(`wrote ${path}`);
  }
  terminal.document(document);
  return ok ? EXIT.ok : EXIT.data;
}

interface CertifyInput {
  readonly keys: readonly SeriesKey[];
  readonly verified: boolean;
}

async function certifyAll(
  store: Store,
  { keys, verified }: CertifyInput,
  { terminal, signal }: CommandContext,
): Promise<{ series: CertifiedSeries[]; problems: Problem[] }> {
  const series: CertifiedSeries[] = [];
  const problems: Problem[] = [];
  const progress = terminal.progress(verified ? 'verifying' : 'looking at', keys.length, 'series');
  for (const { instrumentId, interval } of keys) {
    await listenForInterrupt(signal);
    try {
      const found = await store.certifier.certify(instrumentId, interval, { verify: verified });
      const { rows, firstMs, lastMs, contentHash } = found;
      series.push({ instrumentId, interval, rows, firstMs, lastMs, contentHash });
      progress.advance(1, rows, 'bars');
    } catch (error) {
      // one damaged series does not hide the others
      if (!(error instanceof DonchError)) throw error;
      problems.push({ instrumentId, interval, code: error.code, message: error.message });
    }
  }
  progress.done();
  return { series, problems };
}

function hashLines(series: readonly CertifiedSeries[]): string[] {
  return textTable(
    [{ title: 'series' }, { title: 'from' }, { title: 'to' }, { title: 'rows', align: 'right' }, { title: 'hash' }],
    series.map(({ instrumentId, interval, firstMs, lastMs, rows, contentHash }) => [
      `${instrumentId} ${interval}`,
      rows === 0 ? '-' : formatDay(firstMs),
      rows === 0 ? '-' : formatDay(lastMs),
      grouped(rows),
      contentHash,
    ]),
  );
}

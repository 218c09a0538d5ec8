/** A project with real candles and funding of the shared reference data; they are read in place and never kept. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { documentIn, launchDonch } from './run-donch.ts';

/** A dozen instruments of all kinds: large, small, listed late, with gaps. */
export const REAL_DOZEN = 'BTC ETH SOL DOGE ZEC H CRV INJ TAO WIF XRP AAVE'.split(' ').map((name) => `${name}USDT`);

/** Makes it in an empty folder; `symbols` null = all. Throws when a file is refused. */
export async function makeRealProject(
  folder: string,
  shared: string,
  symbols: readonly string[] | null,
): Promise<void> {
  const candles = join(shared, 'data', 'binance_perp_5m');
  const names =
    symbols?.map((symbol) => `${symbol}.csv.gz`) ?? readdirSync(candles).filter((name) => name.endsWith('.csv.gz'));
  const funding = join(shared, 'data', 'funding', 'binance');
  for (const args of [
    ['init', '.'],
    ['import', ...names.map((name) => join(candles, name)), '--venue', 'binance', '--interval', '5m'],
    ['import', funding, '--kind', 'funding', '--venue', 'binance'],
  ]) {
    const ended = await launchDonch([...args, '--json'], { cwd: folder });
    const refused = ended.code === 0 && args[0] === 'import' ? documentIn(ended)['refusedFiles'] : 0;
    if (ended.code !== 0 || refused !== 0)
      throw new Error(`donch ${args[0]} ended with ${ended.code}, ${String(refused)} files refused: ${ended.stderr}`);
  }
}

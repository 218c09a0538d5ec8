/** On martingales the shipped strategy earns nothing, and a planted leak does: else the test could not see one. */
import { join } from 'node:path';
import { EXIT } from '@donch/cli';
import { checkIn, donch, must, type Json } from './donch.ts';

await checkIn((folder) => {
  donch(['demo'], folder);
  const project = join(folder, 'donch-demo');
  const honest = donch(['null-test', '--seeds', '24'], project);
  must(Number(honest['ciLowR']) <= 0, `the strategy earns on martingales: ${wordsOf(honest)}`);
  const planted = donch(['null-test', '--seeds', '20', '--plant', 'rs_week'], project, EXIT.finding);
  must(Number(planted['ciLowR']) > 0, `the planted leak is not seen: ${wordsOf(planted)}`);
  return [`honest: ${wordsOf(honest)}`, `rs_week: ${wordsOf(planted)}`];
});

function wordsOf({ seeds, trades, meanR, ciLowR, ciHighR }: Json): string {
  const [mean, low, high] = [meanR, ciLowR, ciHighR].map((value) => Number(value).toFixed(3));
  return `${String(seeds)} seeds, ${String(trades)} trades, mean ${mean} R (${low} to ${high})`;
}

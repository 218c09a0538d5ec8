/**
 * The search is not fooled: on martingales the winner of 200 variants passes for skilled in at most one of 8 markets, and a planted
 * mistake is noticed. `npm run test:long -- null-sweep` has 40 markets.
 */
import { EXIT } from '@donch/cli';
import { checkIn, donch, must, timed, type Json } from './donch.ts';

await checkIn((folder) => {
  const [honest, honestTime] = timed(() => donch(['null-test', '--sweep', '--seeds', '8'], folder));
  const { judged, skilled, pbo, pboLow, pboHigh } = honest['sweep'] as Json;
  must(judged === 8 && Number(skilled) <= 1, `luck passes for skill: ${wordsOf(honest)}`);
  must(
    Number(pbo) >= Number(pboLow) && Number(pbo) <= Number(pboHigh),
    `PBO is not about one half: ${wordsOf(honest)}`,
  );
  // three markets have no verdict of their own, which is told by the exit code as well
  const plant = ['--seeds', '3', '--plant', 'rs_week'];
  const [planted, plantedTime] = timed(() => donch(['null-test', '--sweep', ...plant], folder, EXIT.finding));
  const averages = planted['perSeedMeanR'] as readonly number[];
  must(Number(planted['ciLowR']) > 0, `the planted mistake is not seen: ${wordsOf(planted)}`);
  must(
    Math.min(...averages) > Math.max(...(honest['perSeedMeanR'] as readonly number[])),
    'it earns too little to be seen',
  );
  return [`honest, ${honestTime}: ${wordsOf(honest)}`, `rs_week, ${plantedTime}: ${wordsOf(planted)}`];
});

function wordsOf({ meanR, ciLowR, ciHighR, sweep }: Json): string {
  const { variants, judged, skilled, pbo, pboLow, pboHigh } = sweep as Json;
  const [overfit, low, high, mean, from, to] = [pbo, pboLow, pboHigh, meanR, ciLowR, ciHighR].map((value) =>
    Number(value).toFixed(3),
  );
  return `${String(variants)} variants, DSR > 0.95 for ${String(skilled)} of ${String(judged)} winners, PBO ${overfit} (${low} to ${high}), all variants ${mean} R (${from} to ${to})`;
}

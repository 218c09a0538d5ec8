import { expect, it } from 'vitest';
import { documentIn, launchDonch } from './testing/run-donch.ts';
import { temporaryFolder } from './testing/tiny-project.ts';

it('the search among 200 variants finds skill on at most 4 of 40 martingale markets, and overfits in about half of all splits', async () => {
  const folder = temporaryFolder('null-sweep');
  try {
    const ended = await launchDonch(['null-test', '--sweep', '--seeds', '40', '--json'], { cwd: folder.path });
    const { ok, sweep, meanR, ciLowR, ciHighR } = documentIn(ended);
    const { perSeed, ...verdict } = sweep as Readonly<Record<string, unknown>>;
    for (const seed of perSeed as readonly unknown[]) console.log(JSON.stringify(seed));
    console.log(JSON.stringify({ ...verdict, meanR, ciLowR, ciHighR }));
    expect([ok, ended.code]).toEqual([true, 0]);
    expect(verdict).toMatchObject({
      variants: 200,
      judged: 40,
      skilledMax: 4,
      findings: [],
      pboLow: 0.4,
      pboHigh: 0.6,
    });
  } finally {
    folder.remove();
  }
});

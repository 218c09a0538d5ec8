/** Nothing in the shipped strategies looks into the future, and every planted mistake is named. */
import { join } from 'node:path';
import { EXIT } from '@donch/cli';
import { PLANTS } from '../../apps/research-cli/src/commands/lookahead.ts';
import { checkIn, donch, must, type Json } from './donch.ts';

/** What a planted mistake must be named by. */
const NAMED: Readonly<Record<(typeof PLANTS)[number], RegExp>> = {
  rs_week: /^rs_percentile$/,
  htf_open: /^(atr|rsi|adx)_[14]h$/,
  day_open: /^(turnover_median_24h_usd|prior_breakout_)/,
  future_high: /^(touch|entry)/,
  smoothed_regime: /^(markov_prob_up_4h|vol_prob_low_1d)$/,
  same_bar_trail: /^exit/,
};

await checkIn((folder) => {
  donch(['demo'], folder);
  const project = join(folder, 'donch-demo');
  const sample = ['lookahead', '--cuts', '3', '--sample', '6'];
  const lines = ['donch_pullback_long', 'donch_pullback_short'].map((name) => {
    const strategy = join(import.meta.dirname, '..', '..', 'strategies', `${name}.yaml`);
    const clean = donch([...sample, '--strategy', strategy], project);
    must(namesOf(clean).length === 0, `${name} looks into the future: ${namesOf(clean).join(', ')}`);
    const { comparedFeatureValues, comparedTrades } = clean;
    must(Number(comparedFeatureValues) > 1_000, `${name}: only ${String(comparedFeatureValues)} values were compared`);
    return `${name}: 0 leaks in ${String(comparedFeatureValues)} values and ${String(comparedTrades)} trades`;
  });
  for (const plant of PLANTS) {
    const names = namesOf(donch([...sample, '--plant', plant], project, EXIT.finding));
    must(
      names.some((name) => NAMED[plant].test(name)),
      `${plant} is named by ${names.join(', ')} only`,
    );
    lines.push(`${plant}: ${names.join(', ')}`);
  }
  return lines;
});

function namesOf({ leaks }: Json): string[] {
  return (leaks as readonly { readonly name: string }[]).map(({ name }) => name);
}

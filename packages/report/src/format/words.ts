/** Plain words for what tables call by short names. An unknown name stays as it is. */

const EXITS: Readonly<Record<string, string>> = {
  sl: 'initial stop',
  tp: 'final target',
  trail: 'trailing stop',
  break_even: 'stop at the entry price',
  time: 'time exit',
  liquidation: 'liquidation',
  adl: 'auto-deleveraging',
  delisted: 'delisted',
  end_of_data: 'end of the data',
  manual: 'closed by hand',
  emergency: 'emergency exit',
};

/** `initial stop (sl)`, `first target, then trailing stop (tp1+trail)` */
export function exitWords(reason: string): string {
  const hadFirst = reason.startsWith('tp1+');
  const words = EXITS[hadFirst ? reason.slice(4) : reason];
  if (words === undefined) return reason;
  return `${hadFirst ? 'first target, then ' : ''}${words} (${reason})`;
}

const GATES: Readonly<Record<string, string>> = {
  confirm_close: 'the breakout bar did not close beyond the level',
  volume: 'too little volume on the breakout bar',
  rs_percentile_min: 'relative strength below the minimum: others were stronger',
  rs_percentile_max: 'relative strength above the maximum',
  liquidity: 'median turnover of a day below the minimum',
  listing_age_min: 'listed too short a time ago',
  listing_age_max: 'listed too long ago',
  min_atr_frac: 'the price hardly moves: ATR too small',
  regime: 'the regime of the market was down or unknown',
  blacklist: 'the symbol is on the blacklist',
  atr_ready: 'no ATR yet: too little history',
  late_bar: 'the bar arrived after the deadline',
  not_stopped: 'entries were stopped: pause, kill switch or drawdown',
  fresh_data: 'data too old',
  symbol_free: 'the symbol was already held',
  dedup: 'too soon after the last entry of this symbol',
  cooldown: 'too soon after the last exit of this symbol',
  daily_cap: 'enough entries on this day',
  max_open: 'enough open positions',
  meta: 'the model gives too small a probability',
  stop_distance_atr: 'stop too near, in ATR',
  stop_distance_ticks: 'stop too near, in price steps',
  before_liquidation: 'the stop would lie behind the liquidation price',
  risk_usd: 'nothing to risk',
  notional_cap: 'position value above its cap',
  leverage_cap: 'leverage above its cap',
  open_risk_cap: 'open risk of all positions above its cap',
  gross_exposure_cap: 'value of all positions above its cap',
  qty_min: 'quantity below the smallest order of the venue',
  notional_min: 'order value below the smallest of the venue',
};

/** What it means that a gate stopped something; '' for a rule of the strategy file, whose name says it. */
export function gateWords(gate: string): string {
  return GATES[gate] ?? '';
}

/** `1 trade`, `7 trades` */
export function plural(count: number, text: string, word: string): string {
  return `${text} ${word}${count === 1 ? '' : 's'}`;
}

/** Faults of transport and protocol, F1 to F30: what each of them makes of an order, a cancel, a stop and a question. */
import type { Answer, OrderIntent } from '@donch/core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { FAULTS, type FaultMode } from '../loopback/faults.ts';
import {
  RIG_INSTRUMENT,
  RIG_START_MS,
  RIG_SYMBOL,
  SocketLine,
  virtualRig,
  type RigOptions,
  type VenueRig,
} from '../testing/venue-rig.ts';

type Transport = 'inside the process' | 'through ccxt and sockets';

const TRANSPORTS: readonly Transport[] = ['inside the process', 'through ccxt and sockets'];
const CREATE = /POST .*order\/create/;
const FOREVER = 1_000;

let patient: SocketLine;
let impatient: SocketLine;
beforeAll(async () => {
  patient = await SocketLine.open();
  impatient = await SocketLine.open({ isImpatient: true });
});
afterAll(async () => {
  await patient.close();
  await impatient.close();
});

async function rigOn(transport: Transport, options: RigOptions = {}): Promise<VenueRig> {
  if (transport === 'inside the process') return virtualRig(options);
  if (options.recvWindowMs === undefined && options.skewMs === undefined)
    return (options.isImpatient === true ? impatient : patient).rig(options);
  const own = await SocketLine.open(options);
  onTestFinished(() => own.close());
  return own.rig(options);
}

/** Milliseconds that pass for the server while the rig's clock sleeps. */
const asLong = (transport: Transport, ms: number): number => (transport === 'inside the process' ? ms : ms * 50);

const submit = ({ venue, run }: VenueRig, order: OrderIntent): Promise<Answer> => run(() => venue.submit(order));
const requests = ({ exchange }: VenueRig, route: string): number => exchange.truth().requests.get(route) ?? 0;
const exists = ({ exchange }: VenueRig, { clientOrderId }: OrderIntent): boolean => {
  const found = exchange.truth().orders.filter(({ orderLinkId }) => orderLinkId === clientOrderId);
  expect(found.length).toBeLessThanOrEqual(1);
  return found.length === 1;
};

/** Until the order has been matched, and everything that is late has come. */
async function settle({ run, clock }: VenueRig, ms: number): Promise<void> {
  await run(() => clock.sleep(ms));
}

async function answerTo<T>(work: Promise<T>): Promise<T | string> {
  return work.catch((error: unknown) => (error as { code?: string }).code ?? String(error));
}

interface Case {
  readonly id: string;
  readonly mode: FaultMode;
  readonly answer: Answer['kind'];
  readonly exists: boolean;
  readonly trouble?: string;
}

const every = (id: string, answer: Answer['kind'], existing: boolean | 'as executed', trouble?: string): Case[] =>
  FAULTS[id].map((mode) => ({
    id,
    mode,
    answer,
    exists: existing === 'as executed' ? 'executes' in mode && mode.executes : existing,
    ...(trouble === undefined ? {} : { trouble }),
  }));

/** One fault on the request that creates an order. */
const ORDER_CASES: readonly Case[] = [
  ...every('F1', 'unknown', false),
  ...every('F2', 'unknown', true),
  ...every('F3', 'unknown', false),
  ...every('F4', 'unknown', true),
  ...['F5', 'F6', 'F7', 'F8', 'F9', 'F10'].flatMap((id) => every(id, 'unknown', true)),
  ...every('F12', 'unknown', 'as executed'),
  ...every('F13', 'rejected', false, 'venue_halt'),
  ...every('F14', 'rejected', false, 'venue_ban'),
  ...every('F15', 'unknown', false),
  ...every('F16', 'unknown', false),
  { id: 'F17', mode: { kind: 'slow', delayMs: 40 }, answer: 'accepted', exists: true },
  { id: 'F17', mode: { kind: 'slow', delayMs: 260 }, answer: 'unknown', exists: true },
  { id: 'F17', mode: { kind: 'late', delayMs: 260 }, answer: 'unknown', exists: true },
  ...every('F18', 'accepted', true),
  // refused without effect: sent again with the same id, which is then taken
  ...every('F20', 'accepted', true),
  ...every('F21', 'accepted', true),
  ...every('F22', 'unknown', 'as executed'),
  ...every('F23', 'unknown', 'as executed'),
  ...every('F24', 'rejected', false, 'venue_halt'),
  ...every('F25', 'rejected', false, 'venue_halt'),
  ...every('F30', 'unknown', 'as executed'),
];

/** Faults of questions alone (lists), and those that are no rule of the plan. */
const ELSEWHERE = ['F11', 'F19', 'F26', 'F27', 'F28', 'F29'];

it('every fault of transport and protocol has its test', () => {
  const numbers = Array.from({ length: 30 }, (_, at) => `F${at + 1}`);
  expect(new Set([...ORDER_CASES.map(({ id }) => id), ...ELSEWHERE])).toEqual(new Set(numbers));
});

/** The client gives such a request up. */
const isSilent = (mode: FaultMode): boolean =>
  ['hang', 'stalled', 'late'].includes(mode.kind) || (mode.kind === 'slow' && mode.delayMs > 200);

const nameOf = ({ id, mode }: Case): string => {
  const { kind, ...rest } = mode;
  return `${id} ${kind} ${JSON.stringify(rest).slice(0, 70)}`;
};

describe.each(TRANSPORTS)('an order %s', (transport) => {
  it.each(ORDER_CASES.map((one): [string, Case] => [nameOf(one), one]))('%s', async (_, wanted) => {
    const rig = await rigOn(transport, { isImpatient: isSilent(wanted.mode) });
    const order = rig.order();
    rig.faults.add({ id: wanted.id, match: CREATE, mode: wanted.mode });
    const answer = await submit(rig, order);
    expect(answer.kind).toBe(wanted.answer);
    rig.faults.stop();
    if (wanted.mode.kind === 'late') await settle(rig, asLong(transport, 250));
    await settle(rig, 500);
    expect(exists(rig, order)).toBe(wanted.exists);
    expect(rig.troubles.map(({ code }) => code)).toEqual(wanted.trouble === undefined ? [] : [wanted.trouble]);
    if (wanted.trouble === 'venue_ban') return;
    const report = await rig.run(() => rig.venue.lookup(RIG_INSTRUMENT, order.clientOrderId));
    expect(report).toMatchObject(
      wanted.exists ? { kind: 'done', filledQty: 2 } : { kind: wanted.answer === 'rejected' ? 'rejected' : 'absent' },
    );
  });

  it('F16 a redirect is not followed', async () => {
    const rig = await rigOn(transport);
    rig.faults.add({ id: 'F16', match: CREATE, mode: FAULTS['F16'][0] });
    await submit(rig, rig.order());
    expect(requests(rig, 'GET /v5/market/time')).toBe(0);
    expect(requests(rig, 'POST /v5/market/time')).toBe(0);
  });

  it('F14 ends all requests until the ten minutes are over', async () => {
    const rig = await rigOn(transport);
    rig.faults.add({ id: 'F14', match: /./, mode: FAULTS['F14'][0] });
    await submit(rig, rig.order());
    const before = [...rig.exchange.truth().requests];
    expect(await submit(rig, rig.order())).toMatchObject({ kind: 'rejected' });
    expect(await answerTo(rig.run(() => rig.venue.positions()))).toBe('no_answer');
    expect(await answerTo(rig.run(() => rig.venue.setProtection(RIG_INSTRUMENT, STOP)))).toBe('no_answer');
    expect([...rig.exchange.truth().requests]).toEqual(before);
    if (transport !== 'inside the process') return;
    await settle(rig, 10 * 60_000);
    expect(await submit(rig, rig.order())).toEqual({ kind: 'accepted' });
  });

  it('F17 a request that comes after its window is refused', async () => {
    const rig = await rigOn(transport, { recvWindowMs: 100, isImpatient: true });
    const order = rig.order();
    rig.faults.add({ id: 'F17', match: CREATE, mode: { kind: 'late', delayMs: 250 } });
    expect(await submit(rig, order)).toMatchObject({ kind: 'unknown' });
    await settle(rig, asLong(transport, 250));
    expect(requests(rig, 'POST /v5/order/create')).toBe(1);
    expect(exists(rig, order)).toBe(false);
  });

  it('F20 that lasts is a refusal, after one more attempt', async () => {
    const rig = await rigOn(transport);
    const order = rig.order();
    rig.faults.add({ id: 'F20', match: CREATE, mode: FAULTS['F20'][0], count: FOREVER });
    expect(await submit(rig, order)).toMatchObject({ kind: 'rejected' });
    expect([exists(rig, order), rig.faults.happened.get('F20'), rig.troubles]).toEqual([false, 2, []]);
  });

  it.each([-20_000, -4_000, 1_500, 20_000])('F21 a venue whose clock is off by %i ms', async (skewMs) => {
    const rig = await rigOn(transport, { skewMs });
    const order = rig.order();
    expect(await submit(rig, order)).toEqual({ kind: 'accepted' });
    expect([exists(rig, order), rig.troubles]).toEqual([true, []]);
  });

  it('F21 a question for the time that is answered without it leaves the clock as it was', async () => {
    const rig = await rigOn(transport);
    rig.faults.add({ id: 'F21', match: CREATE, mode: FAULTS['F21'][0] });
    rig.faults.add({ id: 'F10', match: /market\/time/, mode: FAULTS['F10'][0], count: FOREVER });
    expect(await submit(rig, rig.order())).toEqual({ kind: 'accepted' });
  });

  it('F24 a refusal without a result is one all the same', async () => {
    const rig = await rigOn(transport);
    const body = '{"retCode":10003,"retMsg":"API key is invalid.","result":null,"time":1}';
    rig.faults.add({ id: 'F24', match: CREATE, mode: { kind: 'replaced', status: 200, body, executes: false } });
    expect(await submit(rig, rig.order())).toMatchObject({ kind: 'rejected' });
    expect(rig.troubles).toMatchObject([{ code: 'venue_halt' }]);
  });

  it('F21 that lasts is a refusal and stops entries', async () => {
    const rig = await rigOn(transport);
    const order = rig.order();
    rig.faults.add({ id: 'F21', match: /order|position/, mode: FAULTS['F21'][0], count: FOREVER });
    expect(await submit(rig, order)).toMatchObject({ kind: 'rejected' });
    expect(exists(rig, order)).toBe(false);
    expect(rig.troubles).toMatchObject([{ code: 'venue_clock', stopsEntries: true }]);
  });

  it('F24 a key that is withdrawn in the middle stops everything but says so', async () => {
    const rig = await rigOn(transport);
    await submit(rig, rig.order());
    rig.exchange.levers.keyProblem = 33004;
    expect(await submit(rig, rig.order())).toMatchObject({ kind: 'rejected' });
    expect(await answerTo(rig.run(() => rig.venue.positions()))).toBe('no_answer');
    expect(new Set(rig.troubles.map(({ code }) => code))).toEqual(new Set(['venue_halt']));
  });

  it.each<[string, (rig: VenueRig) => void, Partial<OrderIntent>]>([
    [
      'tick',
      ({ market }) => Object.assign(market.instrument(RIG_SYMBOL) ?? {}, { tickSize: '0.5' }),
      { protection: { stopPrice: 90.01, targetPrice: null } },
    ],
    [
      'quantity step',
      ({ market }) => Object.assign(market.instrument(RIG_SYMBOL) ?? {}, { qtyStep: '1' }),
      { qty: 1.5 },
    ],
    ['least quantity', ({ market }) => Object.assign(market.instrument(RIG_SYMBOL) ?? {}, { minOrderQty: '5' }), {}],
    [
      'least notional',
      ({ market }) => Object.assign(market.instrument(RIG_SYMBOL) ?? {}, { minNotionalValue: '5000' }),
      {},
    ],
  ])('F26 an instrument whose %s has changed: refused, and the rules are asked for', async (_, change, order) => {
    const rig = await rigOn(transport);
    change(rig);
    const wanted = rig.order(order);
    expect(await submit(rig, wanted)).toMatchObject({ kind: 'rejected' });
    expect(exists(rig, wanted)).toBe(false);
    expect(rig.troubles).toMatchObject([{ code: 'venue_rules', stopsEntries: false }]);
  });

  it('an id that exists is never a second order', async () => {
    const rig = await rigOn(transport);
    const order = rig.order();
    rig.faults.add({ id: 'F4', match: CREATE, mode: FAULTS['F4'][0] });
    expect(await submit(rig, order)).toMatchObject({ kind: 'unknown' });
    expect(await submit(rig, order)).toMatchObject({ kind: 'unknown' });
    await settle(rig, 500);
    expect(rig.exchange.truth()).toMatchObject({ duplicatesRefused: 1 });
    expect(rig.exchange.truth().positions.get(RIG_SYMBOL)).toBe(2);
  });
});

describe('inside the process', () => {
  it('F20 an order that has expired meanwhile is not sent again', async () => {
    const rig = await rigOn('inside the process');
    const expiring = rig.order({ expiresMs: rig.clock.nowMs() + 50 });
    rig.faults.add({ id: 'F17', match: CREATE, mode: { kind: 'slow', delayMs: 90 } });
    rig.exchange.levers.planRefusal(10006, 'Too many visits. Exceeded the API Rate Limit.');
    expect(await submit(rig, expiring)).toMatchObject({ kind: 'rejected' });
    expect([exists(rig, expiring), requests(rig, 'POST /v5/order/create')]).toEqual([false, 1]);
  });
});

const STOP = { stopPrice: 95, targetPrice: 130 };
const LASTING = [
  'F1',
  'F3',
  'F5',
  'F6',
  'F7',
  'F8',
  'F9',
  'F10',
  'F12',
  'F13',
  'F14',
  'F15',
  'F16',
  'F20',
  'F21',
  'F22',
  'F23',
  'F24',
  'F29',
  'F30',
];
const PASSING = [
  'F1',
  'F3',
  'F5',
  'F6',
  'F7',
  'F8',
  'F9',
  'F10',
  'F12',
  'F15',
  'F16',
  'F18',
  'F20',
  'F21',
  'F22',
  'F23',
  'F29',
  'F30',
];

/** On sockets each hanging request takes its deadline: that it does is shown with orders. */
const HANGING = ['F1', 'F2', 'F6'];
const quick = (transport: Transport, ids: readonly string[]): readonly string[] =>
  ids.filter((id) => transport === 'inside the process' || !HANGING.includes(id));

describe.each(TRANSPORTS)('a question %s', (transport) => {
  it.each(quick(transport, LASTING))('%s that lasts is no answer, and never an empty one', async (id) => {
    const rig = await rigOn(transport);
    const order = rig.order();
    await submit(rig, order);
    await settle(rig, 500);
    rig.faults.add({ id, match: /GET .*(order|position|execution)/, mode: FAULTS[id][0], count: FOREVER });
    const questions = [
      () => rig.venue.positions(),
      () => rig.venue.openOrders(),
      () => rig.venue.fills(RIG_START_MS),
      () => rig.venue.lookup(RIG_INSTRUMENT, order.clientOrderId),
    ];
    // on sockets every attempt takes its time
    for (const question of transport === 'inside the process' ? questions : questions.slice(0, 1))
      expect(await answerTo(rig.run<unknown>(question))).toBe('no_answer');
  });

  it.each(quick(transport, PASSING))('%s is asked again', async (id) => {
    const rig = await rigOn(transport);
    const order = rig.order();
    await submit(rig, order);
    await settle(rig, 500);
    rig.faults.add({ id, match: /GET .*(order|position|execution)/, mode: FAULTS[id][0] });
    expect(await rig.run(() => rig.venue.positions())).toMatchObject([{ qty: 2, protection: { stopPrice: 90 } }]);
    expect(rig.faults.happened.get(id)).toBe(1);
    expect(rig.troubles).toEqual([]);
  });

  it('F11 an order that cannot be seen yet is absent, which is no proof', async () => {
    const rig = await rigOn(transport);
    rig.exchange.levers.setVisibilityLag(600_000);
    const order = rig.order();
    expect(await submit(rig, order)).toEqual({ kind: 'accepted' });
    await settle(rig, 500);
    const lookup = () => rig.run(() => rig.venue.lookup(RIG_INSTRUMENT, order.clientOrderId));
    expect([await lookup(), await rig.run(() => rig.venue.positions())]).toEqual([{ kind: 'absent' }, []]);
    rig.exchange.levers.setVisibilityLag(0);
    expect(await lookup()).toEqual({ kind: 'done', filledQty: 2 });
  });

  it('F27 reads every page', async () => {
    const rig = await rigOn(transport, { exchange: { rateLimits: false } });
    rig.exchange.levers.planFate({ for: 'entry', parts: 230 });
    await submit(rig, rig.order());
    for (let k = 0; k < 60; k += 1) await submit(rig, rig.order({ type: 'limit', limitPrice: 95, qty: 0.01 }));
    await settle(rig, 500);
    const fills = await rig.run(() => rig.venue.fills(RIG_START_MS));
    expect([fills.length, new Set(fills.map(({ execId }) => execId)).size]).toEqual([230, 230]);
    expect(fills.reduce((sum, { qty }) => sum + qty, 0)).toBeCloseTo(2, 9);
    expect((await rig.run(() => rig.venue.openOrders())).length).toBe(60);
  });

  it('F27 a page that fails is no answer for the whole', async () => {
    const rig = await rigOn(transport);
    rig.exchange.levers.planFate({ for: 'entry', parts: 230 });
    await submit(rig, rig.order());
    await settle(rig, 500);
    rig.faults.add({ id: 'F7', match: /execution\/list/, mode: FAULTS['F7'][0], skip: 1, count: FOREVER });
    expect(await answerTo(rig.run(() => rig.venue.fills(RIG_START_MS)))).toBe('no_answer');
  });

  it.each(FAULTS['F28'])('F28 $change count once and in their order', async (mode) => {
    const rig = await rigOn(transport);
    rig.exchange.levers.planFate({ for: 'entry', parts: 4 });
    const order = rig.order();
    const resting = rig.order({ type: 'limit', limitPrice: 95 });
    await submit(rig, order);
    await submit(rig, resting);
    await settle(rig, 500);
    const clean = await rig.run(() => rig.venue.fills(RIG_START_MS));
    rig.faults.add({ id: 'F28', match: /GET/, mode, count: FOREVER });
    expect(await rig.run(() => rig.venue.fills(RIG_START_MS))).toEqual(clean);
    expect(await rig.run(() => rig.venue.positions())).toMatchObject([{ qty: 2 }]);
    expect(await rig.run(() => rig.venue.openOrders())).toMatchObject([{ clientOrderId: resting.clientOrderId }]);
    // rows of the order are gone: what it traded tells
    rig.faults.stop();
    rig.faults.add({ id: 'F28', match: /execution\/list/, mode, count: FOREVER });
    rig.faults.add({
      id: 'F11',
      match: /GET .*order\//,
      mode: { kind: 'changed', change: 'empty_list' },
      count: FOREVER,
    });
    expect(await rig.run(() => rig.venue.lookup(RIG_INSTRUMENT, order.clientOrderId))).toEqual({
      kind: 'done',
      filledQty: 2,
    });
  });
});

describe('F29 texts for numbers, and empty ones', () => {
  const replaceBy = (rig: VenueRig, match: RegExp, list: readonly unknown[]): void => {
    const body = JSON.stringify({ retCode: 0, retMsg: 'OK', result: { list, nextPageCursor: '' }, time: RIG_START_MS });
    rig.faults.add({ id: 'F29', match, mode: { kind: 'replaced', status: 200, body, executes: true }, count: FOREVER });
  };
  const position = { symbol: RIG_SYMBOL, side: 'Buy', size: '2', avgPrice: '100', stopLoss: '', takeProfit: '' };

  it.each<[string, Record<string, unknown>]>([
    ['an empty size', { ...position, size: '' }],
    ['a size that is no number', { ...position, size: 'two' }],
    ['no size', { ...position, size: undefined }],
    ['no price', { ...position, avgPrice: '' }],
    ['an unknown side', { ...position, side: 'Both' }],
    ['no symbol', { ...position, symbol: undefined }],
  ])('a position with %s is no answer', async (_, row) => {
    const rig = await rigOn('inside the process');
    replaceBy(rig, /position\/list/, [row]);
    expect(await answerTo(rig.run(() => rig.venue.positions()))).toBe('no_answer');
  });

  it('a position without stop and target has none', async () => {
    const rig = await rigOn('inside the process');
    replaceBy(rig, /position\/list/, [position]);
    expect(await rig.run(() => rig.venue.positions())).toMatchObject([{ qty: 2, protection: null }]);
  });

  it.each<[string, Record<string, unknown>]>([
    ['an unknown state', { orderStatus: 'Sleeping', cumExecQty: '0' }],
    ['no quantity', { orderStatus: 'Filled', cumExecQty: '' }],
    ['a rejection that traded', { orderStatus: 'Rejected', cumExecQty: '1' }],
  ])('an order with %s is no answer', async (_, row) => {
    const rig = await rigOn('inside the process');
    const { clientOrderId } = rig.order();
    replaceBy(rig, /order\/realtime/, [{ symbol: RIG_SYMBOL, orderLinkId: clientOrderId, side: 'Buy', ...row }]);
    expect(await answerTo(rig.run(() => rig.venue.lookup(RIG_INSTRUMENT, clientOrderId)))).toBe('no_answer');
  });
});

/** What a change that is no order comes to. */
interface ChangeCase {
  readonly id: string;
  readonly mode: FaultMode;
  readonly isDone: boolean;
}

const UNCLEAR: readonly ChangeCase[] = [
  'F1',
  'F2',
  'F3',
  'F4',
  'F5',
  'F6',
  'F7',
  'F8',
  'F9',
  'F10',
  'F12',
  'F15',
  'F16',
  'F22',
  'F23',
  'F30',
]
  .flatMap((id) => FAULTS[id].map((mode) => ({ id, mode })))
  .map(({ id, mode }) => ({ id, mode, isDone: !('executes' in mode) || mode.executes }));
const REFUSED = ['F13', 'F14', 'F24', 'F25'];

const unclearOn = (transport: Transport): [string, ChangeCase][] =>
  UNCLEAR.filter(({ id }) => quick(transport, [id]).length > 0).map((one) => [caseName(one), one]);

const caseName = ({ id, mode: { kind, ...rest } }: ChangeCase): string =>
  `${id} ${kind} ${JSON.stringify(rest).slice(0, 60)}`;

describe.each(TRANSPORTS)('a cancel %s', (transport) => {
  async function resting(): Promise<{ readonly rig: VenueRig; readonly order: OrderIntent }> {
    const rig = await rigOn(transport);
    const order = rig.order({ type: 'limit', limitPrice: 95 });
    expect(await submit(rig, order)).toEqual({ kind: 'accepted' });
    await settle(rig, 500);
    return { rig, order };
  }
  const isOpen = async ({ run, venue }: VenueRig): Promise<boolean> => (await run(() => venue.openOrders())).length > 0;

  it.each(unclearOn(transport))('%s', async (_, { id, mode, isDone }) => {
    const { rig, order } = await resting();
    rig.faults.add({ id, match: /order\/cancel/, mode });
    expect(await rig.run(() => rig.venue.cancel(RIG_INSTRUMENT, order.clientOrderId))).toMatchObject({
      kind: 'unknown',
    });
    expect(await isOpen(rig)).toBe(!isDone);
  });

  it.each(REFUSED)('%s', async (id) => {
    const { rig, order } = await resting();
    rig.faults.add({ id, match: /order\/cancel/, mode: FAULTS[id][0] });
    expect(await rig.run(() => rig.venue.cancel(RIG_INSTRUMENT, order.clientOrderId))).toMatchObject({
      kind: 'rejected',
    });
    expect(rig.exchange.truth().orders).toMatchObject([{ status: 'New' }]);
  });

  it('of an order that has ended is unknown: it may have traded', async () => {
    const { rig, order } = await resting();
    const cancel = () => rig.venue.cancel(RIG_INSTRUMENT, order.clientOrderId);
    expect(await rig.run(cancel)).toEqual({ kind: 'accepted' });
    expect(await rig.run(cancel)).toMatchObject({ kind: 'unknown' });
  });
});

describe.each(TRANSPORTS)('a stop %s', (transport) => {
  async function held(): Promise<VenueRig> {
    const rig = await rigOn(transport);
    await submit(rig, rig.order());
    await settle(rig, 500);
    return rig;
  }
  const stopOf = async ({ run, venue }: VenueRig): Promise<unknown> =>
    (await run(() => venue.positions()))[0].protection;
  const set = ({ run, venue }: VenueRig): Promise<Answer> => run(() => venue.setProtection(RIG_INSTRUMENT, STOP));

  it.each(unclearOn(transport))('%s: the position tells', async (_, { id, mode, isDone }) => {
    const rig = await held();
    rig.faults.add({ id, match: /trading-stop/, mode });
    expect((await set(rig)).kind).toBe(isDone ? 'accepted' : 'unknown');
    expect(await stopOf(rig)).toEqual(isDone ? STOP : { stopPrice: 90, targetPrice: 130 });
  });

  it.each(REFUSED)('%s', async (id) => {
    const rig = await held();
    rig.faults.add({ id, match: /trading-stop/, mode: FAULTS[id][0] });
    expect(await set(rig)).toMatchObject({ kind: 'rejected' });
  });

  it('that is there already is accepted', async () => {
    const rig = await held();
    expect(await set(rig)).toEqual({ kind: 'accepted' });
    expect(await set(rig)).toEqual({ kind: 'accepted' });
  });

  it('of no position is refused', async () => {
    const rig = await rigOn(transport);
    expect(await set(rig)).toMatchObject({ kind: 'rejected' });
  });

  it('that the price has passed is refused', async () => {
    const rig = await held();
    rig.market.trade(RIG_SYMBOL, rig.clock.nowMs(), 94);
    expect(await set(rig)).toMatchObject({ kind: 'rejected' });
  });
});

describe('on sockets', () => {
  it('F20 who sends too fast for the venue is told so', async () => {
    const rig = await rigOn('through ccxt and sockets');
    const orders = Array.from({ length: 12 }, () => rig.order({ qty: 0.1 }));
    const answers = await rig.run(() => Promise.all(orders.map((order) => rig.venue.submit(order))));
    expect(rig.exchange.truth().rateLimitViolations).toBeGreaterThan(0);
    for (const [at, order] of orders.entries()) expect(exists(rig, order)).toBe(answers[at].kind === 'accepted');
    expect(answers.filter(({ kind }) => kind === 'unknown')).toEqual([]);
    expect(answers.filter(({ kind }) => kind === 'accepted').length).toBeGreaterThanOrEqual(10);
  });

  it('F18 a connection that the server closes while it is idle costs no order', async () => {
    const rig = await rigOn('through ccxt and sockets');
    for (let k = 0; k < 3; k += 1) {
      expect(await submit(rig, rig.order({ qty: 0.1 }))).toEqual({ kind: 'accepted' });
      rig.server?.http.closeAllConnections();
      await new Promise((resolve) => void setTimeout(resolve, 20));
    }
    expect(rig.exchange.truth().orders.length).toBe(3);
  });

  it('F19 a server that is down is no answer, and knows everything when it is up again', async () => {
    const rig = await rigOn('through ccxt and sockets');
    const [first, second] = [rig.order(), rig.order()];
    await submit(rig, first);
    await settle(rig, 500);
    const port = Number(new URL(rig.server?.url ?? '').port);
    await rig.server?.close();
    expect(await submit(rig, second)).toMatchObject({ kind: 'unknown' });
    expect(await answerTo(rig.venue.positions())).toBe('no_answer');
    await new Promise<void>((resolve) => void rig.server?.http.listen(port, '127.0.0.1', resolve));
    expect(await rig.venue.positions()).toMatchObject([{ qty: 2 }]);
    expect(await rig.venue.lookup(RIG_INSTRUMENT, second.clientOrderId)).toEqual({ kind: 'absent' });
  });

  it('no request takes longer than its deadline, whatever the body does', async () => {
    const rig = await rigOn('through ccxt and sockets', { isImpatient: true });
    const startedMs = performance.now();
    rig.faults.add({ id: 'F6', match: /./, mode: FAULTS['F6'][0], count: FOREVER });
    await submit(rig, rig.order());
    expect(performance.now() - startedMs).toBeLessThan(600);
  });
});

export { openProject, openSettings, readText, type ProjectContext, type SettingsContext } from './project-context.ts';
export {
  compileStrategies,
  SHIPPED_STRATEGIES,
  shippedStrategy,
  strategyInputs,
  type StrategyInput,
} from './strategies.ts';
export { resolveUniverse, survivorshipLine, symbolsOfFlag } from './universe.ts';
export { tradingSettings, type TradingMarket, type TradingSettings } from './trading-settings.ts';
export { instrumentsOf, marketOf, tradedMarket, type TradedMarket } from './traded-market.ts';
export {
  againWhileDataChange,
  checkEvents,
  checkPinned,
  hashEvents,
  pinData,
  readEvents,
  type PinnedData,
} from './pinned-data.ts';
export { minuteBarsOf, minuteSeries } from './minute-bars.ts';
export { codeIdentity } from './identity.ts';
export { prepareRegimes, type FittedRegimes } from './regimes.ts';
export { researchWindow, tellHoldout } from './research-window.ts';
export { readEndMs, scanWindow, type OpenSpan } from './scan-window.ts';
export { scannedInstruments } from './scanned-instruments.ts';

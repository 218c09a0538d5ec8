// The data folder: candles, funding, instruments, certificates
export { openStore, openStoreForWrite, type Store, type StoreOptions, type StoreWriter } from './store.ts';
export type { CandleStore, ReadRange } from './candle-store.ts';
export type {
  CandleWriter,
  CompactReport,
  InstrumentBar,
  MergeOptions,
  MergeReport,
  OnRevision,
} from './candle-writer.ts';
export type { RevisedBar } from './candle-merge.ts';
export type { AppendReport } from './tail-log.ts';
export type { TailIndex } from './tail-index.ts';
export type { TailRepair } from './tail-repair.ts';
export { barProblem, checkBar, checkCandles, type BarCheck } from './candle-rules.ts';
export { candlesHash } from './candle-month.ts';
export type { EventMergeReport } from './event-store.ts';
export type { FundingStore, FundingWriter } from './funding-store.ts';
export type { RevisedEvent } from './event-merge.ts';
export type { RegimeSeriesKey } from './regime-store.ts';
export type { InstrumentMergeReport, InstrumentStore, InstrumentWriter } from './instrument-store.ts';
export type { Certificate, Certifier, CertifyOptions, HashedSeries, StoreHash } from './certificate.ts';
export type { Stretch } from './month-facts.ts';
export type { SeriesKey } from './store-paths.ts';
export { lockStore, releaseAllLocks, type StoreLock } from './store-lock.ts';

// Tables and files
export {
  decodeTable,
  encodeTable,
  formatOf,
  readTable,
  readTableWithReport,
  tableHash,
  writeTable,
  type DecodeOptions,
  type FileMetadata,
  type ReadTable,
  type TableFormat,
  type WrittenFile,
} from './table-io.ts';
export {
  copyFileAtomic,
  isLeftOver,
  makeFolder,
  namesIn,
  removeStaleTemporaries,
  settleFolder,
  writeFileAtomic,
  type AtomicWriteOptions,
} from './atomic-file.ts';
export { renameOver } from './platform.ts';
export { ioError, withIoErrors } from './io-error.ts';

// Journals
export { JournalWriter, readJournal, type JournalContent } from './journal-file.ts';

// Trials
export { TrialLedger, type RecordReport, type TrialFilter } from './trial-ledger.ts';
export { drawnTrials } from './ledger-selection.ts';
export {
  countHoldout,
  readHoldoutLooks,
  recordHoldoutLook,
  type HoldoutCount,
  type HoldoutLook,
} from './holdout-log.ts';
export {
  configurationIdOf,
  trialIdOf,
  type Trial,
  type TrialIdentity,
  type TrialMoments,
  type TrialReturns,
} from './ledger-record.ts';

// Runs and projects
export {
  RunStore,
  publishRun,
  type FinishedRun,
  type Publication,
  type Run,
  type RunDraft,
  type RunLookup,
} from './run-folder.ts';
export { runIdOf, type RunFile, type RunIdentity, type RunManifest } from './run-manifest.ts';
export { hashSources, type SourceHash } from './source-hash.ts';
export { CONFIG_NAME, findProject, resolveUserPath, type Project } from './project.ts';
export { parseSymbols, readSymbolsFile, type ListedSymbol, type SymbolsFile } from './symbols-file.ts';

// Import of foreign files
export { importFiles, type ImportProgress, type ImportRequest } from './import/import-files.ts';
export { planImport, type ImportPlan, type PlannedFile } from './import/plan-import.ts';
export {
  COLUMN_ROLES,
  TIME_UNITS,
  parseColumnsOption,
  type ColumnRole,
  type ImportKind,
  type ImportOptions,
  type TimeUnit,
} from './import/import-options.ts';
export type {
  Coverage,
  FileContent,
  FileReport,
  ImportReport,
  InferredSteps,
  StoreEffect,
} from './import/import-report.ts';
export { importReportJson, renderImportPlan, renderImportReport } from './import/render-report.ts';
export {
  IMPORT_RULES,
  severityOf,
  type Finding,
  type ImportMode,
  type ImportRule,
  type Severity,
} from './import/rules.ts';
export type { CandleMergeReport, CandleTarget, EventMergeCounts, ImportSink } from './import/import-sink.ts';
export { MemorySink } from './import/memory-sink.ts';
export { StoreSink, type WritableStore } from './import/store-sink.ts';

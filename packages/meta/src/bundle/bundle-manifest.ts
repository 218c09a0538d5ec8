/** What a bundle says about itself: the model's features, what it is bound to, how it was trained, and the hash of every file. */
import type { EncodedFeature } from '../dataset/feature-encoding.ts';
import type { GbdtParams } from '../trainer/gbdt-params.ts';

/** Raised when a bundle of this version cannot be read as one of the version before; a newer one is refused. */
export const BUNDLE_SCHEMA_VERSION = 1;

/** Files of a bundle besides `manifest.json`; all of them are hashed in it. What else lies in the folder is nobody's business. */
export const BUNDLE_FILES = [
  'model.onnx',
  'model.txt',
  'feature_names.json',
  'ohe.json',
  'calibrator.json',
  'config_snapshot.json',
  'pstar.txt',
  'oos_predictions.parquet',
  'walk_forward.parquet',
  'metrics.csv',
  'ev_curve.csv',
  'importance.csv',
  'drift_reference.json',
  'run_args.json',
  'parity.json',
  'report.html',
] as const;
export type BundleFile = (typeof BUNDLE_FILES)[number];

/** What a model may be used with. Another set-up or universe is refused; other filters and exits are warnings. */
export interface BundleBinding {
  readonly strategyId: string;
  readonly setupHash: string;
  readonly filterHash: string;
  readonly exitHash: string;
  readonly universeHash: string | null;
  readonly venue: string;
  readonly interval: string;
}

export interface BundleManifest {
  readonly schemaVersion: number;
  readonly binding: BundleBinding;
  /** In the order of the registry; the encoded row follows from it. */
  readonly features: readonly EncodedFeature[];
  /** Numbers are NaN where a model was imported and they are not known, as those of `training`. */
  readonly label: {
    /** `unknown`: imported. */
    readonly target: string;
    readonly mfeK: number;
    readonly rThreshold: number;
    /** Share of positives among the training rows. */
    readonly baseRateFrac: number;
  };
  readonly training: {
    readonly rows: number;
    readonly fromMs: number;
    /** Last decision. */
    readonly toMs: number;
    /** End of the last label, always known: before it the model may have seen outcomes. */
    readonly labelEndMs: number;
    /** Hashes of the candles and of the signals table; null: imported, not known. */
    readonly candlesHash: string | null;
    readonly signalsHash: string | null;
    /** Null: imported. */
    readonly params: GbdtParams | null;
    readonly seed: number | null;
  };
  readonly pstar: {
    /** 17 significant digits; null = no p*. */
    readonly value: string | null;
    /** `chosen` on evidence, `user` = `--pstar`, `none` with its reason in `note`. */
    readonly source: 'chosen' | 'user' | 'none';
    readonly note: string;
  };
  /** `trained` here or `imported` from a file. */
  readonly origin: 'trained' | 'imported';
  readonly versions: { readonly donch: string; readonly node: string };
  /** SHA-256 of every file. A bundle that was imported lacks those that only a training makes. */
  readonly files: Readonly<Partial<Record<BundleFile, string>>>;
}

/** One row of `parity.json`: what the model must answer, bit by bit. */
export interface ParityRow {
  /** By feature; null = missing number, `inf` and `-inf` what JSON has no number for. A category that the model does not know is text like any other. */
  readonly features: Readonly<Record<string, number | string | null>>;
  readonly margin: number;
  readonly pRaw: number;
  readonly p: number;
}

/** Keeps a process alive through promises that ccxt drops on the floor, and through nothing else. */

/** Frames of ccxt's streams. A message is sent without anybody waiting for it, so its failure belongs to nobody. */
const CCXT_STREAMS = /[\\/]ccxt[\\/]js[\\/]src[\\/](?:base[\\/]ws|pro)[\\/]/;

/**
 * Installs the handler of unhandled rejections: those out of ccxt's streams are reported, all others end the process as they would
 * without it. Returns how to take it off again.
 */
export function guardProcess(onProblem: (text: string) => void): () => void {
  const handle = (reason: unknown): void => {
    if (!isStray(reason)) throw reason;
    onProblem(`a stray rejection of ccxt: ${reason.message}`);
  };
  process.on('unhandledRejection', handle);
  return () => {
    process.off('unhandledRejection', handle);
  };
}

function isStray(reason: unknown): reason is Error {
  return reason instanceof Error && CCXT_STREAMS.test(reason.stack ?? '');
}

/** What a command may touch of its process, as values: `main.ts` gives the real ones, a test its own. */
export interface CliIo {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** True when stderr is a terminal: then progress is drawn. */
  readonly drawsProgress: boolean;
  /** Folder that relative paths of flags count from. */
  readonly cwd: string;
  readonly env: Readonly<NodeJS.Dict<string>>;
  /** Aborted by Ctrl-C: stop at the next safe point. */
  readonly signal: AbortSignal;
}

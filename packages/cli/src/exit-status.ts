/** The exit codes themselves; apart from what maps errors to them, so that `--help` needs nothing else. */
export const EXIT = {
  ok: 0,
  /** A bug: anything that is not an error of the kinds below. */
  bug: 1,
  /** Command line, configuration, strategy file. */
  usage: 2,
  /** Data: missing, damaged, refused. */
  data: 3,
  /** A check did its work and found something: a leak, a null test that is not null, a failed `doctor`. */
  finding: 4,
  /** Disk full, store locked, no permission: try again when that is mended. */
  resource: 5,
  interrupted: 130,
} as const;

/** What each code says, for docs/CLI.md. */
export const EXIT_TEXT: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: 'done',
  bug: 'a bug in DONCH: a stack is printed, please report it',
  usage: 'command line, configuration, symbols.txt or strategy file: mend the input',
  data: 'data missing, damaged or refused; an import that refused a file',
  finding: 'a check did its work and found something: a leak, a null test above 0, a failed check of `doctor`',
  resource: 'disk full, store locked by another process, no permission: the same command works once that is mended',
  interrupted: 'Ctrl-C or SIGTERM; nothing is half-written',
};

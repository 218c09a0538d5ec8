/** Keeps everything an import found on disk: `findings.csv` with every finding, `rejected.csv` with every row left out. */

import { closeSync, existsSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { formatCsvTime } from '@donch/core';
import { withIoErrors } from '../io-error.ts';
import type { FindingSink } from './finding-log.ts';
import { type Finding, severityOf } from './rules.ts';

const FINDINGS_HEADER = 'file,line,last_line,lines,rule,severity,count,bar,message,text\n';
const REJECTED_HEADER = 'file,line,rule,text\n';

/** Text is written in pieces of this size, so that a file with a million bad rows needs no memory for them. */
const BUFFER_CHARS = 1 << 16;

/** The two files of one import; they and their folder are made when there is something to write. */
export class FindingFiles {
  readonly #findings: TextFile;
  readonly #rejected: TextFile;

  /** `folder` gets a number behind it when it exists: an earlier import's files are never overwritten. */
  constructor(folder: string) {
    const unused = unusedFolder(folder);
    this.#findings = new TextFile(unused, 'findings.csv', FINDINGS_HEADER);
    this.#rejected = new TextFile(unused, 'rejected.csv', REJECTED_HEADER);
  }

  /** Receiver for the findings of one imported file. */
  sinkFor(file: string): FindingSink {
    return {
      finding: (finding) => this.#findings.write(findingLine(file, finding)),
      rejected: ({ line, rule, text }) => this.#rejected.write(csvLine([file, String(line), rule, text])),
    };
  }

  /** Paths of the files that were written, null for those that were not needed. */
  close(): { readonly findingsFile: string | null; readonly rejectsFile: string | null } {
    return { findingsFile: this.#findings.close(), rejectsFile: this.#rejected.close() };
  }
}

function unusedFolder(folder: string): string {
  let unused = folder;
  for (let number = 2; existsSync(unused); number += 1) unused = `${folder}-${number}`;
  return unused;
}

class TextFile {
  readonly #folder: string;
  readonly #path: string;
  readonly #header: string;
  #fd = -1;
  #text = '';

  constructor(folder: string, name: string, header: string) {
    this.#folder = folder;
    this.#path = join(folder, name);
    this.#header = header;
  }

  write(line: string): void {
    if (this.#fd < 0) {
      this.#fd = withIoErrors(this.#path, 'write the findings', () => {
        mkdirSync(this.#folder, { recursive: true });
        return openSync(this.#path, 'wx');
      });
      this.#text = this.#header;
    }
    this.#text += line;
    if (this.#text.length > BUFFER_CHARS) this.#flush();
  }

  close(): string | null {
    if (this.#fd < 0) return null;
    this.#flush();
    closeSync(this.#fd);
    this.#fd = -1;
    return this.#path;
  }

  #flush(): void {
    const bytes = Buffer.from(this.#text, 'utf8');
    withIoErrors(this.#path, 'write the findings', () => {
      for (let at = 0; at < bytes.length;) at += writeSync(this.#fd, bytes, at);
    });
    this.#text = '';
  }
}

function findingLine(file: string, finding: Finding): string {
  const { line, lastLine, lines, rule, count, timeMs, message, text } = finding;
  const bar = Number.isNaN(timeMs) ? '' : formatCsvTime(timeMs);
  const places = [String(line), String(lastLine), lines.join(' ')];
  return csvLine([file, ...places, rule, severityOf(rule), String(count), bar, message, text]);
}

function csvLine(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(',')}\n`;
}

function csvCell(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

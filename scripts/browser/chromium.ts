/** A browser of its own for checks: found or installed, driven over its debugging protocol, ended with everything it has written. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'chrome'];

/** Name of a Chromium on this machine; null = there is none. `CHROMIUM` names another one. */
export function findChromium(): string | null {
  const named = process.env['CHROMIUM'];
  const names = named === undefined ? NAMES : [named];
  return names.find((name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0) ?? null;
}

/** Installs Debian's Chromium where that is possible without asking anybody: as root with apt-get. */
export function installChromium(): boolean {
  if (process.getuid?.() !== 0) return false;
  const apt = (args: readonly string[]): boolean =>
    spawnSync('apt-get', args, { stdio: ['ignore', 2, 2] }).status === 0;
  const packages = ['install', '-y', '--no-install-recommends', 'chromium'];
  return apt(packages) || (apt(['update']) && apt(packages));
}

/** Nothing that leaves the machine, and nothing that needs a screen. */
const FLAGS = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
  '--hide-scrollbars',
  '--remote-debugging-port=0',
];

type Message = {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly sessionId?: string;
};
type Answer = Message & { readonly result?: unknown; readonly error?: { readonly message: string } };
type Listener = (method: string, params: Record<string, unknown>) => void;

/** Longest wait for an answer of the browser. */
const ANSWER_MAX_MS = 60_000;

export class Chromium {
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  readonly #listeners = new Map<string, Listener>();
  #sent = 0;

  private constructor(parts: { process: ChildProcess; folder: string; socket: WebSocket }) {
    this.#process = parts.process;
    this.#folder = parts.folder;
    this.#socket = parts.socket;
    this.#socket.addEventListener('message', ({ data }) => this.#receive(JSON.parse(String(data)) as Answer));
  }

  static async start(name: string): Promise<Chromium> {
    const folder = mkdtempSync(join(tmpdir(), 'donch-browser-'));
    const child = spawn(name, [...FLAGS, `--user-data-dir=${folder}`, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const socket = new WebSocket(await endpointOf(child));
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener('open', () => resolve());
      socket.addEventListener('error', () => reject(new Error('the browser does not answer')));
    });
    return new Chromium({ process: child, folder, socket });
  }

  /** A new page; `listener` hears its events. Answers of `send` are what the protocol says. */
  async open(listener: Listener): Promise<(method: string, params?: object) => Promise<unknown>> {
    const target = (await this.#send('Target.createTarget', { url: 'about:blank' })) as { targetId: string };
    const attached = { targetId: target.targetId, flatten: true };
    const { sessionId } = (await this.#send('Target.attachToTarget', attached)) as { sessionId: string };
    this.#listeners.set(sessionId, listener);
    return (method, params = {}) => this.#send(method, params, sessionId);
  }

  #send(method: string, params: object, sessionId?: string): Promise<unknown> {
    this.#sent += 1;
    const id = this.#sent;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${method}: no answer`)), ANSWER_MAX_MS);
      const settle = (end: () => void): void => {
        clearTimeout(timer);
        this.#waiting.delete(id);
        end();
      };
      this.#waiting.set(id, {
        resolve: (value) => settle(() => resolve(value)),
        reject: (error) => settle(() => reject(error)),
      });
      this.#socket.send(JSON.stringify({ id, method, params, ...(sessionId !== undefined && { sessionId }) }));
    });
  }

  #receive({ id, method, params, sessionId, result, error }: Answer): void {
    if (id === undefined) {
      this.#listeners.get(sessionId ?? '')?.(method ?? '', (params ?? {}) as Record<string, unknown>);
    } else if (error === undefined) this.#waiting.get(id)?.resolve(result);
    else this.#waiting.get(id)?.reject(new Error(error.message));
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#socket.close();
    this.#process.kill();
    await ended;
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

/** Waits for the line in which the browser says where it listens. */
function endpointOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const [, url] = /DevTools listening on (ws:\S+)/.exec(said) ?? [];
      if (url !== undefined) resolve(url);
    });
    child.on('error', reject);
    child.on('exit', () => reject(new Error(`the browser ended at once:\n${said}`)));
  });
}

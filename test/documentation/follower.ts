import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import v8Flags from '../../local/v8-flags.json' with { type: 'json' };
import { bundled } from '../../scripts/bundle-sources.mjs';
import { binaries } from '../support/binaries.ts';

const root = path.resolve(import.meta.dirname, '../..');

/**
 * A shell in an empty directory of its own, in which the commands of a page are followed one block after the other: what one exports, the next one
 * has. `npx logplane` and `npm start` are the program of this checkout; a host that they start has a free port and goes on in the background, and
 * where a page says `127.0.0.1:7443` it is meant. `await using` stops it all.
 */
export class Follower {
  readonly #dir = mkdtempSync(path.join(tmpdir(), 'logplane-docs-'));

  static async start(): Promise<Follower> {
    return new Follower(await bundled(root, 'local/cli.ts'));
  }

  private constructor(program: string) {
    const bin = path.join(this.#dir, 'bin');
    mkdirSync(path.join(this.#dir, 'home'));
    mkdirSync(path.join(this.#dir, 'work'));
    mkdirSync(bin);
    for (const [name, file] of Object.entries(binaries(35)!)) symlinkSync(file, path.join(bin, name));
    for (const folder of ['examples', 'docs']) symlinkSync(path.join(root, folder), path.join(this.#dir, 'work', folder));
    this.#script('logplane', LOGPLANE(`'${process.execPath}' ${v8Flags.join(' ')}`, program));
    this.#script('npx', 'while [ "$1" != logplane ]; do shift; done; shift; exec logplane "$@"');
    this.#script('npm', 'case "$1 $2 $3" in "start --"*) shift 2; exec logplane up "$@";; "run -s logplane") shift 4; exec logplane "$@";; esac; exit 2');
  }

  /** Runs a block. Rejects with what it wrote when a command of it fails. */
  async follow(text: string): Promise<string> {
    const port = this.#read('port');
    const commands = port ? text.replaceAll('127.0.0.1:7443', `127.0.0.1:${port.trim()}`) : text;
    const state = path.join(this.#dir, 'state');
    // The state is kept however the block ends, and the code is that of the command that failed.
    const script = `set -eo pipefail\n[ -f ${state} ] && . ${state}\ncd ${this.#dir}/work\n${commands}\nexport -p >${state}\n`;
    const child = spawn('bash', ['-c', script], { env: this.#env, stdio: ['ignore', 'pipe', 'pipe'] });
    const code = new Promise<number | null>((resolve) => child.once('close', resolve));
    const [out, err] = await Promise.all([textOf(child.stdout), textOf(child.stderr)]);
    if ((await code) !== 0) throw new Error(`${commands}\nended with ${await code}:\n${out}${err}`);
    return out;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const pid of (this.#read('pids') ?? '').split('\n').filter(Boolean)) {
      try {
        process.kill(Number(pid), 'SIGTERM');
        while (existsSync(`/proc/${pid}`) && !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z '))
          await new Promise((resolve) => setTimeout(resolve, 20));
      } catch {
        // It has ended.
      }
    }
    rmSync(this.#dir, { recursive: true, force: true, maxRetries: 5 });
  }

  get #env(): NodeJS.ProcessEnv {
    const home = path.join(this.#dir, 'home');
    const places = [path.join(this.#dir, 'bin'), path.dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'];
    return { HOME: home, PATH: places.join(':'), NO_COLOR: '1', LANG: 'C.UTF-8', DOCS: this.#dir };
  }

  #script(name: string, text: string): void {
    const file = path.join(this.#dir, 'bin', name);
    writeFileSync(file, `#!/bin/bash\n${text}\n`);
    chmodSync(file, 0o755);
  }

  #read(name: string): string | undefined {
    const file = path.join(this.#dir, name);
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  }
}

/** The program; of `up` it returns when the host serves. The last `--port` counts. */
const LOGPLANE = (node: string, program: string) => `
[ "$1" = up ] || exec ${node} ${program} "$@"
log=$(mktemp $DOCS/up-XXXX)
${node} ${program} "$@" --port 0 >$log 2>&1 </dev/null &
echo $! >>$DOCS/pids
until grep -q '^Serving' $log; do kill -0 $! 2>/dev/null || { cat $log; exit 1; }; sleep 0.05; done
grep -om1 '127.0.0.1:[0-9]*' $log | cut -d: -f2 >$DOCS/port
cat $log`;
